//! The thread that owns the sockets: opens, reads, comes back.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
    io::{ErrorKind, Read, Write},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use memchr::memmem;
use mio::{Events, Interest, Poll, Token, net::TcpStream};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use super::{
    Delays, Outcome, Plan, Receiver, Shared, Tally,
    wire::{Heard, Wire, client_frame},
};

/// Streams being opened at once: more would only queue where they are admitted.
const OPENING_MAX: usize = 256;
/// The first wait before a receiver comes back where the server named none, and the longest.
const BACK_FIRST: Duration = Duration::from_millis(200);
const BACK_MAX: Duration = Duration::from_secs(4);
/// An answer that does not come is given up.
const OPEN_TIMEOUT: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(20);
const BUFFER: usize = 256 << 10;
/// What a receiver that will stall holds at most in its own kernel, and the segments it takes.
const STALLED_BUFFER: usize = 4 << 10;
const STALLED_SEGMENT: u32 = 1400;

struct Slot {
    socket: Option<TcpStream>,
    wire: Wire,
    tally: Tally,
    state: State,
    since: Instant,
    failures: u32,
    retry: Option<Duration>,
    /// Something to read came while it stalled.
    unread: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Away,
    Connecting,
    Asked,
    Ready,
}

pub(super) struct Crowd {
    plan: Plan,
    shared: Arc<Shared>,
    poll: Poll,
    slots: Vec<Slot>,
    waiting: VecDeque<usize>,
    later: BinaryHeap<Reverse<(Instant, usize)>>,
    opening: usize,
    delays: Delays,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
}

impl Crowd {
    pub(super) fn new(plan: Plan, shared: Arc<Shared>) -> Self {
        let now = Instant::now();
        let slot = |_| Slot {
            socket: None,
            wire: Wire::new(plan.kind),
            tally: Tally::default(),
            state: State::Away,
            since: now,
            failures: 0,
            retry: None,
            unread: false,
        };
        Self {
            slots: (0..plan.receivers.len()).map(slot).collect(),
            waiting: (0..plan.receivers.len()).collect(),
            plan,
            shared,
            poll: Poll::new().unwrap(),
            later: BinaryHeap::new(),
            opening: 0,
            delays: Delays::default(),
            buffer: vec![0; BUFFER],
            scratch: Vec::with_capacity(BUFFER),
        }
    }

    pub(super) fn run(mut self) -> Outcome {
        let mut events = Events::with_capacity(4096);
        let mut stalling = false;
        let mut looked = Instant::now();
        while !self.shared.stop.load(Ordering::Acquire) {
            self.open_more();
            match self.poll.poll(&mut events, Some(TICK)) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => panic!("poll: {error}"),
            }
            for event in &events {
                let index = event.token().0;
                if event.is_error() || event.is_write_closed() && event.is_read_closed() {
                    self.read(index, true);
                    self.away(index);
                    continue;
                }
                if event.is_writable() && self.slots[index].state == State::Connecting {
                    self.ask(index);
                }
                if event.is_readable() || event.is_read_closed() {
                    if stalling && index < self.plan.stalled {
                        self.slots[index].unread = true;
                    } else {
                        self.read(index, event.is_read_closed());
                    }
                }
            }
            let stall = self.shared.stalling.load(Ordering::Acquire);
            if stalling && !stall {
                self.wake_stalled();
            }
            stalling = stall;
            if looked.elapsed() > OPEN_TIMEOUT / 4 {
                looked = Instant::now();
                self.give_up_late();
            }
        }
        self.end()
    }

    fn end(self) -> Outcome {
        for slot in &self.slots {
            if let Some(socket) = &slot.socket {
                // Nobody waits for the last bytes: no port is kept from the next crowd.
                let _ = SockRef::from(socket).set_linger(Some(Duration::ZERO));
            }
        }
        Outcome {
            tallies: self.slots.into_iter().map(|slot| slot.tally).collect(),
            delays: self.delays,
            reads: self.shared.reads.load(Ordering::Acquire),
            refused: self.shared.refused.load(Ordering::Acquire),
        }
    }

    fn open_more(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, index))) = self.later.peek().copied() {
            if at > now {
                break;
            }
            self.later.pop();
            self.waiting.push_back(index);
        }
        while self.opening < OPENING_MAX {
            let Some(index) = self.waiting.pop_front() else {
                return;
            };
            self.opening += 1;
            let mut socket = self.connect(index);
            self.poll
                .registry()
                .register(
                    &mut socket,
                    Token(index),
                    Interest::READABLE | Interest::WRITABLE,
                )
                .unwrap();
            let slot = &mut self.slots[index];
            slot.wire = Wire::new(self.plan.kind);
            slot.socket = Some(socket);
            slot.state = State::Connecting;
            slot.since = now;
        }
    }

    fn connect(&self, index: usize) -> TcpStream {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP)).unwrap();
        socket.set_nonblocking(true).unwrap();
        if index < self.plan.stalled {
            socket.set_recv_buffer_size(STALLED_BUFFER).unwrap();
            socket.set_tcp_mss(STALLED_SEGMENT).unwrap();
        }
        // In progress, or what is wrong comes as an event.
        let _ = socket.connect(&self.plan.address.into());
        TcpStream::from_std(socket.into())
    }

    fn ask(&mut self, index: usize) {
        let receiver = &self.plan.receivers[index];
        let slot = &mut self.slots[index];
        let mut request = receiver.head.clone();
        if receiver.subscribes.is_none() && !slot.tally.cursor.is_empty() {
            request.push_str("Last-Event-ID: ");
            request.push_str(&slot.tally.cursor);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        let Some(socket) = &mut slot.socket else {
            return;
        };
        match socket.write(request.as_bytes()) {
            Ok(size) if size == request.len() => slot.state = State::Asked,
            _ => self.away(index),
        }
    }

    fn read(&mut self, index: usize, closing: bool) {
        loop {
            let Some(socket) = &mut self.slots[index].socket else {
                return;
            };
            match socket.read(&mut self.buffer) {
                Ok(0) => return self.away(index),
                Ok(size) => {
                    if !self.take(index, size) {
                        return self.away(index);
                    }
                    // A short read has drained it, and what comes then is a new event.
                    if size < BUFFER && !closing {
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.away(index),
            }
        }
    }

    /// Takes what was read; gives whether the stream goes on.
    fn take(&mut self, index: usize, size: usize) -> bool {
        let (plan, delays, shared) = (&self.plan, &mut self.delays, &self.shared);
        let slot = &mut self.slots[index];
        let (tally, retry) = (&mut slot.tally, &mut slot.retry);
        let (mut fresh, mut goes_on, mut ready) = (0, true, false);
        let mut answer = Vec::new();
        slot.wire.feed(
            &self.buffer[..size],
            &mut self.scratch,
            &mut |heard| match heard {
                Heard::Opened => {
                    answer.extend(hello(&plan.receivers[index], &tally.cursor));
                    ready |= plan.ready.is_none();
                }
                Heard::Refused(_) => {
                    shared.refused.fetch_add(1, Ordering::AcqRel);
                    goes_on = false;
                }
                Heard::Closed(_) => goes_on = false,
                Heard::Retry(millis) => *retry = Some(Duration::from_millis(millis)),
                Heard::Ping(payload) => {
                    answer.extend_from_slice(&client_frame(10, payload));
                }
                Heard::Frame { name, id, data } => {
                    if !id.is_empty() {
                        tally.cursor.clear();
                        tally.cursor.push_str(&String::from_utf8_lossy(id));
                    }
                    if name == b"subscribed" {
                        tally.subscribed(data);
                    }
                    tally.resets += u64::from(name == b"reset");
                    if let Some((version, sent)) = tally.take(data) {
                        fresh += 1;
                        // One that stalls is late by its own doing.
                        if let Some(sent) = sent.filter(|_| index >= plan.stalled) {
                            delays.record(version, sent);
                        }
                    } else if let Some(mark) = plan.ready {
                        ready |= name == mark.as_bytes()
                            || memmem::find(data, mark.as_bytes()).is_some();
                    }
                }
            },
        );
        if fresh > 0 {
            shared.events.fetch_add(fresh, Ordering::AcqRel);
            shared.reads.fetch_add(1, Ordering::AcqRel);
        }
        if goes_on && ready && slot.state != State::Ready {
            slot.state = State::Ready;
            slot.failures = 0;
            slot.tally.opened += 1;
            self.opening -= 1;
            shared.ready.fetch_add(1, Ordering::AcqRel);
        }
        let said = answer.is_empty()
            || slot
                .socket
                .as_mut()
                .is_some_and(|socket| socket.write(&answer).is_ok());
        goes_on && said
    }

    /// Its stream is over: it comes back after a while of its own.
    fn away(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        match slot.state {
            State::Away => return,
            State::Ready => {
                self.shared.ready.fetch_sub(1, Ordering::AcqRel);
            }
            State::Connecting | State::Asked => self.opening -= 1,
        }
        let wait = (BACK_FIRST * 2u32.pow(slot.failures.min(6))).min(BACK_MAX);
        let wait = slot.retry.take().unwrap_or(wait).max(wait);
        slot.failures += 1;
        slot.socket = None;
        slot.state = State::Away;
        let at = Instant::now() + wait.mul_f64(rand::random_range(0.5..1.0));
        self.later.push(Reverse((at, index)));
    }

    fn wake_stalled(&mut self) {
        for index in 0..self.plan.stalled {
            if std::mem::take(&mut self.slots[index].unread) {
                self.read(index, true);
            }
        }
    }

    fn give_up_late(&mut self) {
        for index in 0..self.slots.len() {
            let slot = &self.slots[index];
            let late = matches!(slot.state, State::Connecting | State::Asked);
            if late && slot.since.elapsed() > OPEN_TIMEOUT {
                self.away(index);
            }
        }
    }
}

/// What a receiver says when its stream is open.
fn hello(receiver: &Receiver, cursor: &str) -> Vec<u8> {
    let Some(organization) = receiver.subscribes else {
        return Vec::new();
    };
    let since = (!cursor.is_empty()).then_some(cursor);
    let say = serde_json::json!({
        "type": "subscribe:organization",
        "data": { "id": organization, "since": since },
    });
    client_frame(1, say.to_string().as_bytes())
}
