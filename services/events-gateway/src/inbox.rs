//! What comes to a stream thread, in order, and how the thread is woken. Events wait here only while the thread is busy; a
//! thread that falls hopelessly behind begins anew instead.

use std::{
    collections::VecDeque,
    net::TcpStream,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use api::bus::AdmitReply;
use bytes::Bytes;
use domain::Incarnation;
use tokio::sync::oneshot;
use tracing::Span;

use crate::{
    archive::Missing,
    hub::{PresenceRoom, Refused, Start, StreamKey, Wants},
    stream_limits::Permit,
    transport::{FramedEntry, FramedPage, Transport},
};

/// Events that wait for a busy thread.
const EVENTS_MAX: usize = 16_384;

/// A connection on its way to a thread, to become a stream.
pub(crate) struct Handover {
    pub admitted: AdmitReply,
    pub transport: Transport,
    pub wants: Wants,
    pub start: Start,
    pub socket: TcpStream,
    /// What the other side is sent before anything else.
    pub head: Bytes,
    pub permit: Permit,
    pub placed: oneshot::Sender<Result<Placed, Refused>>,
}

/// A stream that has its place. Its thread begins to use the socket when this is dropped: until
/// then the socket is in the hands of whoever holds it.
pub(crate) struct Placed {
    pub inbox: Arc<Inbox>,
    pub key: StreamKey,
}

impl Drop for Placed {
    fn drop(&mut self) {
        self.inbox.push(Command::UseSocket(self.key));
    }
}

pub(crate) enum Command {
    /// The span ends when everybody who keeps up has been written to.
    Event(Arc<FramedEntry>, Span),
    Restart(Incarnation, u64),
    Open(Box<Handover>),
    UseSocket(StreamKey),
    Page(StreamKey, Result<Arc<FramedPage>, Missing>),
    /// Who is in a room, framed, for a stream whose person is there.
    Presence(StreamKey, PresenceRoom, Bytes),
    /// Ends an even share of the streams, as the first of so many waves.
    Drain {
        waves: u32,
    },
    Stop,
}

#[derive(Default)]
struct Queue {
    commands: VecDeque<Command>,
    events: usize,
    stopped: bool,
}

pub(crate) struct Inbox {
    queue: Mutex<Queue>,
    waker: mio::Waker,
    /// The thread has been woken and has not emptied the queue since.
    woken: AtomicBool,
    /// Topics of its shard with somebody who is shown their events.
    topics: AtomicUsize,
}

impl Inbox {
    pub(crate) fn new(waker: mio::Waker) -> Self {
        Self {
            queue: Mutex::default(),
            waker,
            woken: AtomicBool::new(false),
            topics: AtomicUsize::new(0),
        }
    }

    pub(crate) fn push_event(
        &self,
        incarnation: Incarnation,
        entry: &Arc<FramedEntry>,
        span: &Span,
    ) {
        {
            let mut queue = self.queue();
            if queue.stopped {
                return;
            }
            if queue.events >= EVENTS_MAX {
                // Nothing is lost: everybody comes back to where they are.
                let keep = |command: &Command| !matches!(command, Command::Event(..));
                queue.commands.retain(keep);
                queue.events = 0;
                let anew = Command::Restart(incarnation, entry.position - 1);
                queue.commands.push_back(anew);
            }
            queue.events += 1;
            let event = Command::Event(entry.clone(), span.clone());
            queue.commands.push_back(event);
        }
        self.wake();
    }

    pub(crate) fn push(&self, command: Command) {
        {
            let mut queue = self.queue();
            if queue.stopped {
                return;
            }
            queue.stopped = matches!(command, Command::Stop);
            queue.commands.push_back(command);
        }
        self.wake();
    }

    /// Everything that waits, for the shard's thread.
    pub(crate) fn drain(&self) -> VecDeque<Command> {
        // In this order: what comes after it wakes again.
        self.woken.store(false, Ordering::SeqCst);
        let mut queue = self.queue();
        queue.events = 0;
        std::mem::take(&mut queue.commands)
    }

    pub(crate) fn topics(&self) -> usize {
        self.topics.load(Ordering::Relaxed)
    }

    pub(crate) fn set_topics(&self, topics: usize) {
        self.topics.store(topics, Ordering::Relaxed);
    }

    fn wake(&self) {
        if !self.woken.swap(true, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a stream thread cannot be woken");
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
