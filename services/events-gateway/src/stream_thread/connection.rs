//! One connection's socket and what waits to be written to it. A stalled one costs the rest of one frame, and at most a
//! few control messages.

use std::{
    collections::VecDeque,
    io::{self, IoSlice, Read, Write},
    time::Instant,
};

use bytes::{Buf, Bytes};
use mio::net::TcpStream;

use crate::{
    end::End,
    hub::BATCH_MAX,
    slow_client,
    stream_limits::Permit,
    transport::{Transport, websocket_incoming::Incoming},
};

/// How reading or writing went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
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
    /// The last frame is written or on its way.
    Ending,
    /// This side is shut; the other may close its own.
    Shut,
}

pub(super) struct Connection {
    pub socket: TcpStream,
    pub transport: Transport,
    pub stage: Stage,
    pub blocked: bool,
    pub fetching: bool,
    /// When the other side sent or took something, the last time.
    pub alive: Instant,
    /// A WebSocket's receiving side.
    pub incoming: Option<Box<Incoming>>,
    /// The rest of a frame that went out in part.
    rest: Bytes,
    /// Whole frames that are no events.
    control: VecDeque<Bytes>,
    _permit: Permit,
}

impl Connection {
    pub(super) fn new(
        socket: std::net::TcpStream,
        transport: Transport,
        head: Bytes,
        permit: Permit,
        now: Instant,
    ) -> Self {
        let incoming = (transport == Transport::WebSocket).then(|| Box::new(Incoming::new(now)));
        Self {
            socket: TcpStream::from_std(socket),
            transport,
            stage: Stage::Parked,
            blocked: false,
            fetching: false,
            alive: now,
            incoming,
            rest: head,
            control: VecDeque::new(),
            _permit: permit,
        }
    }

    /// Lets a frame that is no event wait for its turn. Gives why the stream has to end, if too many do.
    pub(super) fn enqueue(&mut self, frame: Bytes) -> Option<End> {
        if frame.is_empty() {
            return None;
        }
        let end = slow_client::leaves_waiting(self.control.len());
        if end.is_none() {
            self.control.push_back(frame);
        }
        end
    }

    pub(super) fn idle(&self) -> bool {
        self.rest.is_empty() && self.control.is_empty()
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> Outcome {
        while !self.idle() {
            if self.rest.is_empty() {
                self.rest = self.control.pop_front().unwrap_or_default();
                if self.control.is_empty() {
                    self.control = VecDeque::new();
                }
            }
            match self.socket.write(&self.rest) {
                Ok(0) => return Outcome::Gone,
                Ok(count) => self.rest.advance(count),
                Err(error) => match self.stopped(&error) {
                    Some(flow) => return flow,
                    None => continue,
                },
            }
        }
        // Lets go of the shared frame.
        self.rest = Bytes::new();
        Outcome::Done
    }

    /// Writes frames in one go, as far as the socket takes them; `started` of them are on their way.
    pub(super) fn write(&mut self, frames: &[(u64, Bytes)]) -> (usize, Outcome) {
        let mut count = loop {
            let written = match frames {
                [(_, frame)] => self.socket.write(frame),
                frames => {
                    let empty = IoSlice::new(&[]);
                    let mut slices = [empty; BATCH_MAX];
                    for (slice, (_, frame)) in slices.iter_mut().zip(frames) {
                        *slice = IoSlice::new(frame);
                    }
                    self.socket
                        .write_vectored(&slices[..frames.len().min(BATCH_MAX)])
                }
            };
            match written {
                Ok(0) => return (0, Outcome::Gone),
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
        (frames.len(), Outcome::Done)
    }

    fn stopped(&mut self, error: &io::Error) -> Option<Outcome> {
        match error.kind() {
            io::ErrorKind::WouldBlock => {
                self.blocked = true;
                Some(Outcome::Blocked)
            }
            io::ErrorKind::Interrupted => None,
            _ => Some(Outcome::Gone),
        }
    }

    /// Reads what is there; `Gone` at the end.
    pub(super) fn read(&mut self, scratch: &mut [u8]) -> (usize, Outcome) {
        loop {
            match self.socket.read(scratch) {
                Ok(0) => return (0, Outcome::Gone),
                Ok(count) => return (count, Outcome::Done),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return (0, Outcome::Blocked);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return (0, Outcome::Gone),
            }
        }
    }
}
