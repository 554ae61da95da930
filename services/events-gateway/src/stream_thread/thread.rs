//! The thread itself: waits for its sockets and its inbox, carries out commands, and serves streams with something to do.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::Utc;
use mio::{Events, Poll, Token, Waker};

use super::{
    batching::Batching,
    control::TICKS_PER_PERIOD,
    streams::{Dependencies, Streams},
};
use crate::{
    hub::{Rights, StreamKey},
    inbox::{Command, Inbox},
    presence::Act,
    transport::FramedEntry,
};

const WAKE: Token = Token(usize::MAX);
const EVENTS: usize = 1_024;

struct StreamThread {
    poll: Poll,
    streams: Streams,
    batching: Batching,
    tick: u32,
    tick_at: Instant,
}

/// Starts a stream thread; it ends when its inbox says so.
///
/// # Errors
/// When the system has no means left to wait with.
pub(crate) fn start(number: u16, dependencies: Dependencies) -> io::Result<Arc<Inbox>> {
    let poll = Poll::new()?;
    let inbox = Arc::new(Inbox::new(Waker::new(poll.registry(), WAKE)?));
    let registry = poll.registry().try_clone()?;
    let now = Instant::now();
    let mut stream_thread = StreamThread {
        poll,
        tick: 0,
        tick_at: now + dependencies.keep_alive / TICKS_PER_PERIOD,
        streams: Streams::new(registry, inbox.clone(), dependencies),
        batching: Batching::new(now),
    };
    let thread = std::thread::Builder::new().name(format!("streams-{number}"));
    thread.spawn(move || stream_thread.run())?;
    Ok(inbox)
}

impl StreamThread {
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
            self.streams.now = Utc::now().into();
            for event in &events {
                if event.token() == WAKE {
                    self.batching.wake();
                    continue;
                }
                self.streams.on_ready(
                    StreamKey(event.token().0 as u64),
                    event.is_readable() || event.is_read_closed() || event.is_error(),
                    event.is_writable(),
                );
            }
            if !self.empty_inbox() {
                return;
            }
            let now = Instant::now();
            if now >= self.tick_at {
                self.tick_at = now + self.streams.dependencies.keep_alive / TICKS_PER_PERIOD;
                self.tick = (self.tick + 1) % TICKS_PER_PERIOD;
                self.streams.tick(self.tick, now);
            }
            self.serve();
        }
    }

    /// How long to wait for the sockets.
    fn rest(&self) -> Duration {
        if self.streams.work.is_empty() {
            let until = self.batching.rest(self.tick_at);
            until.saturating_duration_since(Instant::now())
        } else {
            Duration::ZERO
        }
    }

    /// Carries out what is in the inbox, when it is time to; false at the end.
    fn empty_inbox(&mut self) -> bool {
        let now = Instant::now();
        if !self.batching.begin(now) {
            return true;
        }
        for command in self.streams.inbox.drain() {
            match command {
                Command::Event(entry, span) => {
                    let happened_at = entry.time.datetime();
                    let lag = &mut self.streams.delivery_lag;
                    lag.begin(entry.position, happened_at, span);
                    self.batching.delivers(now);
                    self.on_event(&entry);
                }
                Command::Restart(incarnation, last) => {
                    self.streams.shard.restart(incarnation, last);
                }
                Command::Open(handover) => self.streams.open(*handover),
                Command::UseSocket(key) => {
                    self.streams.use_socket(key);
                    self.streams.pump(key);
                }
                Command::Page(key, page) => self.streams.on_page(key, page),
                Command::Presence(key, room, frame) => self.streams.on_presence(key, room, frame),
                Command::Drain { waves } => self.streams.shard.drain(waves),
                Command::Stop => return false,
            }
        }
        true
    }

    fn on_event(&mut self, entry: &Arc<FramedEntry>) {
        let streams = &mut self.streams;
        streams.shard.apply(entry, streams.now);
        if let Rights::Change(change) = &entry.rights
            && let Some(key) = streams.shard.stream_of(change.user_id)
        {
            let user = change.user_id;
            streams.act(key, Act::Recheck { user });
        }
    }

    fn serve(&mut self) {
        let streams = &mut self.streams;
        streams.shard.drain_dirty(&mut streams.work);
        self.batching.end(streams.work.len());
        streams.serve();
        let metrics = &streams.dependencies.metrics;
        streams.delivery_lag.end(Utc::now(), |transport, lag| {
            metrics.of(transport).lag.record(lag.as_secs_f64());
        });
    }
}
