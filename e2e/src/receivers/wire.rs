//! Reading what a stream's server sends: HTTP/1.1's head and chunks, frames of Server-Sent Events and of
//! WebSocket. No IO; it holds only what is not whole yet.

use memchr::memmem;

use super::tally::until_quote;

/// How events come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sse,
    WebSocket,
}

/// What a server said.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    Opened,
    Refused(u16),
    /// Absent parts are empty.
    Frame {
        name: &'a [u8],
        id: &'a [u8],
        data: &'a [u8],
    },
    /// Milliseconds until the next attempt.
    Retry(u64),
    Ping(&'a [u8]),
    /// The stream ended in order; a WebSocket with its code.
    Closed(u16),
}

#[derive(Debug, Clone, Copy)]
enum Body {
    Head,
    Plain,
    Chunked(Chunk),
}

/// Where in a chunk the next byte is.
#[derive(Debug, Clone, Copy)]
enum Chunk {
    Size(usize),
    SizeEnd(usize),
    Data(usize),
    DataEnd(u8),
    Over,
}

/// One connection's reading side.
#[derive(Debug)]
pub(super) struct Wire {
    kind: Kind,
    body: Body,
    rest: Vec<u8>,
}

impl Wire {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            body: Body::Head,
            rest: Vec::new(),
        }
    }

    /// Takes what was read and says what it means; `scratch` is anybody's and comes back with nothing of use.
    pub(super) fn feed(
        &mut self,
        bytes: &[u8],
        scratch: &mut Vec<u8>,
        say: &mut impl FnMut(Heard<'_>),
    ) {
        scratch.clear();
        scratch.append(&mut self.rest);
        match &mut self.body {
            Body::Head => {
                scratch.extend_from_slice(bytes);
                let Some(end) = memmem::find(scratch, b"\r\n\r\n") else {
                    self.rest.extend_from_slice(scratch);
                    return;
                };
                let body = scratch.split_off(end + 4);
                self.head(scratch, say);
                if !body.is_empty() {
                    self.feed(&body, scratch, say);
                }
                return;
            }
            Body::Plain => scratch.extend_from_slice(bytes),
            Body::Chunked(Chunk::Over) => return,
            Body::Chunked(chunk) => decode(chunk, bytes, scratch),
        }
        let used = match self.kind {
            Kind::Sse => sse(scratch, say),
            Kind::WebSocket => web_socket(scratch, say),
        };
        self.rest.extend_from_slice(&scratch[used..]);
        if matches!(self.body, Body::Chunked(Chunk::Over)) {
            say(Heard::Closed(0));
        }
    }

    fn head(&mut self, head: &[u8], say: &mut impl FnMut(Heard<'_>)) {
        let text = String::from_utf8_lossy(head).to_ascii_lowercase();
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        self.body = if text.contains("transfer-encoding: chunked") {
            Body::Chunked(Chunk::Size(0))
        } else {
            Body::Plain
        };
        say(match status {
            101 | 200 => Heard::Opened,
            other => Heard::Refused(other),
        });
    }
}

fn decode(chunk: &mut Chunk, mut bytes: &[u8], out: &mut Vec<u8>) {
    while let Some(&byte) = bytes.first() {
        match *chunk {
            Chunk::Data(left) => {
                let now = left.min(bytes.len());
                out.extend_from_slice(&bytes[..now]);
                bytes = &bytes[now..];
                *chunk = match left - now {
                    0 => Chunk::DataEnd(2),
                    left => Chunk::Data(left),
                };
                continue;
            }
            Chunk::Size(size) => {
                *chunk = match (byte as char).to_digit(16) {
                    Some(digit) => Chunk::Size(size * 16 + digit as usize),
                    None => Chunk::SizeEnd(size),
                };
            }
            // The line feed after the size.
            Chunk::SizeEnd(0) => *chunk = Chunk::Over,
            Chunk::SizeEnd(size) => *chunk = Chunk::Data(size),
            Chunk::DataEnd(1) => *chunk = Chunk::Size(0),
            Chunk::DataEnd(left) => *chunk = Chunk::DataEnd(left - 1),
            Chunk::Over => return,
        }
        bytes = &bytes[1..];
    }
}

/// Says each whole frame; gives how many bytes they took.
fn sse(bytes: &[u8], say: &mut impl FnMut(Heard<'_>)) -> usize {
    let mut used = 0;
    while let Some(end) = memmem::find(&bytes[used..], b"\n\n") {
        let (mut name, mut id, mut data) = (&b""[..], &b""[..], &b""[..]);
        for line in bytes[used..used + end].split(|byte| *byte == b'\n') {
            if let Some(value) = line.strip_prefix(b"data: ") {
                data = value;
            } else if let Some(value) = line.strip_prefix(b"id: ") {
                id = value;
            } else if let Some(value) = line.strip_prefix(b"event: ") {
                name = value;
            } else if let Some(value) = line.strip_prefix(b"retry: ") {
                let millis = std::str::from_utf8(value)
                    .ok()
                    .and_then(|value| value.parse().ok());
                say(Heard::Retry(millis.unwrap_or(0)));
            }
        }
        if !(id.is_empty() && data.is_empty()) {
            say(Heard::Frame { name, id, data });
        }
        used += end + 2;
    }
    used
}

fn web_socket(bytes: &[u8], say: &mut impl FnMut(Heard<'_>)) -> usize {
    let mut used = 0;
    while let Some((opcode, payload, size)) = web_socket_frame(&bytes[used..]) {
        match opcode {
            8 => say(Heard::Closed(match payload {
                [high, low, ..] => u16::from_be_bytes([*high, *low]),
                _ => 1005,
            })),
            9 => say(Heard::Ping(payload)),
            10 => {}
            _ => {
                let (name, id) = labels(payload);
                say(Heard::Frame {
                    name,
                    id,
                    data: payload,
                });
            }
        }
        used += size;
    }
    used
}

/// The type of a message of labyard's, and the cursor that stands before an event.
fn labels(payload: &[u8]) -> (&[u8], &[u8]) {
    let name = payload.strip_prefix(b"{\"type\":\"").and_then(until_quote);
    let Some(name) = name else {
        return (b"", b"");
    };
    let rest = &payload[b"{\"type\":\"\"".len() + name.len()..];
    let id = rest.strip_prefix(b",\"cursor\":\"").and_then(until_quote);
    (name, id.unwrap_or_default())
}

/// A whole frame of a server, which masks nothing: its opcode, its payload, its size.
fn web_socket_frame(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (first, second) = (*bytes.first()?, *bytes.get(1)?);
    let (head, size) = match second & 0x7f {
        126 => (
            4,
            usize::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
        ),
        127 => {
            let size = u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?);
            (10, usize::try_from(size).ok()?)
        }
        size => (2, usize::from(size)),
    };
    let payload = bytes.get(head..head + size)?;
    Some((first & 0x0f, payload, head + size))
}

/// A frame as a client sends it, masked with zeros.
pub(super) fn client_frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match u16::try_from(payload.len()) {
        Ok(size) if size < 126 => frame.push(0x80 | payload.len() as u8),
        Ok(size) => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&size.to_be_bytes());
        }
        Err(_) => unreachable!("a client says little"),
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(kind: Kind, bytes: &[u8], piece: usize) -> Vec<String> {
        let (mut wire, mut scratch, mut all) = (Wire::new(kind), Vec::new(), Vec::new());
        for bytes in bytes.chunks(piece) {
            wire.feed(bytes, &mut scratch, &mut |heard| {
                all.push(match heard {
                    Heard::Frame { name, id, data } => format!(
                        "{}|{}|{}",
                        String::from_utf8_lossy(name),
                        String::from_utf8_lossy(id),
                        String::from_utf8_lossy(data)
                    ),
                    other => format!("{other:?}"),
                });
            });
        }
        all
    }

    #[test]
    fn frames_are_read_however_they_are_cut() {
        let first = "retry: 20\nevent: ready\nid: a-1\ndata: {}\n\n: keep";
        let second = "-alive\n\nid: a-2\ndata: two\n\nid: a-3\n\n";
        let text = format!(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            first.len(),
            second.len()
        );
        for piece in 1..text.len() {
            assert_eq!(
                heard(Kind::Sse, text.as_bytes(), piece),
                [
                    "Opened",
                    "Retry(20)",
                    "ready|a-1|{}",
                    "|a-2|two",
                    "|a-3|",
                    "Closed(0)"
                ],
                "in pieces of {piece}"
            );
        }
    }

    #[test]
    fn messages_of_a_socket_are_read_however_they_are_cut() {
        let long = "x".repeat(300);
        let mut bytes = b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec();
        bytes.extend_from_slice(b"\x81\x02hi\x89\x01p\x81\x7e\x01\x2c");
        bytes.extend_from_slice(long.as_bytes());
        bytes.extend_from_slice(&[0x88, 2, 0x0f, 0xa0]);
        for piece in 1..bytes.len() {
            let heard = heard(Kind::WebSocket, &bytes, piece);
            let expected = [
                "Opened",
                "||hi",
                "Ping([112])",
                &format!("||{long}"),
                "Closed(4000)",
            ];
            assert_eq!(heard, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn a_message_has_its_type_and_an_event_its_cursor() {
        let labels = |text: &'static str| {
            let (name, id) = labels(text.as_bytes());
            (
                std::str::from_utf8(name).unwrap(),
                std::str::from_utf8(id).unwrap(),
            )
        };
        let event = r#"{"type":"workspace:status","cursor":"a-7","data":{"cursor":"x"}}"#;
        assert_eq!(labels(event), ("workspace:status", "a-7"));
        let other = r#"{"type":"heartbeat","data":{"cursor":"a-9"}}"#;
        assert_eq!(labels(other), ("heartbeat", ""));
        assert_eq!(labels("raw"), ("", ""));
    }

    #[test]
    fn a_refusal_is_no_stream() {
        let text = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(heard(Kind::Sse, text, 7), ["Refused(429)"]);
    }
}
