//! The hub: applies the log in order, holds its recent part, and wakes whom an event is for. It
//! knows nothing of HTTP or frames' form, and no transport knows its inside.

mod access;
mod client;
mod join;
mod registry;
mod subscription;

use std::sync::{
    Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use api::{
    Timestamp,
    bus::Logged,
    event::{AccessChanged, Audience, Event, kind},
};
use bytes::Bytes;
use domain::{ClusterId, Cursor, Incarnation};
use feed::{Feed, Limits};
use tokio::sync::watch;

use crate::metric::Metrics;
use registry::Registry;

pub use client::End;
pub(crate) use join::{Allowance, Refused, Start};
pub use registry::Footprint;
pub(crate) use subscription::{Next, Subscription};

/// Turns an event into what every stream of a transport is sent, once.
pub(crate) type Frame = fn(Cursor, &Event) -> Bytes;

/// An event in the ring.
#[derive(Debug)]
pub(crate) struct Entry {
    pub audience: Audience,
    pub cluster: Option<ClusterId>,
    pub frame: Bytes,
}

/// Bytes an entry costs beside its frame.
const ENTRY_BYTES: usize = size_of::<Entry>() + 16;

pub struct Hub {
    /// Held while an event is applied and while a stream joins: both see whole positions only.
    /// Always taken before `feed`, `feed` before anybody's access.
    registry: Mutex<Registry>,
    feed: RwLock<Feed<Incarnation, Entry>>,
    /// Up to here everything is in the ring and everyone it is for has been marked.
    settled: AtomicU64,
    /// The incarnation followed; `None` until the log's end was heard once.
    incarnation: watch::Sender<Option<Incarnation>>,
    draining: AtomicBool,
    allowance: Allowance,
    frame: Frame,
    pub(crate) metrics: Metrics,
}

fn lock(registry: &Mutex<Registry>) -> MutexGuard<'_, Registry> {
    registry.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    pub(crate) fn new(ring: Limits, allowance: Allowance, frame: Frame) -> Self {
        Self {
            registry: Mutex::default(),
            feed: RwLock::new(Feed::new(Incarnation(0), 0, ring)),
            settled: AtomicU64::new(0),
            incarnation: watch::Sender::new(None),
            draining: AtomicBool::new(false),
            allowance,
            frame,
            metrics: Metrics::new(),
        }
    }

    /// What is connected.
    pub fn footprint(&self) -> Footprint {
        lock(&self.registry).footprint()
    }

    /// The incarnation followed, from when it is known.
    pub(crate) fn incarnation(&self) -> watch::Receiver<Option<Incarnation>> {
        self.incarnation.subscribe()
    }

    /// The last position applied.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        let incarnation = *self.incarnation.borrow();
        incarnation.map(|incarnation| Cursor {
            incarnation,
            position: self.settled.load(Ordering::Acquire),
        })
    }

    pub(crate) fn full(&self) -> Result<(), Refused> {
        if self.draining.load(Ordering::Acquire) {
            return Err(Refused::Draining);
        }
        let streams = lock(&self.registry).streams();
        if streams >= self.allowance.total {
            return Err(Refused::Total(streams));
        }
        Ok(())
    }

    /// Begins to follow the log after `last`, or goes on in another place of it. What was missed may
    /// have taken rights from anybody: every stream ends and is admitted anew.
    pub(crate) fn restart(&self, incarnation: Incarnation, last: u64) {
        let mut registry = lock(&self.registry);
        self.feed_mut().restart(incarnation, last);
        registry.forget(last);
        self.settled.store(last, Ordering::Release);
        self.incarnation.send_replace(Some(incarnation));
    }

    /// Applies the next event of the log. Rights change before anything after them is shown.
    pub(crate) fn apply(&self, logged: Logged, now: Timestamp) {
        let mut registry = lock(&self.registry);
        let Logged {
            position,
            audience,
            event,
        } = logged;
        let entry = self.entry(position, audience, &event);
        let (audience, cluster) = (entry.audience.clone(), entry.cluster);
        let bytes = entry.frame.len() + ENTRY_BYTES;
        self.feed_mut().push(entry, bytes);
        if event.kind == kind::ACCESS_CHANGED {
            change_access(&mut registry, position, event);
        } else {
            registry.dispatch(position, &audience, cluster, now);
        }
        self.settled.store(position, Ordering::Release);
    }

    /// An event as the ring and the archive hold it.
    pub(crate) fn entry(&self, position: u64, audience: Audience, event: &Event) -> Entry {
        let incarnation = self.incarnation.borrow().unwrap_or(Incarnation(0));
        let cursor = Cursor {
            incarnation,
            position,
        };
        let shown = !matches!(audience, Audience::Hub | Audience::Unknown);
        Entry {
            frame: if shown {
                (self.frame)(cursor, event)
            } else {
                Bytes::new()
            },
            audience,
            cluster: event.cluster_id,
        }
    }

    fn place(&self) -> Option<Cursor> {
        self.incarnation.borrow().is_some().then(|| {
            let feed = self.feed();
            Cursor {
                incarnation: feed.incarnation(),
                position: feed.last(),
            }
        })
    }

    /// Called once a tick: streams whose session is over end; one in `turns` of the others is told
    /// that the stream is alive.
    pub(crate) fn tick(&self, now: Timestamp, turn: u64, turns: u64) {
        for (id, client) in lock(&self.registry).clients() {
            if client.expires_at <= now {
                client.end(End::Expired);
            } else if id % turns == turn % turns {
                client.ping();
            }
        }
    }

    /// No new streams from here on.
    pub(crate) fn close_doors(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Ends the streams of one wave of a stopping replica.
    pub(crate) fn drain(&self, wave: u64, waves: u64) {
        for (id, client) in lock(&self.registry).clients() {
            if id % waves <= wave {
                client.end(End::Drain);
            }
        }
    }

    fn leave(&self, user: domain::UserId, id: u64) {
        lock(&self.registry).leave(user, id);
        self.metrics.connections.decrement(1);
    }

    fn settled(&self) -> u64 {
        self.settled.load(Ordering::Acquire)
    }

    fn feed(&self) -> std::sync::RwLockReadGuard<'_, Feed<Incarnation, Entry>> {
        self.feed.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn feed_mut(&self) -> std::sync::RwLockWriteGuard<'_, Feed<Incarnation, Entry>> {
        self.feed.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A change that cannot be read may have taken rights from anybody: everyone is admitted anew.
fn change_access(registry: &mut Registry, position: u64, event: Event) {
    let data = event.data.unwrap_or_default();
    match serde_json::from_value::<AccessChanged>(data) {
        Ok(change) => registry.change(position, change),
        Err(error) => {
            tracing::error!(position, %error, "a change of rights cannot be read: all streams end");
            registry.forget(position);
        }
    }
}
