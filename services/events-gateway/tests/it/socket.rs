//! `/ws`: the door, subscriptions, what comes by them, and what is said to whom breaks the rules.

use std::{net::SocketAddr, time::Duration};

use api::event::{AccessChanged, Audience, Event, kind};
use domain::{Role, TaskId, WorkspaceId};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use testkit::{eventually, within};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use crate::{
    HOST, SOON, World, cluster,
    gateway::{Person, changed, grants},
    organization, session, user,
};

/// A WebSocket as a browser would use it.
pub(crate) struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    pub(crate) async fn open(world: &World, token: &str) -> Self {
        let (mut socket, connected) = Self::greeted(world, token).await;
        assert_eq!(connected["type"], "connected");
        // Whatever follows is asked for.
        socket.send(json!({ "type": "heartbeat" })).await;
        assert_eq!(socket.next().await["type"], "heartbeat");
        socket
    }

    /// The same at another replica.
    pub(crate) async fn open_at(address: SocketAddr, token: &str) -> Self {
        let mut socket = Self(Self::ask_at(address, token).await.unwrap());
        socket.said("connected").await;
        socket
    }

    async fn greeted(world: &World, token: &str) -> (Self, Value) {
        let mut socket = Self(Self::ask(world, token).await.unwrap());
        let connected = socket.next().await;
        (socket, connected)
    }

    async fn ask(
        world: &World,
        token: &str,
    ) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
        Self::ask_at(world.service().address(), token).await
    }

    async fn ask_at(
        address: SocketAddr,
        token: &str,
    ) -> Result<WebSocketStream<TcpStream>, tungstenite::Error> {
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        let bearer = format!("Bearer {token}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        let stream = TcpStream::connect(address).await.unwrap();
        client_async(request, stream)
            .await
            .map(|(socket, _)| socket)
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    async fn frame(&mut self) -> Message {
        let frame = within(SOON, self.0.next()).await;
        frame
            .expect("something within the time")
            .expect("a frame")
            .unwrap()
    }

    /// The next message that is no heartbeat of the server's own.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Close(frame) => panic!("closed: {frame:?}"),
                _ => {}
            }
        }
    }

    /// The next message of a type; keep-alives pass.
    pub(crate) async fn said(&mut self, kind: &str) -> Value {
        loop {
            let message = self.next().await;
            if message["type"] == kind {
                return message;
            }
            assert_eq!(message["type"], "heartbeat", "not {kind}: {message}");
        }
    }

    pub(crate) async fn ask_for(&mut self, topic: &str, id: String, more: Value) -> Value {
        let mut data = json!({ "id": id });
        data.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        self.send(json!({ "type": format!("subscribe:{topic}"), "data": data }))
            .await;
        let said = self.said("subscribed").await;
        assert_eq!(said["data"]["topic"], topic);
        said["data"].clone()
    }

    /// The number it is closed with.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(frame) = self.frame().await {
                return frame.expect("a close frame with a reason").code.into();
            }
        }
    }

    /// Reads to the end, and answers a close frame on the way.
    pub(crate) async fn ended(&mut self) {
        let end = async { while let Some(Ok(_)) = self.0.next().await {} };
        within(SOON, end).await.expect("an end");
    }
}

fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::from_u128(number))
}

/// An event of a workspace and its cluster, of the same number.
fn of(number: u128, version: i64) -> Event {
    Event {
        workspace_id: Some(workspace(number)),
        data: Some(json!({ "health": "OK", "components": { "node": "OK" }, "version": version })),
        ..changed(organization(1), cluster(number), version)
    }
}

async fn happen(world: &World, event: Event) {
    let audience = Audience::Organization {
        organization_id: organization(1),
        least_role: Role::Viewer,
    };
    let position = world.gateway.commit(audience, event);
    world.gateway.publish(position).await;
}

async fn world() -> World {
    let world = World::new().await;
    world.gateway.person("anna", 1, &[organization(1)]);
    world.gateway.person("ben", 2, &[organization(2)]);
    world
}

/// CVE-2024-28179: what HTTP asked for, the WebSocket beside it did not.
#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_enter_is_told_before_the_upgrade() {
    let world = World::with(|config| config.streams_per_user = 1).await;
    world.gateway.person("anna", 1, &[organization(1)]);
    let status = |asked: Result<_, tungstenite::Error>| match asked {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => 101,
    };
    assert_eq!(status(Socket::ask(&world, "nobody").await), 401);
    let open = Socket::ask(&world, "anna").await;
    assert_eq!(status(Socket::ask(&world, "anna").await), 429);
    drop(open);
    eventually(SOON, || async {
        (status(Socket::ask(&world, "anna").await) == 101).then_some(())
    })
    .await;
    let plain = world.url("/ws");
    let plain = reqwest::Client::new().get(plain).bearer_auth("anna");
    assert_eq!(plain.send().await.unwrap().status(), 400);
}

/// CVE-2024-28179, CVE-2023-0957, CVE-2023-26114: the cookie let a page elsewhere open a WebSocket, and an
/// upgrade on a path that is no WebSocket's went past what that path asks for.
#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_is_asked_what_every_request_is_asked() {
    let world = world().await;
    let person = Person {
        user: user(1),
        session: session(1),
        grants: grants(&[organization(1)], Role::Member),
        lives: Duration::from_secs(3600),
    };
    world.gateway.know("cookie:secret", person);
    let http = reqwest::Client::new();
    let upgrade = |path: &str| {
        http.get(world.url(path))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
    };
    let cookie = || {
        let request = upgrade("/ws").header("host", HOST);
        request.header("cookie", "labyard=secret")
    };
    let status = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(
        status(cookie().header("origin", "http://labyard.localhost:3000")).await,
        101
    );
    for origin in [
        "null",
        "https://evil.example",
        "http://labyard.localhost:3000.evil.example",
        "http://localhost:9999",
        "http://127.0.0.1:8080",
        "https://labyard.localhost:3000",
        "http://evil.localhost:3000",
        "http://labyard.localhost:3001x",
        "http://localhost:3000",
        "http://127.0.0.1:3000",
    ] {
        assert_eq!(
            status(cookie().header("origin", origin)).await,
            403,
            "{origin}"
        );
    }
    let site = cookie().header("sec-fetch-site", "cross-site");
    assert_eq!(status(site).await, 403);
    assert_eq!(status(upgrade("/ws")).await, 401);
    for path in ["/api/v1/events", "/readyz", "/ws/more", "/nothing"] {
        let asked = upgrade(path).bearer_auth("anna");
        assert_ne!(status(asked).await, 101, "{path}");
        assert_ne!(status(upgrade(path)).await, 101, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_greeting_heartbeats_and_answers_to_whatever_is_sent() {
    let world = world().await;
    let (mut socket, connected) = Socket::greeted(&world, "anna").await;
    assert_eq!(connected["type"], "connected");
    assert_eq!(connected["data"]["user_id"], user(1).to_string());
    assert_eq!(connected["data"]["cursor"], world.gateway.cursor());
    socket.said("heartbeat").await;
    for (sent, code) in [
        (json!({ "type": "dance" }), "malformed"),
        (
            json!({ "type": "subscribe:moon", "data": { "id": "x" } }),
            "malformed",
        ),
        (json!({ "type": "subscribe:cluster" }), "malformed"),
        (
            json!({ "type": "subscribe:cluster", "data": { "id": "x" } }),
            "not_found",
        ),
        (
            json!({ "type": "subscribe:organization", "data": { "id": organization(2) } }),
            "not_found",
        ),
        (
            json!({ "type": "subscribe:cluster", "data": { "id": cluster(1), "types": ["moon.rose"] } }),
            "invalid",
        ),
        (json!("no message"), "malformed"),
    ] {
        let about = sent.get("type").cloned().unwrap_or_default();
        socket.send(sent).await;
        let error = socket.said("error").await;
        assert_eq!(error["data"]["code"], code, "{error}");
        assert_eq!(
            error["data"].get("about").cloned().unwrap_or_default(),
            about
        );
    }
    // And still it is used.
    socket
        .ask_for("organization", organization(1).to_string(), json!({}))
        .await;
    happen(&world, of(1, 7)).await;
    assert_eq!(socket.said("workspace:status").await["data"]["version"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_topic_brings_its_own_and_nothing_is_sent_unasked() {
    let world = world().await;
    let mut socket = Socket::open(&world, "anna").await;
    happen(&world, of(1, 1)).await;
    socket
        .ask_for("workspace", workspace(2).to_string(), json!({}))
        .await;
    socket
        .ask_for(
            "cluster",
            cluster(3).to_string(),
            json!({ "types": ["task.*"] }),
        )
        .await;
    let task = TaskId::from_uuid(uuid::Uuid::from_u128(4));
    socket.ask_for("task", task.to_string(), json!({})).await;
    for number in 1..=3 {
        happen(&world, of(number, 10 + number as i64)).await;
    }
    let step = |number, version| Event {
        kind: kind::TASK_STEP_BEGAN.into(),
        task_id: Some(task),
        ..of(number, version)
    };
    happen(&world, step(3, 20)).await;
    happen(&world, step(1, 21)).await;
    let status = socket.said("workspace:status").await;
    assert_eq!(status["data"]["version"], 12);
    let health = socket.said("vcluster:health").await;
    assert_eq!(health["data"]["health"], "OK");
    assert_eq!(health["data"]["components"]["node"], "OK");
    assert_eq!(health["cursor"], status["cursor"]);
    // Once, though two subscriptions want it.
    assert_eq!(socket.said("task:progress").await["data"]["version"], 20);
    socket.said("vcluster:health").await;
    assert_eq!(socket.said("task:progress").await["data"]["version"], 21);
    socket.said("vcluster:health").await;
    let id = task.to_string();
    socket
        .send(json!({ "type": "unsubscribe:task", "data": { "id": id } }))
        .await;
    socket.said("unsubscribed").await;
    happen(&world, step(1, 22)).await;
    happen(&world, of(2, 23)).await;
    assert_eq!(socket.said("workspace:status").await["data"]["version"], 23);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_since_a_cursor_misses_nothing_on_any_replica() {
    let mut world = world().await;
    let ours = || organization(1).to_string();
    let mut socket = Socket::open(&world, "anna").await;
    socket.ask_for("organization", ours(), json!({})).await;
    happen(&world, of(1, 1)).await;
    let cursor = socket.said("workspace:status").await["cursor"].clone();
    world.stop().await;
    assert_eq!(socket.closed().await, 4000);
    for version in 2..=40 {
        world.gateway.commit(
            Audience::Organization {
                organization_id: organization(1),
                least_role: Role::Viewer,
            },
            Event {
                data: None,
                ..of(version as u128 % 3, version)
            },
        );
    }
    world.start().await;
    let mut socket = Socket::open(&world, "anna").await;
    let subscribed = socket
        .ask_for("organization", ours(), json!({ "since": cursor }))
        .await;
    assert_eq!(subscribed["cursor"], cursor);
    for version in 2..=40 {
        assert_eq!(
            socket.said("workspace:status").await["data"]["version"],
            version
        );
    }
    // What is kept nowhere, or is nowhere, is a reset of that one subscription.
    for (since, reason) in [("0000000b-1", "other_incarnation"), ("x", "unreadable")] {
        let since = json!({ "since": since });
        let subscribed = socket
            .ask_for("workspace", workspace(1).to_string(), since)
            .await;
        assert_eq!(subscribed["reset"], reason);
        assert_eq!(subscribed["cursor"], world.gateway.cursor());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_filter_what_is_subscribed_to_and_end_with_the_session() {
    let world = world().await;
    let mut anna = Socket::open(&world, "anna").await;
    let mut ben = Socket::open(&world, "ben").await;
    for socket in [&mut anna, &mut ben] {
        socket
            .ask_for("workspace", workspace(1).to_string(), json!({}))
            .await;
    }
    happen(&world, of(1, 1)).await;
    anna.said("workspace:status").await;
    let change = |person, session_ended, organizations: &[_]| AccessChanged {
        user_id: user(person),
        session_ended,
        grants: Some(grants(organizations, Role::Member)),
    };
    world.gateway.access(change(1, None, &[])).await;
    world
        .gateway
        .access(change(2, None, &[organization(1)]))
        .await;
    happen(&world, of(1, 2)).await;
    assert_eq!(ben.said("workspace:status").await["data"]["version"], 2);
    world.gateway.access(change(1, Some(session(1)), &[])).await;
    loop {
        match anna.frame().await {
            Message::Text(text) => {
                let message: Value = serde_json::from_str(&text).unwrap();
                assert_ne!(message["data"]["version"], 2, "taken away before");
            }
            Message::Close(frame) => {
                assert_eq!(u16::from(frame.unwrap().code), 4100);
                break;
            }
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_breaks_the_rules_is_closed_with_a_number() {
    let world = World::with(|config| config.tuning.keep_alive = Duration::from_secs(60)).await;
    world.gateway.person("anna", 1, &[organization(1)]);
    let mut large = Socket::open(&world, "anna").await;
    large.send(json!({ "type": "x".repeat(5_000) })).await;
    assert_eq!(large.closed().await, 4200);
    let mut many = Socket::open(&world, "anna").await;
    // More than it may say in ten seconds.
    for _ in 0..400 {
        if many.0.send(Message::text("{}")).await.is_err() {
            break;
        }
    }
    assert_eq!(many.closed().await, 4201);
    let mut binary = Socket::open(&world, "anna").await;
    binary.0.send(Message::binary(vec![1, 2, 3])).await.unwrap();
    assert_eq!(binary.closed().await, 4202);
    let mut greedy = Socket::open(&world, "anna").await;
    for number in 0..64 {
        greedy
            .ask_for("cluster", cluster(number).to_string(), json!({}))
            .await;
    }
    let one_more = json!({ "id": cluster(64) });
    greedy
        .send(json!({ "type": "subscribe:cluster", "data": one_more }))
        .await;
    assert_eq!(greedy.said("error").await["data"]["code"], "quota_exceeded");
    drop((large, many, binary, greedy));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goodbye_is_answered_and_frees_everything() {
    let world = world().await;
    let mut socket = Socket::open(&world, "anna").await;
    socket
        .ask_for("workspace", workspace(1).to_string(), json!({}))
        .await;
    socket.0.close(None).await.unwrap();
    socket.ended().await;
    eventually(SOON, || async {
        (world.service().footprint() == Default::default()).then_some(())
    })
    .await;
}
