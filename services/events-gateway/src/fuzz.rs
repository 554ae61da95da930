//! What reads a stranger's bytes here, as functions of bytes alone, for `e2e/fuzz`. Each holds what was read against
//! what must be true of it; nothing of a running service calls them.

use std::{sync::Arc, time::Instant};

use actix_http::ws::{OpCode, Parser};
use actix_web::{http::header, test::TestRequest, web};
use api::{
    Timestamp,
    bus::{AdmitReply, Credential, Logged},
    event::{Audience, Event, Grants, OrganizationGrant, kind},
};
use bytes::{Bytes, BytesMut};
use chrono::{DateTime, Utc};
use domain::{Cursor, EventId, Incarnation, OrganizationId, Role, SessionId, UserId};
use serde_json::Value;
use service::{OriginOptions, Origins};
use url::Url;

use crate::{
    credential::{self, Query},
    end::Fault,
    hub::{Kinds, Next, Shard, Start, StreamKey, Subscriptions, TOPICS_MAX, Wants},
    metric::Metrics,
    stream_thread,
    transport::{
        EventFrames, Transport, framed,
        websocket_incoming::{Incoming, Received},
    },
};

/// Bytes of one message, as `docs/events.md` has it.
const MESSAGE_MAX: usize = 4 << 10;
/// Messages at once.
const BURST: usize = 100;
/// Where the log is, and how much of it is there.
const HERE: Incarnation = Incarnation(1);
const LAST: u64 = 20;

/// What a WebSocket's client sends: however the bytes are cut up the same is received, nothing is larger than allowed, and
/// a message that was received is received again when a client sends it. The first byte says how they are cut.
pub fn websocket(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else {
        return;
    };
    let whole = receive(bytes, bytes.len().max(1));
    assert_eq!(whole, receive(bytes, usize::from(*size).max(1)));
    let (received, _) = whole;
    assert!(
        received.len() <= BURST,
        "{} messages at once",
        received.len()
    );
    for one in received {
        match one {
            Received::Message(text) => {
                assert!(text.len() <= MESSAGE_MAX, "{} bytes", text.len());
                let mut sent = BytesMut::new();
                Parser::write_message(&mut sent, &text, OpCode::Text, true, true);
                let again = receive(&sent, sent.len());
                assert_eq!(again, (vec![Received::Message(text)], None));
            }
            // A control frame of a server: whole, not masked, and short.
            Received::Ping(frame) => {
                assert_eq!((frame[0], frame.len() - 2), (0x8a, length(&frame)))
            }
            Received::Close(frame) => {
                assert_eq!((frame[0], frame.len() - 2), (0x88, length(&frame)));
                assert!(length(&frame) <= 2);
            }
            Received::Nothing => unreachable!("it is the end"),
        }
    }
}

fn length(frame: &[u8]) -> usize {
    assert!(frame[1] <= 125, "no control frame");
    usize::from(frame[1])
}

/// What is received until the first offence, or a goodbye.
fn receive(bytes: &[u8], size: usize) -> (Vec<Received>, Option<Fault>) {
    let now = Instant::now();
    let mut incoming = Incoming::new(now);
    let mut received = vec![];
    for chunk in bytes.chunks(size) {
        incoming.push(chunk);
        loop {
            match incoming.next(now) {
                Ok(Received::Nothing) => break,
                Ok(last @ Received::Close(_)) => {
                    received.push(last);
                    return (received, None);
                }
                Ok(one) => received.push(one),
                Err(fault) => return (received, Some(fault)),
            }
        }
    }
    (received, None)
}

/// What a client's messages, one a line, are answered: each with one message of a few types, whatever it was; and nothing
/// that happens in an organization which is not the client's reaches it afterwards.
pub fn message(bytes: &[u8]) {
    let mut shard = Shard::new(
        feed::Limits {
            frames: 8,
            bytes: 1 << 20,
        },
        LAST,
    );
    shard.restart(HERE, 0);
    for position in 1..=LAST {
        happen(&mut shard, position, organization(position % 2));
    }
    let Some(key) = join(&mut shard) else {
        panic!("nobody could join");
    };
    let metrics = Metrics::new();
    for line in bytes.split(|byte| *byte == b'\n').take(BURST) {
        let (answer, act) = stream_thread::answer(&mut shard, key, line, epoch(), &metrics);
        match act {
            Some(_) => assert!(answer.is_empty(), "answered and done"),
            None => answered(&shard, line, &answer),
        }
        assert!(shard.topics() <= TOPICS_MAX);
    }
    for position in LAST + 1..=LAST + 4 {
        happen(&mut shard, position, organization(position % 2));
    }
    theirs_alone(&mut shard, key);
}

fn answered(shard: &Shard<EventFrames>, line: &[u8], answer: &Bytes) {
    let Some(text) = text(answer) else {
        panic!("no frame: {answer:?}");
    };
    let said: Value = serde_json::from_slice(text).unwrap_or_default();
    let kind = said["type"].as_str().unwrap_or_default();
    let known = ["subscribed", "unsubscribed", "heartbeat", "error"];
    assert!(known.contains(&kind), "{said}");
    // Control characters of a name are told as what they are.
    assert!(
        text.len() <= 10 * line.len() + 1_024,
        "{} bytes",
        text.len()
    );
    if kind == "subscribed" {
        assert!(shard.topics() > 0, "{said}");
        let ours = organization(0).to_string();
        assert!(said["data"]["topic"] != "organization" || said["data"]["id"] == *ours);
    }
}

/// The text of a server's whole frame.
fn text(frame: &[u8]) -> Option<&[u8]> {
    let (head, length) = match frame.get(1)? {
        126 => (
            4,
            usize::from(u16::from_be_bytes([*frame.get(2)?, *frame.get(3)?])),
        ),
        127 => (
            10,
            usize::try_from(u64::from_be_bytes(frame.get(2..10)?.try_into().ok()?)).ok()?,
        ),
        short => (2, usize::from(*short)),
    };
    let text = frame.get(head..)?;
    (frame[0] == 0x81 && text.len() == length).then_some(text)
}

fn theirs_alone(shard: &mut Shard<EventFrames>, key: StreamKey) {
    // More than there can be to look for.
    for _ in 0..LAST {
        let next = shard.next(key, epoch(), |entry| {
            let position = entry.position;
            assert_eq!(position % 2, 0, "{position} is for others");
            entry.body.of(Transport::WebSocket).len()
        });
        match next {
            Next::Write { upto, level } => shard.wrote(key, upto, level),
            Next::Again | Next::Reset(..) => {}
            _ => return,
        }
    }
}

/// The client's is number 0.
fn organization(number: u64) -> OrganizationId {
    match format!("org_{number:032x}").parse() {
        Ok(id) => id,
        Err(_) => panic!("{number} is no ID"),
    }
}

fn epoch() -> Timestamp {
    DateTime::<Utc>::UNIX_EPOCH.into()
}

fn join(shard: &mut Shard<EventFrames>) -> Option<StreamKey> {
    let of = OrganizationGrant {
        organization_id: organization(0),
        role: Role::Member,
    };
    let admitted = AdmitReply {
        user_id: UserId::from_uuid(Default::default()),
        session_id: SessionId::from_uuid(Default::default()),
        expires_at: DateTime::<Utc>::MAX_UTC.into(),
        grants: Grants {
            organizations: vec![of],
            clusters: vec![],
        },
        only: None,
        at: Cursor {
            incarnation: HERE,
            position: LAST,
        },
    };
    let wants = Wants::Topics(Subscriptions::default());
    let joined = shard.join(&admitted, wants, Start::Now);
    joined.ok().map(|(key, _)| key)
}

fn happen(shard: &mut Shard<EventFrames>, position: u64, organization_id: OrganizationId) {
    let logged = Logged {
        position,
        audience: Audience::Organization {
            organization_id,
            least_role: Role::Viewer,
        },
        event: Event {
            id: EventId::from_uuid(Default::default()),
            kind: kind::CLUSTER_CHANGED.into(),
            time: epoch(),
            organization_id: Some(organization_id),
            workspace_id: Some(domain::WorkspaceId::from_uuid(Default::default())),
            cluster_id: Some(domain::ClusterId::from_uuid(Default::default())),
            task_id: None,
            status: None,
            version: 0,
            data: None,
        },
        trace: None,
    };
    shard.apply(&Arc::new(framed(HERE, logged)), epoch());
}

/// A request for a stream: its query, then a line each for `Authorization`, `Cookie`, `Origin`, `Sec-Fetch-Site`. What is
/// taken for a credential was shown, in the place that it is taken from; a cookie from our own page alone.
pub fn request(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let query = lines
        .next()
        .map(String::from_utf8_lossy)
        .unwrap_or_default();
    let Ok(read) = web::Query::<Query>::from_query(&query) else {
        return;
    };
    let mut read = read.into_inner();
    let (since, types) = (read.since.clone(), read.types.clone().unwrap_or_default());
    if let Start::Since(cursor) = Start::read(since.as_deref()) {
        assert_eq!(since.and_then(|text| text.parse().ok()), Some(cursor));
    }
    if Kinds::named(types.split(',').filter(|name| !name.is_empty())).is_err() {
        assert!(!types.is_empty(), "no type is not one that is unknown");
    }
    let mut request = TestRequest::get();
    let mut shown = vec![];
    let names = ["authorization", "cookie", "origin", "sec-fetch-site"];
    for (name, value) in names.into_iter().zip(lines) {
        if let Ok(value) = header::HeaderValue::from_bytes(value) {
            shown.push((name, String::from_utf8_lossy(value.as_bytes()).into_owned()));
            request = request.insert_header((name, value));
        }
    }
    let token = read.token.as_ref().map(|token| token.expose().to_owned());
    let Ok(public) = Url::parse("https://labs.example.org") else {
        return;
    };
    let of = |name: &str| {
        shown
            .iter()
            .find(|(held, _)| *held == name)
            .map(|(_, value)| &**value)
    };
    let request = request.to_http_request();
    match credential::of(
        &request,
        &mut read,
        &Origins::new(&public, &OriginOptions::default()),
    ) {
        Ok(Credential::Bearer(text)) => {
            let value = of("authorization").unwrap_or_default();
            assert!(value.ends_with(text.expose()) || value.trim_end().ends_with(text.expose()));
        }
        Ok(Credential::Stream(text)) => {
            assert_eq!(Some(text.expose()), token.as_deref());
            // Of another scheme at most, which is not for us.
            assert_eq!(service::bearer(request.headers()), None);
        }
        Ok(Credential::Cookie(text)) => {
            // To the letter: a name that is only read as ours is one that a browser guards for nobody.
            let held = format!("__Host-labyard={}", text.expose());
            let mut cookies = of("cookie")
                .unwrap_or_default()
                .split(';')
                .map(|cookie| cookie.trim_matches([' ', '\t']));
            assert!(cookies.any(|cookie| cookie == held), "{shown:?}");
            let ours = match of("origin") {
                Some(origin) => origin == "https://labs.example.org",
                None => matches!(of("sec-fetch-site"), None | Some("same-origin" | "none")),
            };
            assert!(ours, "{shown:?}");
        }
        Err(_) => {}
    }
}
