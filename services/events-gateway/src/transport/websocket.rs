//! The WebSocket's side of a stream: frames in both directions, and the last and regular words
//! (`/ws`). What its messages mean is in `message.rs`.

use std::time::{Duration, Instant};

use actix_http::ws::{CloseCode, CloseReason, OpCode, Parser};
use api::socket::{CONNECTED, Connected, HEARTBEAT, Heartbeat, RESET, SocketReset, ToClient};
use bytes::{Bytes, BytesMut};
use domain::Cursor;

use super::{frame::text, sse::reset_reason};
use crate::hub::{Client, End, Fault};

/// Bytes of one message.
const MESSAGE_MAX: usize = 4 << 10;
/// What a frame's head takes at most.
const HEAD_MAX: usize = 14;
/// Messages a client may send at once, and a second from then on.
const BURST: f64 = 100.0;
const RATE: f64 = 20.0;

/// What was heard.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Nothing,
    Text(Bytes),
    /// To be answered just so.
    Answer(Bytes),
    /// The other side says goodbye; this is its answer.
    Close(Bytes),
}

/// What came and is no whole message yet.
#[derive(Debug)]
pub(crate) struct Incoming {
    bytes: BytesMut,
    parts: Option<BytesMut>,
    left: f64,
    at: Instant,
}

impl Incoming {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            bytes: BytesMut::new(),
            parts: None,
            left: BURST,
            at: now,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The next thing heard.
    pub(crate) fn next(&mut self, now: Instant) -> Result<Heard, Fault> {
        loop {
            let frame = Parser::parse(&mut self.bytes, true, MESSAGE_MAX);
            let frame = frame.map_err(|error| match error {
                actix_http::ws::ProtocolError::Overflow => Fault::TooLarge,
                _ => Fault::Protocol,
            })?;
            let Some((last, code, data)) = frame else {
                if self.bytes.len() > MESSAGE_MAX + HEAD_MAX {
                    return Err(Fault::TooLarge);
                }
                if self.bytes.is_empty() {
                    // An idle client holds no buffer.
                    self.bytes = BytesMut::new();
                }
                return Ok(Heard::Nothing);
            };
            self.pay(now)?;
            let data = data.unwrap_or_default();
            match code {
                OpCode::Text if self.parts.is_none() => {
                    if last {
                        return Ok(Heard::Text(data.freeze()));
                    }
                    self.parts = Some(data);
                }
                OpCode::Continue => {
                    let mut parts = self.parts.take().ok_or(Fault::Protocol)?;
                    if parts.len() + data.len() > MESSAGE_MAX {
                        return Err(Fault::TooLarge);
                    }
                    parts.extend_from_slice(&data);
                    if last {
                        return Ok(Heard::Text(parts.freeze()));
                    }
                    self.parts = Some(parts);
                }
                OpCode::Ping => return Ok(Heard::Answer(control(OpCode::Pong, &data))),
                OpCode::Pong => {}
                OpCode::Close => {
                    return Ok(Heard::Close(control(
                        OpCode::Close,
                        &data[..data.len().min(2)],
                    )));
                }
                _ => return Err(Fault::Protocol),
            }
        }
    }

    fn pay(&mut self, now: Instant) -> Result<(), Fault> {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * RATE;
        self.left = (self.left + earned).min(BURST) - 1.0;
        self.at = now;
        if self.left < 0.0 {
            return Err(Fault::TooMany);
        }
        Ok(())
    }
}

fn control(code: OpCode, data: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    Parser::write_message(&mut out, data, code, true, false);
    out.freeze()
}

pub(crate) fn say<T: serde::Serialize>(kind: &str, data: T) -> Bytes {
    let kind = kind.to_owned();
    text(&ToClient { kind, data })
}

pub(crate) fn connected(client: &Client, keep_alive: Duration) -> Bytes {
    let data = Connected {
        user_id: client.user,
        session_id: client.session,
        cursor: client.cursor(),
        heartbeat_secs: keep_alive.as_secs().max(1),
    };
    say(CONNECTED, data)
}

pub(crate) fn heartbeat(cursor: Cursor) -> Bytes {
    say(HEARTBEAT, Heartbeat { cursor })
}

/// A heartbeat for the page, and a ping that every WebSocket answers by itself.
pub(crate) fn keep_alive(cursor: Cursor) -> Bytes {
    let mut out = BytesMut::from(heartbeat(cursor).as_ref());
    Parser::write_message(&mut out, [], OpCode::Ping, true, false);
    out.freeze()
}

pub(crate) fn reset(reason: feed::Reset, cursor: Cursor) -> Bytes {
    let reason = reset_reason(reason);
    say(RESET, SocketReset { reason, cursor })
}

pub(crate) fn farewell(end: End) -> Bytes {
    let mut out = BytesMut::new();
    let reason = CloseReason {
        code: CloseCode::Other(end.number()),
        description: Some(end.as_str().to_owned()),
    };
    Parser::write_close(&mut out, Some(reason), false);
    out.freeze()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sent(code: OpCode, last: bool, data: &[u8]) -> BytesMut {
        let mut out = BytesMut::new();
        Parser::write_message(&mut out, data, code, last, true);
        out
    }

    fn hear(pieces: &[BytesMut]) -> Result<Vec<Heard>, Fault> {
        let now = Instant::now();
        let mut incoming = Incoming::new(now);
        let mut heard = vec![];
        for piece in pieces {
            // As slow as it can come.
            for byte in piece.iter() {
                incoming.push(&[*byte]);
                loop {
                    match incoming.next(now)? {
                        Heard::Nothing => break,
                        other => heard.push(other),
                    }
                }
            }
        }
        Ok(heard)
    }

    #[test]
    fn messages_are_put_together_from_what_comes() {
        let heard = hear(&[
            sent(OpCode::Text, false, b"one "),
            sent(OpCode::Ping, true, b"?"),
            sent(OpCode::Continue, true, b"message"),
            sent(OpCode::Pong, true, b""),
            sent(OpCode::Close, true, &[0x03, 0xe8, b'x']),
        ]);
        let expected = vec![
            Heard::Answer(control(OpCode::Pong, b"?")),
            Heard::Text(Bytes::from_static(b"one message")),
            Heard::Close(control(OpCode::Close, &[0x03, 0xe8])),
        ];
        assert_eq!(heard, Ok(expected));
    }

    #[test]
    fn what_breaks_the_rules_is_told_apart() {
        let large = vec![b'x'; MESSAGE_MAX + 1];
        assert_eq!(
            hear(&[sent(OpCode::Text, true, &large)]),
            Err(Fault::TooLarge)
        );
        let half = &large[..MESSAGE_MAX / 2 + 1];
        let halves = [
            sent(OpCode::Text, false, half),
            sent(OpCode::Continue, true, half),
        ];
        assert_eq!(hear(&halves), Err(Fault::TooLarge));
        for wrong in [
            sent(OpCode::Binary, true, b"x"),
            sent(OpCode::Continue, true, b"x"),
            // Not masked.
            BytesMut::from([0x81, 0x01, b'x'].as_slice()),
        ] {
            assert_eq!(hear(&[wrong]), Err(Fault::Protocol));
        }
        let many = vec![sent(OpCode::Text, true, b"x"); BURST as usize + 1];
        assert_eq!(hear(&many), Err(Fault::TooMany));
    }
}
