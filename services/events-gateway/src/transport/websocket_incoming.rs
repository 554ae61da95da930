//! What a WebSocket's client sends, put together from bytes as they come: messages within limits, pings and goodbyes. What
//! messages mean is in `websocket_message.rs`.

use std::time::Instant;

use actix_http::ws::{OpCode, Parser};
use bytes::{Bytes, BytesMut};

use super::websocket_frame::{close_reply, pong};
use crate::end::Fault;

/// Bytes of one message.
const MESSAGE_MAX: usize = 4 << 10;
/// What a frame's head takes at most.
const HEAD_MAX: usize = 14;
/// Messages a client may send at once, and a second from then on.
const BURST: f64 = 100.0;
const RATE: f64 = 20.0;

/// What has come.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// No whole frame yet.
    Nothing,
    Message(Bytes),
    /// A ping; this is its answer.
    Ping(Bytes),
    /// The other side closes; this is its answer.
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

    /// The next thing that has come.
    pub(crate) fn next(&mut self, now: Instant) -> Result<Received, Fault> {
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
                return Ok(Received::Nothing);
            };
            self.count(now)?;
            let data = data.unwrap_or_default();
            match code {
                OpCode::Text if self.parts.is_none() => {
                    if last {
                        return Ok(Received::Message(data.freeze()));
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
                        return Ok(Received::Message(parts.freeze()));
                    }
                    self.parts = Some(parts);
                }
                OpCode::Ping => return Ok(Received::Ping(pong(&data))),
                OpCode::Pong => {}
                OpCode::Close => return Ok(Received::Close(close_reply(&data))),
                _ => return Err(Fault::Protocol),
            }
        }
    }

    fn count(&mut self, now: Instant) -> Result<(), Fault> {
        let earned = now.saturating_duration_since(self.at).as_secs_f64() * RATE;
        self.left = (self.left + earned).min(BURST) - 1.0;
        self.at = now;
        if self.left < 0.0 {
            return Err(Fault::TooMany);
        }
        Ok(())
    }
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

    fn receive(pieces: &[BytesMut]) -> Result<Vec<Received>, Fault> {
        let now = Instant::now();
        let mut incoming = Incoming::new(now);
        let mut received = vec![];
        for piece in pieces {
            // As slow as it can come.
            for byte in piece.iter() {
                incoming.push(&[*byte]);
                loop {
                    match incoming.next(now)? {
                        Received::Nothing => break,
                        other => received.push(other),
                    }
                }
            }
        }
        Ok(received)
    }

    #[test]
    fn messages_are_put_together_from_what_comes() {
        let received = receive(&[
            sent(OpCode::Text, false, b"one "),
            sent(OpCode::Ping, true, b"?"),
            sent(OpCode::Continue, true, b"message"),
            sent(OpCode::Pong, true, b""),
            sent(OpCode::Close, true, &[0x03, 0xe8, b'x']),
        ]);
        let expected = vec![
            Received::Ping(pong(b"?")),
            Received::Message(Bytes::from_static(b"one message")),
            Received::Close(close_reply(&[0x03, 0xe8])),
        ];
        assert_eq!(received, Ok(expected));
    }

    #[test]
    fn what_breaks_the_rules_is_told_apart() {
        let large = vec![b'x'; MESSAGE_MAX + 1];
        assert_eq!(
            receive(&[sent(OpCode::Text, true, &large)]),
            Err(Fault::TooLarge)
        );
        let half = &large[..MESSAGE_MAX / 2 + 1];
        let halves = [
            sent(OpCode::Text, false, half),
            sent(OpCode::Continue, true, half),
        ];
        assert_eq!(receive(&halves), Err(Fault::TooLarge));
        for wrong in [
            sent(OpCode::Binary, true, b"x"),
            sent(OpCode::Continue, true, b"x"),
            // Not masked.
            BytesMut::from([0x81, 0x01, b'x'].as_slice()),
        ] {
            assert_eq!(receive(&[wrong]), Err(Fault::Protocol));
        }
        let many = vec![sent(OpCode::Text, true, b"x"); BURST as usize + 1];
        assert_eq!(receive(&many), Err(Fault::TooMany));
    }
}
