//! One open stream as the hub knows it: a few flags and a way to wake it. No queue.

use std::{
    sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    task::Context,
};

use api::Timestamp;
use domain::SessionId;
use futures_util::task::AtomicWaker;

/// Why this side ends a stream. The client comes back by itself, or finds out that it may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum End {
    /// The session was ended: log-out, revocation.
    Session = 1,
    /// The session's time is up.
    Expired = 2,
    /// What the person may see is not certain any more: it must be asked for again.
    Admission = 3,
    /// This replica stops.
    Drain = 4,
}

impl End {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Expired => "expired",
            Self::Admission => "admission",
            Self::Drain => "drain",
        }
    }

    const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Session),
            2 => Some(Self::Expired),
            3 => Some(Self::Admission),
            4 => Some(Self::Drain),
            _ => None,
        }
    }
}

/// Nothing is due.
const NOTHING: u64 = 0;

/// A stream's side of the hub. The hub sets flags and wakes; the stream looks and acts.
#[derive(Debug)]
pub(crate) struct Client {
    pub session: SessionId,
    pub expires_at: Timestamp,
    /// The first position to look at, for it holds something for this client.
    due: AtomicU64,
    end: AtomicU8,
    ping: AtomicBool,
    waker: AtomicWaker,
}

impl Client {
    pub(crate) fn new(session: SessionId, expires_at: Timestamp) -> Self {
        Self {
            session,
            expires_at,
            due: AtomicU64::new(NOTHING),
            end: AtomicU8::new(0),
            ping: AtomicBool::new(false),
            waker: AtomicWaker::new(),
        }
    }

    /// Something at this position is for it. Only the first of many wakes it.
    pub(crate) fn mark(&self, position: u64) {
        let first =
            self.due
                .compare_exchange(NOTHING, position, Ordering::AcqRel, Ordering::Acquire);
        if first.is_ok() {
            self.waker.wake();
        }
    }

    pub(crate) fn end(&self, end: End) {
        // The first reason stays.
        let _ = self
            .end
            .compare_exchange(0, end as u8, Ordering::AcqRel, Ordering::Acquire);
        self.waker.wake();
    }

    pub(crate) fn ping(&self) {
        self.ping.store(true, Ordering::Release);
        self.waker.wake();
    }

    pub(crate) fn register(&self, context: &Context<'_>) {
        self.waker.register(context.waker());
    }

    pub(crate) fn ended(&self) -> Option<End> {
        End::from_number(self.end.load(Ordering::Acquire))
    }

    pub(crate) fn has_due(&self) -> bool {
        self.due.load(Ordering::Acquire) != NOTHING
    }

    pub(crate) fn take_due(&self) -> Option<u64> {
        match self.due.swap(NOTHING, Ordering::AcqRel) {
            NOTHING => None,
            position => Some(position),
        }
    }

    pub(crate) fn take_ping(&self) -> bool {
        self.ping.swap(false, Ordering::AcqRel)
    }
}
