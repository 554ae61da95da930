//! An event as each transport sends it: written once, shared by everybody who is sent it.

use std::{io::Write, ops::Range, sync::OnceLock};

use api::event::Event;
use bytes::{BufMut, Bytes, BytesMut};
use domain::Cursor;

/// How an event reaches a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Transport {
    Sse,
    WebSocket,
}

impl Transport {
    pub(crate) const ALL: [Self; 2] = [Self::Sse, Self::WebSocket];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
        }
    }
}

/// An event in every form it is sent in; the second is made when the first client wants it.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    sse: Bytes,
    /// The event's JSON, and its cursor, inside the SSE frame.
    json: Range<usize>,
    cursor: Range<usize>,
    /// The `type` of the WebSocket's message.
    name: &'static str,
    /// What `vcluster:health` says, if this event tells of a cluster's health.
    health: Option<Box<str>>,
    websocket: OnceLock<Bytes>,
}

impl Frames {
    /// JSON has no line breaks, so one `data:` line is enough.
    pub(crate) fn new(cursor: Cursor, event: &Event) -> Self {
        let mut text = Vec::with_capacity(512);
        let written = write!(text, "id: {cursor}\ndata: ").map_err(serde_json::Error::io);
        let begin = text.len();
        let written = written.and_then(|()| serde_json::to_writer(&mut text, event));
        if let Err(error) = written {
            tracing::error!(%error, %cursor, "an event cannot be written");
            return Self::default();
        }
        let end = text.len();
        text.extend_from_slice(b"\n\n");
        Self {
            sse: text.into(),
            json: begin..end,
            cursor: 4..begin - 7,
            name: api::socket::name_of(&event.kind),
            health: health(event),
            websocket: OnceLock::new(),
        }
    }

    pub(crate) fn of(&self, transport: Transport) -> &Bytes {
        match transport {
            Transport::Sse => &self.sse,
            Transport::WebSocket => self.websocket.get_or_init(|| self.messages()),
        }
    }

    /// What it holds in memory at most.
    pub(crate) fn size(&self) -> usize {
        2 * self.sse.len()
    }

    fn messages(&self) -> Bytes {
        if self.sse.is_empty() {
            return Bytes::new();
        }
        let cursor = &self.sse[self.cursor.clone()];
        let mut out = BytesMut::new();
        message(&mut out, self.name, cursor, &self.sse[self.json.clone()]);
        if let Some(health) = &self.health {
            let name = api::socket::VCLUSTER_HEALTH;
            message(&mut out, name, cursor, health.as_bytes());
        }
        out.freeze()
    }
}

fn message(out: &mut BytesMut, name: &str, cursor: &[u8], json: &[u8]) {
    let parts: [&[u8]; 7] = [
        br#"{"type":""#,
        name.as_bytes(),
        br#"","cursor":""#,
        cursor,
        br#"","data":"#,
        json,
        b"}",
    ];
    text_header(out, parts.iter().map(|part| part.len()).sum());
    for part in parts {
        out.put_slice(part);
    }
}

/// The head of a server's unfragmented text frame (RFC 6455, 5.2).
fn text_header(out: &mut BytesMut, length: usize) {
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

/// A message that is not an event, framed.
pub(crate) fn text<T: serde::Serialize>(message: &T) -> Bytes {
    match serde_json::to_vec(message) {
        Ok(json) => {
            let mut out = BytesMut::with_capacity(json.len() + 10);
            text_header(&mut out, json.len());
            out.put_slice(&json);
            out.freeze()
        }
        Err(error) => {
            tracing::error!(%error, "a message cannot be written");
            Bytes::new()
        }
    }
}

/// One SSE frame with a name of its own.
pub(crate) fn named<T: serde::Serialize>(name: &str, cursor: Cursor, data: &T) -> Bytes {
    match serde_json::to_string(data) {
        Ok(data) => format!("event: {name}\nid: {cursor}\ndata: {data}\n\n").into(),
        Err(error) => {
            tracing::error!(%error, name, "a frame cannot be written");
            Bytes::new()
        }
    }
}
