//! Who is let in at the door of a stack: nobody from elsewhere, and what a caller claims of where they are is worth nothing.

use api::{Page, Problem, audit::AuditEntry};
use e2e::person::{PASSWORD, Person};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Where nobody of this test is.
const CLAIMED: &str = "203.0.113.9";
/// As the kernel lists sockets: their state, and 127.0.0.1, ::1 and ::ffff:127.0.0.1.
const LISTENING: &str = "0A";
const LOOPBACK: [&str; 3] = [
    "0100007F",
    "00000000000000000000000001000000",
    "0000000000000000FFFF00000100007F",
];

#[tokio::test]
async fn what_a_client_claims_of_its_address_is_not_in_the_audit() {
    let ana = Person::register("edge").await;
    let http = Client::new();
    let ask = |method: Method, path: &str| {
        http.request(
            method,
            format!("{}{path}", e2e::url().trim_end_matches('/')),
        )
        .header("X-Forwarded-For", CLAIMED)
        .header("X-Forwarded-For", format!("{CLAIMED}, 198.51.100.1"))
        .header("X-Real-IP", CLAIMED)
        .header("Forwarded", format!("for={CLAIMED}"))
    };
    let login = json!({ "email": ana.email, "password": PASSWORD });
    let answer = ask(Method::POST, "/api/v1/auth/token").json(&login);
    let tokens: Value = answer.send().await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let name = json!({ "name": "Somebody else" });
    let renamed = ask(Method::PATCH, "/api/v1/auth/me").bearer_auth(token);
    assert_eq!(renamed.json(&name).send().await.unwrap().status(), 200);

    let answer = ask(Method::GET, "/api/v1/audit").bearer_auth(token);
    let page: Page<AuditEntry> = answer.send().await.unwrap().json().await.unwrap();
    for action in ["login", "change_me"] {
        assert!(page.items.iter().any(|entry| entry.action == action));
    }
    for entry in &page.items {
        assert!(e2e::is_here(entry.address.as_deref()), "{entry:?}");
    }
}

/// What the edge answers to these bytes: its head in lower case, and its body.
async fn raw(bytes: &[u8]) -> (String, String) {
    let url: reqwest::Url = e2e::url().parse().unwrap();
    let port = url.port_or_known_default().unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    // What it does not read of a request it answers with a reset, after its own words.
    stream.read_to_end(&mut answer).await.ok();
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), body.to_owned())
}

#[tokio::test]
async fn what_the_edge_answers_by_itself_is_a_problem_with_its_request_s_id() {
    let long = "a".repeat(20_000);
    for (request, status, header) in [
        (
            "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            405,
            "allow: get, head",
        ),
        (
            "TRACE /api/v1/clusters HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(),
            405,
            "allow: get, head, post",
        ),
        ("no request\r\n\r\n".to_owned(), 400, ""),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), 400, ""),
        (format!("GET /{long} HTTP/1.1\r\nHost: a\r\n\r\n"), 414, ""),
        (
            format!("GET / HTTP/1.1\r\nHost: a\r\nX-Long: {long}\r\n\r\n"),
            431,
            "",
        ),
    ] {
        let (head, body) = raw(request.as_bytes()).await;
        let what = &request[..request.len().min(40)];
        assert!(
            head.starts_with(&format!("http/1.1 {status} ")),
            "{what:?}: {head}"
        );
        assert!(
            head.contains("content-type: application/problem+json"),
            "{what:?}: {head}"
        );
        assert!(head.contains(header), "{what:?}: {head}");
        let problem: Problem = serde_json::from_str(&body).unwrap();
        assert_eq!(problem.status, status, "{what:?}");
        let id = problem.request_id.unwrap();
        assert!(
            head.contains(&format!("x-request-id: {id}")),
            "{what:?}: {head}"
        );
    }
}

#[tokio::test]
async fn checks_pass_the_edge_however_old_they_are() {
    for (request, empty) in [("GET", false), ("HEAD", true)] {
        let asked = format!("{request} /health HTTP/1.0\r\nX-Request-Id: check-1\r\n\r\n");
        let (head, body) = raw(asked.as_bytes()).await;
        assert!(head.starts_with("http/1.1 200 "), "{head}");
        assert_eq!(body.is_empty(), empty, "{body}");
        let named = head.matches("x-request-id: check-1").count();
        assert_eq!(named, 1, "{head}");
    }
}

/// The stack's own ports, as it found them.
#[test]
fn everything_listens_on_the_loopback() {
    let settings = std::fs::read_to_string(e2e::home().join("run/stack.env")).unwrap();
    let ports: Vec<(&str, u16)> = settings
        .lines()
        .filter_map(|line| line.split_once("_PORT="))
        .map(|(name, port)| (name, port.parse().unwrap()))
        .collect();
    assert!(ports.len() > 6, "{settings}");
    let sockets = ["tcp", "tcp6"].map(|kind| std::fs::read_to_string(format!("/proc/net/{kind}")));
    let sockets = sockets.map(Result::unwrap_or_default).concat();
    for (name, port) in ports {
        let listens = |line: &str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (address, at) = words.get(1)?.rsplit_once(':')?;
            let is_it = words[3] == LISTENING && u16::from_str_radix(at, 16) == Ok(port);
            is_it.then(|| address.to_owned())
        };
        let addresses: Vec<String> = sockets.lines().filter_map(listens).collect();
        assert!(!addresses.is_empty(), "nothing is at {name}, {port}");
        for address in addresses {
            assert!(LOOPBACK.contains(&address.as_str()), "{name}: {address}");
        }
    }
}
