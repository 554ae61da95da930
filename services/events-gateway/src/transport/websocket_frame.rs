//! Everything a WebSocket is sent (`/ws`), framed (RFC 6455): its head, events, and the messages beside them.

use std::time::Duration;

use actix_http::ws::{CloseCode, CloseReason, OpCode, Parser};
use api::{
    event::Event,
    socket::{
        CONNECTED, Connected, HEARTBEAT, Heartbeat, RESET, SocketReset, ToClient, VCLUSTER_HEALTH,
        name_of,
    },
};
use bytes::{BufMut, Bytes, BytesMut};
use domain::{Cursor, SessionId, UserId};
use service::{REQUEST_ID, RequestId};

use super::reset_reason::reset_reason;
use crate::end::End;

/// `accept` answers the handshake's key.
pub(crate) fn head(id: &RequestId, accept: &[u8]) -> Bytes {
    let accept = String::from_utf8_lossy(accept);
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n{REQUEST_ID}: {}\r\n\r\n",
        id.as_str()
    )
    .into()
}

/// What an event's messages are called.
#[derive(Debug, Default)]
pub(super) struct EventNames {
    /// The `type` of the message.
    name: &'static str,
    /// What `vcluster:health` says, if this event tells of a cluster's health.
    health: Option<Box<str>>,
}

impl EventNames {
    pub(super) fn of(event: &Event) -> Self {
        Self {
            name: name_of(&event.kind),
            health: health(event),
        }
    }
}

fn health(event: &Event) -> Option<Box<str>> {
    let cluster_id = event.cluster_id?;
    let cluster = event.data.as_ref()?;
    let health = cluster.get("health")?;
    let mut data = serde_json::json!({
        "cluster_id": cluster_id,
        "workspace_id": event.workspace_id,
        "status": event.status,
        "version": event.version,
        "health": health,
    });
    if let Some(components) = cluster.get("components") {
        data["components"] = components.clone();
    }
    Some(data.to_string().into())
}

/// An event's messages, of its JSON; nothing of an event that could not be written.
pub(super) fn event(names: &EventNames, cursor: &[u8], json: &[u8]) -> Bytes {
    if json.is_empty() {
        return Bytes::new();
    }
    let mut out = BytesMut::new();
    put_event(&mut out, names.name, cursor, json);
    if let Some(health) = &names.health {
        put_event(&mut out, VCLUSTER_HEALTH, cursor, health.as_bytes());
    }
    out.freeze()
}

fn put_event(out: &mut BytesMut, name: &str, cursor: &[u8], json: &[u8]) {
    let parts: [&[u8]; 7] = [
        br#"{"type":""#,
        name.as_bytes(),
        br#"","cursor":""#,
        cursor,
        br#"","data":"#,
        json,
        b"}",
    ];
    put_text_header(out, parts.iter().map(|part| part.len()).sum());
    for part in parts {
        out.put_slice(part);
    }
}

/// The head of a server's unfragmented text frame (RFC 6455, 5.2).
fn put_text_header(out: &mut BytesMut, length: usize) {
    out.put_u8(0x81);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short), _) if short < 126 => out.put_u8(short),
        (_, Ok(medium)) => {
            out.put_u8(126);
            out.put_u16(medium);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(length as u64);
        }
    }
}

/// A message that is no event.
pub(crate) fn message<T: serde::Serialize>(kind: &str, data: T) -> Bytes {
    let kind = kind.to_owned();
    match serde_json::to_vec(&ToClient { kind, data }) {
        Ok(json) => {
            let mut out = BytesMut::with_capacity(json.len() + 10);
            put_text_header(&mut out, json.len());
            out.put_slice(&json);
            out.freeze()
        }
        Err(error) => {
            tracing::error!(%error, "a message cannot be written");
            Bytes::new()
        }
    }
}

pub(crate) fn connected(
    user_id: UserId,
    session_id: SessionId,
    cursor: Cursor,
    keep_alive: Duration,
) -> Bytes {
    let data = Connected {
        user_id,
        session_id,
        cursor,
        heartbeat_secs: keep_alive.as_secs().max(1),
    };
    message(CONNECTED, data)
}

pub(crate) fn heartbeat(cursor: Cursor) -> Bytes {
    message(HEARTBEAT, Heartbeat { cursor })
}

/// A heartbeat for the page, and a ping that every WebSocket answers by itself.
pub(crate) fn keep_alive(cursor: Cursor) -> Bytes {
    let mut out = BytesMut::from(heartbeat(cursor).as_ref());
    Parser::write_message(&mut out, [], OpCode::Ping, true, false);
    out.freeze()
}

pub(crate) fn reset(reset: feed::Reset, cursor: Cursor) -> Bytes {
    let reason = reset_reason(reset);
    message(RESET, SocketReset { reason, cursor })
}

/// The close frame with which this side ends a stream.
pub(crate) fn close(end: End) -> Bytes {
    let mut out = BytesMut::new();
    let reason = CloseReason {
        code: CloseCode::Other(end.number()),
        description: Some(end.as_str().to_owned()),
    };
    Parser::write_close(&mut out, Some(reason), false);
    out.freeze()
}

/// A ping is answered with its own data.
pub(super) fn pong(data: &[u8]) -> Bytes {
    control(OpCode::Pong, data)
}

/// A close frame is answered with its own code.
pub(super) fn close_reply(data: &[u8]) -> Bytes {
    control(OpCode::Close, &data[..data.len().min(2)])
}

fn control(code: OpCode, data: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    Parser::write_message(&mut out, data, code, true, false);
    out.freeze()
}
