//! Everything an event stream is sent (Server-Sent Events, `GET /api/v1/events`): its head, and each kind of frame.

use std::{io::Write, ops::Range};

use api::{
    event::{Event, Ready, Reset},
    socket::close,
};
use bytes::Bytes;
use domain::Cursor;
use service::{REQUEST_ID, RequestId};

use super::reset_reason::reset_reason;
use crate::end::End;

/// Milliseconds a browser waits before it comes back.
const RETRY_MILLIS: u64 = 2_000;
/// The same for a crowd that is sent away at once: each waits its own time of these.
const RETRY_SPREAD_MILLIS: Range<u64> = 500..5_000;

pub(crate) const CONTENT: &str = "text/event-stream";

/// Unframed and ended by the connection's end: a stream has no length, and each event goes out
/// just as it is.
pub(crate) fn head(id: &RequestId) -> Bytes {
    format!(
        "HTTP/1.1 200 OK\r\n\
        content-type: {CONTENT}\r\n\
        cache-control: no-cache, no-transform\r\n\
        x-accel-buffering: no\r\n\
        {REQUEST_ID}: {}\r\n\
        connection: close\r\n\r\n",
        id.as_str()
    )
    .into()
}

/// An event's frame, and where its cursor and its JSON are in it.
#[derive(Debug, Default)]
pub(super) struct EventFrame {
    bytes: Bytes,
    cursor: Range<usize>,
    json: Range<usize>,
}

impl EventFrame {
    /// JSON has no line breaks, so one `data:` line is enough.
    pub(super) fn new(cursor: Cursor, event: &Event) -> serde_json::Result<Self> {
        let mut text = Vec::with_capacity(512);
        write!(text, "id: {cursor}\ndata: ").map_err(serde_json::Error::io)?;
        let begin = text.len();
        serde_json::to_writer(&mut text, event)?;
        let end = text.len();
        text.extend_from_slice(b"\n\n");
        Ok(Self {
            bytes: text.into(),
            cursor: "id: ".len()..begin - "\ndata: ".len(),
            json: begin..end,
        })
    }

    /// The frame. Empty if the event could not be written.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub(super) fn cursor(&self) -> &[u8] {
        &self.bytes[self.cursor.clone()]
    }

    pub(super) fn json(&self) -> &[u8] {
        &self.bytes[self.json.clone()]
    }
}

/// A frame with a name of its own.
fn named<T: serde::Serialize>(name: &str, cursor: Cursor, data: &T) -> Bytes {
    match serde_json::to_string(data) {
        Ok(data) => format!("event: {name}\nid: {cursor}\ndata: {data}\n\n").into(),
        Err(error) => {
            tracing::error!(%error, name, "a frame cannot be written");
            Bytes::new()
        }
    }
}

pub(crate) fn ready(cursor: Cursor) -> Bytes {
    let ready = named("ready", cursor, &Ready { cursor });
    let mut text = format!("retry: {RETRY_MILLIS}\n").into_bytes();
    text.extend_from_slice(&ready);
    text.into()
}

/// With the cursor of a quiet stream, if that moved.
pub(crate) fn keep_alive(moved_to: Option<Cursor>) -> Bytes {
    match moved_to {
        None => Bytes::from_static(b": keep-alive\n\n"),
        // An `id:` alone is no event, but where a browser comes back to.
        Some(cursor) => format!(": keep-alive\nid: {cursor}\n\n").into(),
    }
}

pub(crate) fn reset(reset: feed::Reset, cursor: Cursor) -> Bytes {
    let reason = reset_reason(reset);
    named("reset", cursor, &Reset { reason })
}

/// The comment with which this side ends a stream.
pub(crate) fn end(end: End) -> Bytes {
    let (number, word) = (end.number(), end.as_str());
    if close::resumes(number) {
        let retry = rand::random_range(RETRY_SPREAD_MILLIS);
        return format!(": end {number} {word}\nretry: {retry}\n\n").into();
    }
    // The next attempt is told what is wrong.
    format!(": end {number} {word}\n\n").into()
}
