//! One connection's socket: what waits to be written to it, and nothing else. A stalled one costs
//! the rest of one frame.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, Read, Write},
    time::Instant,
};

use bytes::{Buf, Bytes};
use mio::net::TcpStream;

use crate::{hub::Ticket, transport::websocket::Incoming};

/// Answers and notices that wait for a slow client; more than this is an offence.
const WORDS_MAX: usize = 256;

/// How a write went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Done,
    /// The socket takes no more for now.
    Blocked,
    Gone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// The socket is still in the hands of whoever opened it.
    Parked,
    Open,
    /// The last words are said or on their way.
    Ending,
    /// This side is shut; the other may say its own goodbye.
    Shut,
}

pub(super) struct Line {
    pub socket: TcpStream,
    pub stage: Stage,
    pub blocked: bool,
    pub fetching: bool,
    /// When the other side was heard, or took something, the last time.
    pub alive: Instant,
    /// A WebSocket's receiving side.
    pub incoming: Option<Box<Incoming>>,
    /// The rest of a frame that went out in part.
    rest: Bytes,
    words: VecDeque<Bytes>,
    _ticket: Ticket,
}

impl Line {
    pub(super) fn new(
        socket: std::net::TcpStream,
        head: Bytes,
        incoming: Option<Box<Incoming>>,
        ticket: Ticket,
        now: Instant,
    ) -> Self {
        Self {
            socket: TcpStream::from_std(socket),
            stage: Stage::Parked,
            blocked: false,
            fetching: false,
            alive: now,
            incoming,
            rest: head,
            words: VecDeque::new(),
            _ticket: ticket,
        }
    }

    /// Says something that is no event, after what waits already. False when too much waits.
    pub(super) fn say(&mut self, words: Bytes) -> bool {
        if words.is_empty() {
            return true;
        }
        if self.words.len() >= WORDS_MAX {
            return false;
        }
        self.words.push_back(words);
        true
    }

    pub(super) fn idle(&self) -> bool {
        self.rest.is_empty() && self.words.is_empty()
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> Flow {
        while !self.idle() {
            if self.rest.is_empty() {
                self.rest = self.words.pop_front().unwrap_or_default();
                if self.words.is_empty() {
                    self.words = VecDeque::new();
                }
            }
            match self.socket.write(&self.rest) {
                Ok(0) => return Flow::Gone,
                Ok(count) => self.rest.advance(count),
                Err(error) => match self.stopped(&error) {
                    Some(flow) => return flow,
                    None => continue,
                },
            }
        }
        // Lets go of the shared frame.
        self.rest = Bytes::new();
        Flow::Done
    }

    /// Writes frames in one go, as far as the socket takes them; `started` of them are on their way.
    pub(super) fn write(&mut self, frames: &[(u64, Bytes)]) -> (usize, Flow) {
        let mut count = loop {
            let written = match frames {
                [(_, frame)] => self.socket.write(frame),
                frames => {
                    let empty = IoSlice::new(&[]);
                    let mut slices = [empty; crate::hub::FRAMES_MAX];
                    for (slice, (_, frame)) in slices.iter_mut().zip(frames) {
                        *slice = IoSlice::new(frame);
                    }
                    self.socket
                        .write_vectored(&slices[..frames.len().min(crate::hub::FRAMES_MAX)])
                }
            };
            match written {
                Ok(0) => return (0, Flow::Gone),
                Ok(count) => break count,
                Err(error) => match self.stopped(&error) {
                    Some(flow) => return (0, flow),
                    None => continue,
                },
            }
        };
        for (index, (_, frame)) in frames.iter().enumerate() {
            if count == 0 {
                return (index, self.flush());
            }
            if count < frame.len() {
                self.rest = frame.slice(count..);
                return (index + 1, self.flush());
            }
            count -= frame.len();
        }
        (frames.len(), Flow::Done)
    }

    fn stopped(&mut self, error: &io::Error) -> Option<Flow> {
        match error.kind() {
            io::ErrorKind::WouldBlock => {
                self.blocked = true;
                Some(Flow::Blocked)
            }
            io::ErrorKind::Interrupted => None,
            _ => Some(Flow::Gone),
        }
    }

    /// Reads what is there; `Gone` at the end.
    pub(super) fn read(&mut self, scratch: &mut [u8]) -> (usize, Flow) {
        loop {
            match self.socket.read(scratch) {
                Ok(0) => return (0, Flow::Gone),
                Ok(count) => return (count, Flow::Done),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return (0, Flow::Blocked);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return (0, Flow::Gone),
            }
        }
    }
}
