//! The hub: applies the log in order, holds its recent part, and says what each stream is to be
//! sent. It knows nothing of sockets, and no transport knows its inside. Each of its shards belongs
//! to one thread; what reaches a shard comes through its inbox, in order.

mod access;
mod client;
mod door;
mod entry;
mod inbox;
mod join;
mod people;
mod shard;
mod wants;

use std::{
    hash::BuildHasher,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use api::bus::Logged;
use domain::{Cursor, Incarnation, UserId};
use tokio::sync::watch;

use crate::metric::Metrics;

pub(crate) use client::{Client, Next};
pub use client::{End, Fault};
pub(crate) use door::{Allowance, Door, Refused, Ticket};
pub(crate) use entry::{Entry, Kinds};
pub(crate) use inbox::{Command, Inbox, Join, Joined};
pub(crate) use join::{Began, NotSubscribed, Start, TOPICS_MAX};
pub(crate) use people::Key;
pub(crate) use shard::{FRAMES_MAX, Frames, Shard};
pub(crate) use wants::{Topic, Topics, Wants};

pub struct Hub {
    shards: Vec<Arc<Inbox>>,
    hasher: std::hash::RandomState,
    /// Up to here everything has been given to the shards.
    applied: AtomicU64,
    /// The incarnation followed; `None` until the log's end was heard once.
    incarnation: watch::Sender<Option<Incarnation>>,
    pub(crate) door: Arc<Door>,
    pub(crate) metrics: Arc<Metrics>,
}

/// How much is held for streams; all zero once everybody has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footprint {
    pub streams: usize,
    pub people: usize,
    /// Topics with somebody who is shown their events.
    pub topics: usize,
}

impl Hub {
    pub(crate) fn new(shards: Vec<Arc<Inbox>>, door: Arc<Door>, metrics: Arc<Metrics>) -> Self {
        Self {
            shards,
            hasher: std::hash::RandomState::new(),
            applied: AtomicU64::new(0),
            incarnation: watch::Sender::new(None),
            door,
            metrics,
        }
    }

    /// What is connected.
    pub fn footprint(&self) -> Footprint {
        let (streams, people) = self.door.inside();
        let topics = self.shards.iter().map(|inbox| inbox.topics()).sum();
        Footprint {
            streams,
            people,
            topics,
        }
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
            position: self.applied.load(Ordering::Acquire),
        })
    }

    /// Begins to follow the log after `last`, or goes on in another place of it.
    pub(crate) fn restart(&self, incarnation: Incarnation, last: u64) {
        self.tell(|| Command::Restart(incarnation, last));
        self.applied.store(last, Ordering::Release);
        self.incarnation.send_replace(Some(incarnation));
    }

    /// Applies the next event of the log.
    pub(crate) fn apply(&self, logged: Logged) {
        let incarnation = self.incarnation.borrow().unwrap_or(Incarnation(0));
        let position = logged.position;
        let entry = Arc::new(Entry::new(incarnation, logged));
        for shard in &self.shards {
            shard.event(incarnation, &entry);
        }
        self.applied.store(position, Ordering::Release);
    }

    /// The shard where a person's streams are.
    pub(crate) fn shard(&self, user: UserId) -> &Arc<Inbox> {
        &self.shards[self.hasher.hash_one(user) as usize % self.shards.len()]
    }

    /// Tells every shard the same.
    pub(crate) fn tell(&self, command: impl Fn() -> Command) {
        for shard in &self.shards {
            shard.push(command());
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.tell(|| Command::Stop);
    }
}
