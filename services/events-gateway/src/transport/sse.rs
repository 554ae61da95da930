//! What an event stream says beside events (Server-Sent Events, `GET /api/v1/events`).

use api::{
    event::{Ready, Reset, ResetReason},
    socket::close,
};
use bytes::Bytes;
use domain::Cursor;
use service::{REQUEST_ID, RequestId};

use super::frame::named;
use crate::hub::End;

/// Milliseconds a browser waits before it comes back.
const RETRY_MILLIS: u64 = 2_000;
/// The same for a crowd that is sent away at once: each waits its own time of these.
const RETRY_SPREAD_MILLIS: std::ops::Range<u64> = 500..5_000;

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

pub(crate) fn opening(cursor: Cursor) -> Bytes {
    let ready = named("ready", cursor, &Ready { cursor });
    let mut text = format!("retry: {RETRY_MILLIS}\n").into_bytes();
    text.extend_from_slice(&ready);
    text.into()
}

pub(crate) fn keep_alive(place: Option<Cursor>) -> Bytes {
    match place {
        None => Bytes::from_static(b": keep-alive\n\n"),
        // An `id:` alone is no event, but where a browser comes back to.
        Some(cursor) => format!(": keep-alive\nid: {cursor}\n\n").into(),
    }
}

pub(crate) fn reset(reason: feed::Reset, cursor: Cursor) -> Bytes {
    let reason = reset_reason(reason);
    named("reset", cursor, &Reset { reason })
}

/// The last words of a stream that this side ends.
pub(crate) fn farewell(end: End) -> Bytes {
    let (number, word) = (end.number(), end.as_str());
    if close::resumes(number) {
        let retry = rand::random_range(RETRY_SPREAD_MILLIS);
        return format!(": end {number} {word}\nretry: {retry}\n\n").into();
    }
    // The next attempt is told what is wrong.
    format!(": end {number} {word}\n\n").into()
}

pub(crate) const fn reset_reason(reason: feed::Reset) -> ResetReason {
    match reason {
        feed::Reset::TooOld => ResetReason::TooOld,
        feed::Reset::OtherIncarnation => ResetReason::OtherIncarnation,
        feed::Reset::Unreadable => ResetReason::Unreadable,
    }
}

pub(crate) const fn reset_word(reason: feed::Reset) -> &'static str {
    match reason {
        feed::Reset::TooOld => "too_old",
        feed::Reset::OtherIncarnation => "other_incarnation",
        feed::Reset::Unreadable => "unreadable",
    }
}
