//! Both ends of a byte stream as functions of what arrives, for `e2e/fuzz` alone.

use super::*;

/// What the sender has sent before it receives anything, and in chunks of which size.
const SENT: u64 = 100;
const CHUNK: u64 = 7;

/// Messages, one a line: `control|offset|channel|payload`, a header left out when it is empty.
#[doc(hidden)]
pub fn stream(bytes: &[u8]) {
    let mut receiver = Receiver::default();
    let sender = sender();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((headers, payload)) = message(line) else {
            continue;
        };
        receiver.on_message(Some(&headers), payload.clone());
        receiver.on_message(None, payload.clone());
        if let Some(Control::Have { offset }) = read_control(Some(&headers), &payload) {
            have(&sender, offset);
        }
    }
}

fn message(line: &[u8]) -> Option<(HeaderMap, Bytes)> {
    let mut parts = line.splitn(4, |byte| *byte == b'|');
    let mut headers = HeaderMap::new();
    for name in [CONTROL, OFFSET, CHANNEL] {
        let value = std::str::from_utf8(parts.next()?).ok()?;
        if !value.is_empty() {
            headers.insert(name, value.parse::<async_nats::HeaderValue>().ok()?);
        }
    }
    Some((headers, Bytes::copy_from_slice(parts.next()?)))
}

#[derive(Default)]
struct Receiver {
    arrived: Arrived,
    given: u64,
}

impl Receiver {
    /// What is given is whole and in order, and the end comes when everything before it has.
    fn on_message(&mut self, headers: Option<&HeaderMap>, payload: Bytes) {
        let place = read_place(headers);
        match self.arrived.on_message(headers, payload) {
            Some(Received::Chunk { bytes, channel }) => {
                assert_eq!(
                    place,
                    Some((self.given, channel)),
                    "a chunk out of its place"
                );
                assert!(!bytes.is_empty(), "nothing was given as something");
                self.given += bytes.len() as u64;
            }
            Some(Received::Closed(_)) | None => {}
            Some(other) => panic!("{other:?} out of nothing"),
        }
        assert_eq!(self.arrived.have, self.given);
        if self.arrived.owes() {
            assert!(self.given >= self.arrived.acknowledged + HAVE_EVERY);
            self.arrived.acknowledged = self.given;
        }
        if self.arrived.ended().is_some() {
            let exit = self.arrived.exit.map(|(offset, ..)| offset);
            assert!(exit.is_some_and(|offset| offset <= self.given), "too early");
        }
    }
}

fn sender() -> Shared {
    let shared = Shared::default();
    {
        let mut state = shared.state();
        state.sent = SENT;
        for start in (0..SENT).step_by(CHUNK as usize) {
            let length = CHUNK.min(SENT - start);
            let chunk = Bytes::from(vec![0; length as usize]);
            state.unacknowledged.push_back((start, 1, chunk));
        }
    }
    shared
}

/// Nothing is forgotten that the receiver does not have, and nothing sent again that it has.
fn have(shared: &Shared, offset: u64) {
    let before = shared.state().have;
    let (again, _) = shared.acknowledge(offset);
    let state = shared.state();
    let credible = offset <= SENT;
    assert_eq!(
        state.have,
        if credible { before.max(offset) } else { before }
    );
    let kept: Vec<u64> = state
        .unacknowledged
        .iter()
        .map(|(start, ..)| *start)
        .collect();
    let needed = (0..SENT).step_by(CHUNK as usize);
    let needed: Vec<u64> = needed
        .filter(|start| (start + CHUNK).min(SENT) > state.have)
        .collect();
    assert_eq!(kept, needed);
    assert!(again.is_empty() || (credible && again.len() == kept.len()));
}
