//! A lane: one thread with one shard of the hub and the sockets of its streams. It waits for all of
//! them at once; no stream has a task, a queue or a buffer of its own.

mod fresh;
mod line;
mod round;
mod talk;

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use api::Timestamp;
use bytes::Bytes;
use chrono::Utc;
use feed::Limits;
use mio::{Events, Interest, Poll, Token, Waker};
use tokio::runtime::Handle;

use self::{
    fresh::Fresh,
    line::{Flow, Line, Stage},
    round::Rounds,
};
use crate::{
    archive::{Archive, Missing, Page},
    hub::{Command, End, Entry, Frames, Inbox, Join, Joined, Key, Next, Rights, Shard},
    metric::Metrics,
    presence::{Act, Presence},
    transport::{
        frame::Transport,
        sse,
        websocket::{self, Incoming},
    },
};

/// A keep-alive period is this many ticks; each tick serves its share of the streams.
const TURNS: u64 = 15;
/// How often one stream writes before the others get a turn.
const ROUNDS: usize = 8;
/// A socket that takes or gives nothing for so long is given up (WebSockets are pinged).
const SILENCE_MAX: Duration = Duration::from_secs(60);
/// How long the other side may take for its goodbye.
const GOODBYE_MAX: Duration = Duration::from_secs(2);
const WAKE: Token = Token(usize::MAX);
const EVENTS: usize = 1_024;
const SCRATCH: usize = 16 << 10;

/// What a lane is made with.
#[derive(Clone)]
pub(crate) struct Equipment {
    pub ring: Limits,
    pub catch_up: u64,
    pub keep_alive: Duration,
    pub archive: Arc<Archive>,
    pub presence: Presence,
    pub metrics: Arc<Metrics>,
    pub runtime: Handle,
}

pub(crate) struct Lane {
    poll: Poll,
    inbox: Arc<Inbox>,
    shard: Shard,
    lines: Vec<Option<(Key, Line)>>,
    tools: Equipment,
    scratch: Box<[u8]>,
    frames: Frames,
    fresh: Fresh,
    /// Streams to look at, and those to look at again.
    work: Vec<Key>,
    again: Vec<Key>,
    turn: u64,
    tick_at: Instant,
    rounds: Rounds,
    now: Timestamp,
}

/// Starts a lane's thread; it ends when its inbox says so.
///
/// # Errors
/// When the system has no means left to wait with.
pub(crate) fn start(number: u16, tools: Equipment) -> io::Result<Arc<Inbox>> {
    let poll = Poll::new()?;
    let inbox = Arc::new(Inbox::new(Waker::new(poll.registry(), WAKE)?));
    let mut lane = Lane {
        poll,
        inbox: inbox.clone(),
        shard: Shard::new(tools.ring, tools.catch_up),
        lines: Vec::new(),
        scratch: vec![0; SCRATCH].into(),
        frames: Vec::new(),
        fresh: Fresh::default(),
        work: Vec::new(),
        again: Vec::new(),
        turn: 0,
        tick_at: Instant::now() + tools.keep_alive / TURNS as u32,
        rounds: Rounds::new(Instant::now()),
        now: Utc::now().into(),
        tools,
    };
    let thread = std::thread::Builder::new().name(format!("streams-{number}"));
    thread.spawn(move || lane.run())?;
    Ok(inbox)
}

impl Lane {
    fn run(&mut self) {
        let mut events = Events::with_capacity(EVENTS);
        loop {
            match self.poll.poll(&mut events, Some(self.rest())) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    tracing::error!(%error, "a stream thread cannot wait for its sockets");
                    return;
                }
            }
            self.now = Utc::now().into();
            for event in &events {
                if event.token() == WAKE {
                    self.rounds.wake();
                    continue;
                }
                let key = Key(event.token().0 as u64);
                self.ready(
                    key,
                    event.is_readable() || event.is_read_closed() || event.is_error(),
                    event.is_writable(),
                );
            }
            if !self.take() {
                return;
            }
            if Instant::now() >= self.tick_at {
                self.tick();
            }
            self.serve();
            let metrics = &self.tools.metrics;
            self.fresh.delivered(Utc::now(), |transport, lag| {
                metrics.flow(transport).lag.record(lag.as_secs_f64());
            });
        }
    }

    /// How long to wait for the sockets.
    fn rest(&self) -> Duration {
        if self.work.is_empty() {
            let until = self.rounds.rest(self.tick_at);
            until.saturating_duration_since(Instant::now())
        } else {
            Duration::ZERO
        }
    }

    /// Does what the inbox says, when it is time to; false at the end.
    fn take(&mut self) -> bool {
        let now = Instant::now();
        if !self.rounds.begin(now) {
            return true;
        }
        for command in self.inbox.take() {
            if let Command::Event(entry, span) = &command {
                self.fresh.add(entry, span);
                self.rounds.delivers(now);
            }
            if !self.obey(command) {
                return false;
            }
        }
        true
    }

    /// Looks at every stream that has something to do.
    fn serve(&mut self) {
        self.shard.take_dirty(&mut self.work);
        self.rounds.end(self.work.len());
        let mut work = std::mem::take(&mut self.work);
        for key in work.drain(..) {
            self.pump(key);
        }
        std::mem::swap(&mut work, &mut self.again);
        self.work = work;
        self.inbox.set_topics(self.shard.topics());
    }

    fn line(&mut self, key: Key) -> Option<&mut Line> {
        match self.lines.get_mut(key.index()) {
            Some(Some((held, line))) if *held == key => Some(line),
            _ => None,
        }
    }

    /// False at the end.
    fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Event(entry, _) => self.event(&entry),
            Command::Restart(incarnation, last) => self.shard.restart(incarnation, last),
            Command::Join(join) => self.join(*join),
            Command::Go(key) => self.go(key),
            Command::Page(key, page) => self.page(key, page),
            Command::Room(key, room, words) => self.room(key, &room, words),
            Command::Drain { waves } => self.shard.drain(waves),
            Command::Stop => return false,
        }
        true
    }

    fn event(&mut self, entry: &Arc<Entry>) {
        self.shard.apply(entry, self.now);
        if let Rights::Change(change) = &entry.rights
            && let Some(key) = self.shard.stream_of(change.user_id)
        {
            let user = change.user_id;
            self.tools
                .presence
                .act(key, &self.inbox, Act::Recheck { user });
        }
    }

    fn join(&mut self, join: Join) {
        let Join {
            admitted,
            transport,
            wants,
            start,
            socket,
            head,
            ticket,
            joined,
        } = join;
        let (key, began) = match self.shard.join(&admitted, transport, wants, start) {
            Ok(begun) => begun,
            Err(refused) => {
                let _ = joined.send(Err(refused));
                return;
            }
        };
        self.tools.metrics.began(transport, began);
        let incoming =
            (transport == Transport::WebSocket).then(|| Box::new(Incoming::new(Instant::now())));
        let line = Line::new(socket, head, incoming, ticket, Instant::now());
        if self.lines.len() <= key.index() {
            self.lines.resize_with(key.index() + 1, || None);
        }
        self.lines[key.index()] = Some((key, line));
        let inbox = self.inbox.clone();
        // Whoever waited has gone: dropping it makes the stream go, and find nobody there.
        let _ = joined.send(Ok(Joined { inbox, key }));
    }

    /// The socket is this lane's from here on.
    fn go(&mut self, key: Key) {
        let opening = self.opening(key);
        let registry = self.poll.registry();
        let Some(Some((held, line))) = self.lines.get_mut(key.index()) else {
            return;
        };
        if *held != key {
            return;
        }
        let interest = Interest::READABLE | Interest::WRITABLE;
        let registered = registry.register(&mut line.socket, Token(key.0 as usize), interest);
        line.stage = Stage::Open;
        line.say(opening);
        if let Err(error) = registered {
            tracing::error!(%error, "a stream cannot be waited for");
            return self.close(key);
        }
        self.pump(key);
    }

    fn opening(&self, key: Key) -> Bytes {
        match self.shard.client(key) {
            Some(client) if client.transport == Transport::Sse => sse::opening(client.cursor()),
            Some(client) => websocket::connected(client, self.tools.keep_alive),
            None => Bytes::new(),
        }
    }

    fn page(&mut self, key: Key, page: Result<Arc<Page>, Missing>) {
        let Some(line) = self.line(key) else {
            return;
        };
        line.fetching = false;
        match page {
            Ok(page) => self.shard.turn_to(key, page),
            Err(Missing::Reset(reset)) => self.shard.reset(key, reset),
            Err(Missing::Call(error)) => {
                // Nothing is lost: the client comes back to where it is.
                tracing::warn!(%error, "a stream cannot be caught up now");
                self.shard.end(key, End::Admission);
            }
        }
        self.work.push(key);
    }

    fn ready(&mut self, key: Key, readable: bool, writable: bool) {
        if readable {
            self.hear(key);
        }
        if writable && let Some(line) = self.line(key) {
            if line.blocked {
                line.blocked = false;
                line.alive = Instant::now();
            }
            self.work.push(key);
        }
    }

    /// Writes to one stream whatever there is for it.
    fn pump(&mut self, key: Key) {
        for _ in 0..ROUNDS {
            let ended = self.shard.ended(key);
            let Some(line) = self.line(key) else {
                return;
            };
            if line.blocked || line.stage == Stage::Parked || line.stage == Stage::Shut {
                return;
            }
            match line.flush() {
                Flow::Done => {}
                Flow::Blocked => return,
                Flow::Gone => return self.close(key),
            }
            if line.stage == Stage::Ending {
                line.stage = Stage::Shut;
                line.alive = Instant::now();
                let _ = line.socket.shutdown(std::net::Shutdown::Write);
                self.shard.leave(key);
                return;
            }
            if line.fetching && !ended {
                return;
            }
            if !self.step(key) {
                return;
            }
        }
        self.again.push(key);
    }

    /// One look and one write; false when there is nothing more for now.
    fn step(&mut self, key: Key) -> bool {
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        let next = self.shard.gather(key, &mut frames, self.now);
        let more = match next {
            Next::Write { upto, level } => self.write(key, &frames, upto, level),
            Next::Level => false,
            Next::Again => true,
            Next::Older(cursor) => {
                self.fetch(key, cursor);
                false
            }
            Next::Reset(reset, cursor) => {
                self.told_reset(key, reset, cursor);
                true
            }
            Next::End(end) => {
                self.farewell(key, end);
                true
            }
        };
        frames.clear();
        self.frames = frames;
        more
    }

    fn write(&mut self, key: Key, frames: &Frames, upto: u64, level: bool) -> bool {
        let Some(transport) = self.shard.client(key).map(|client| client.transport) else {
            return false;
        };
        let Some(line) = self.line(key) else {
            return false;
        };
        let (started, flow) = line.write(frames);
        let all = started == frames.len();
        if all {
            self.shard.wrote(key, upto, level);
        } else if let Some((position, _)) = started.checked_sub(1).and_then(|i| frames.get(i)) {
            self.shard.wrote(key, *position, false);
        }
        let counts = self.tools.metrics.flow(transport);
        counts.frames.increment(started as u64);
        counts.writes.increment(1);
        let mut bytes = 0;
        for (position, frame) in &frames[..started] {
            bytes += frame.len();
            self.fresh.wrote(transport, *position);
        }
        counts.bytes.increment(bytes as u64);
        match flow {
            Flow::Done => !(all && level),
            Flow::Blocked => false,
            Flow::Gone => {
                self.close(key);
                false
            }
        }
    }

    fn fetch(&mut self, key: Key, cursor: domain::Cursor) {
        let (archive, inbox) = (self.tools.archive.clone(), self.inbox.clone());
        if let Some(line) = self.line(key) {
            line.fetching = true;
            self.tools.runtime.spawn(async move {
                let page = archive.page(cursor).await;
                inbox.push(Command::Page(key, page));
            });
        }
    }

    /// Frees everything at once.
    fn close(&mut self, key: Key) {
        self.shard.leave(key);
        if self.line(key).is_some()
            && let Some((_, mut line)) = self.lines[key.index()].take()
        {
            if line.incoming.is_some() {
                self.tools.presence.act(key, &self.inbox, Act::Gone);
            }
            let _ = self.poll.registry().deregister(&mut line.socket);
        }
    }
}
