//! Who may publish and subscribe what: every identity × every subject, asked of the real server with
//! the real allow-lists, in its own protocol.

use std::time::Duration;

use api::bus::{AcquireReply, AcquireRequest};
use testkit::{Nats, within};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

const ANSWER: Duration = Duration::from_secs(5);

/// Every kind of subject, with who publishes and who subscribes it: `A` the api-gateway, `E` the
/// events-gateway, `1` host h1 and `2` host h2.
const SUBJECTS: [(&str, &str, &str); 34] = [
    ("event.org_1.cluster.created", "A", "E"),
    ("event.none.access.changed", "A", "E"),
    ("event.>", "", "E"),
    ("log.head", "A", "E"),
    ("gateway.events.admit", "E", "A"),
    ("gateway.events.log", "E", "A"),
    ("gateway.events.*", "", "A"),
    ("gateway.host.h1.acquire", "1", "A"),
    ("gateway.host.h1.report", "1", "A"),
    ("gateway.host.h1.inventory", "1", "A"),
    ("gateway.host.h2.acquire", "2", "A"),
    ("gateway.host.h2.report", "2", "A"),
    ("gateway.host.*.report", "", "A"),
    ("presence.org_1", "E", "E"),
    ("presence.*", "", "E"),
    ("work.docker", "A", "12"),
    ("work.*", "", "12"),
    ("host.h1.work", "A", "1"),
    ("host.h2.work", "A", "2"),
    ("host.*.work", "", ""),
    ("host.h1.open", "AE", "1"),
    ("host.h2.open", "AE", "2"),
    ("host.*.open", "", ""),
    ("stream.h1.s.up", "AE", "1"),
    ("stream.h2.s.up", "AE", "2"),
    ("stream.*.*.up", "", ""),
    ("stream.h1.s.down", "1", "AE"),
    ("stream.h2.s.down", "2", "AE"),
    ("_INBOX_api-gateway.x", "", "A"),
    ("_INBOX_events-gateway.x", "", "E"),
    ("_INBOX_host-h1.x", "", "1"),
    ("_INBOX_host-h2.x", "", "2"),
    ("$SYS.REQ.SERVER.PING", "", ""),
    ("anything", "", ""),
];

const IDENTITIES: [(&str, char); 4] = [
    ("api-gateway", 'A'),
    ("events-gateway", 'E'),
    ("host-h1", '1'),
    ("host-h2", '2'),
];

/// One connection that speaks the protocol of a client.
struct Raw(BufReader<TcpStream>);

impl Raw {
    async fn connect(nats: &Nats, user: &str, password: &str) -> Self {
        let url = nats.url();
        let address = url.trim_start_matches("nats://").trim_end_matches('/');
        let mut raw = Self(BufReader::new(TcpStream::connect(address).await.unwrap()));
        let greeting = raw.line().await;
        assert!(greeting.starts_with("INFO "), "{greeting}");
        let who = serde_json::json!({ "user": user, "pass": password, "verbose": false, "pedantic": false });
        raw.send(&format!("CONNECT {who}\r\n")).await;
        raw
    }

    async fn send(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).await.unwrap();
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        within(ANSWER, self.0.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        line.trim().to_owned()
    }

    /// Whether the server takes a command: everything it says of it comes before its PONG.
    async fn takes(&mut self, command: &str) -> bool {
        self.send(&format!("{command}PING\r\n")).await;
        let mut taken = true;
        loop {
            let line = self.line().await;
            match line.as_str() {
                "PONG" => return taken,
                "PING" => self.send("PONG\r\n").await,
                said if said.starts_with("-ERR") => {
                    assert!(said.contains("Permissions Violation"), "{said}");
                    taken = false;
                }
                // What another subscription of this test's hears.
                _ => {}
            }
        }
    }
}

/// NATS-2026-18 too: a rule was got around by subscribing in a group.
#[tokio::test]
async fn everyone_may_what_the_design_says_and_nothing_else() {
    let nats = Nats::start();
    let mut cells = 0;
    for (user, letter) in IDENTITIES {
        let mut raw = Raw::connect(&nats, user, user).await;
        for (subject, publishers, subscribers) in SUBJECTS {
            if !subject.contains(['*', '>']) {
                let taken = raw.takes(&format!("PUB {subject} 0\r\n\r\n")).await;
                assert_eq!(
                    taken,
                    publishers.contains(letter),
                    "{user} publishes {subject}"
                );
                cells += 1;
            }
            let taken = raw.takes(&format!("SUB {subject} {cells}\r\n")).await;
            assert_eq!(
                taken,
                subscribers.contains(letter),
                "{user} subscribes {subject}"
            );
            cells += 1;
            // In a group nobody may hear more.
            let taken = raw.takes(&format!("SUB {subject} q {cells}\r\n")).await;
            assert_eq!(
                taken,
                subscribers.contains(letter),
                "{user} subscribes {subject} in a group"
            );
            cells += 1;
        }
        for all in [">", "*.>", "_INBOX.>", "_INBOX_*.>", "gateway.>", "$SYS.>"] {
            assert!(
                !raw.takes(&format!("SUB {all} {cells}\r\n")).await,
                "{user} hears {all}"
            );
            assert!(
                !raw.takes(&format!("SUB {all} q {cells}\r\n")).await,
                "{user} hears {all} in a group"
            );
            cells += 1;
        }
    }
    assert!(cells > 350, "only {cells} cells");
}

/// The server checks what a caller publishes on, not where it wants the answer: who answers may publish on more.
#[tokio::test]
async fn an_answer_goes_to_its_callers_inbox_alone() {
    let nats = Nats::start();
    let gateway = crate::connect(&nats, "api-gateway").await;
    let stop = CancellationToken::new();
    let (serving, stopped) = (gateway.clone(), stop.clone());
    let server = tokio::spawn(async move {
        let answer = |_, _| async {
            Ok(AcquireReply {
                installation: "i".into(),
                leases: vec![],
            })
        };
        serving
            .serve::<AcquireRequest, _, _>((), 1, stopped, answer)
            .await
    });
    let mut hub = Raw::connect(&nats, "events-gateway", "events-gateway").await;
    assert!(hub.takes("SUB event.> 1\r\n").await);
    let mut host = Raw::connect(&nats, "host-h1", "host-h1").await;
    assert!(host.takes("SUB _INBOX_host-h1.> 1\r\n").await);
    let mut tries = 0;
    // One at a time in order: what the good one is told comes after what the other would have been.
    loop {
        for reply in ["event.none.evil", "_INBOX_host-h1.x"] {
            host.send(&format!(
                "PUB gateway.host.h1.acquire {reply} 2\r\n{{}}\r\n"
            ))
            .await;
        }
        host.send("PING\r\n").await;
        let line = host.line().await;
        if line.starts_with("MSG _INBOX_host-h1.x") {
            break;
        }
        tries += 1;
        assert!(tries < 10_000, "nobody answers: {line}");
    }
    hub.send("PING\r\n").await;
    assert_eq!(hub.line().await, "PONG", "an answer became an event");
    stop.cancel();
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn nobody_comes_in_without_a_name_and_its_password() {
    let nats = Nats::start();
    for (user, password) in [
        ("", ""),
        ("api-gateway", ""),
        ("api-gateway", "host-h1"),
        ("host-h9", "host-h9"),
    ] {
        let mut raw = Raw::connect(&nats, user, password).await;
        raw.send("PING\r\n").await;
        let said = raw.line().await;
        assert!(said.contains("Authorization Violation"), "{user}: {said}");
    }
}

/// CVE-2026-27571 and CVE-2026-27889 (the WebSocket door fell before any login), CVE-2026-33222 and
/// CVE-2025-30215 (JetStream restored into and reached across what was another's), CVE-2026-33246 and
/// NATS-2026-16 (leaf nodes and routes believed what they were told; `no_auth_user`), NATS-2026-18 (deny
/// rules that were got around): the server has none of these doors, and only allow rules.
#[test]
fn the_server_has_no_door_that_nothing_needs() {
    let folder = testkit::root().join("deploy/nats");
    for name in ["nats-server.conf.template", "host.conf.template"] {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let rules: Vec<&str> = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default())
            .collect();
        let rules = rules.join("\n").to_lowercase();
        for word in [
            "websocket",
            "leafnodes",
            "gateway {",
            "cluster {",
            "mqtt",
            "jetstream",
            "no_auth_user",
            "deny",
            "http",
        ] {
            assert!(!rules.contains(word), "{name} has {word}");
        }
        assert!(rules.contains("allow"), "{name} allows nothing");
    }
}
