//! Gives the log to every stream thread, in order, and finds the thread that has a person's streams.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use api::bus::Logged;
use domain::{Cursor, Incarnation, UserId};
use tokio::sync::watch;
use tracing::Span;

use crate::{
    inbox::{Command, Inbox},
    transport::framed,
};

pub(crate) struct FanOut {
    threads: Vec<Arc<Inbox>>,
    hasher: RandomState,
    /// Up to here everything has been given to the threads.
    applied: AtomicU64,
    /// The incarnation followed; `None` until the log's end was heard once.
    incarnation: watch::Sender<Option<Incarnation>>,
}

impl FanOut {
    pub(crate) fn new(threads: Vec<Arc<Inbox>>) -> Self {
        Self {
            threads,
            hasher: RandomState::new(),
            applied: AtomicU64::new(0),
            incarnation: watch::Sender::new(None),
        }
    }

    /// Topics with somebody who is shown their events.
    pub(crate) fn topics(&self) -> usize {
        self.threads.iter().map(|inbox| inbox.topics()).sum()
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
        self.command_all(|| Command::Restart(incarnation, last));
        self.applied.store(last, Ordering::Release);
        self.incarnation.send_replace(Some(incarnation));
    }

    /// Applies the next event of the log, framed once for all threads.
    /// The span ends when everybody who keeps up has been written to.
    pub(crate) fn apply(&self, logged: Logged, span: &Span) {
        let incarnation = self.incarnation.borrow().unwrap_or(Incarnation(0));
        let position = logged.position;
        let entry = Arc::new(framed(incarnation, logged));
        for thread in &self.threads {
            thread.push_event(incarnation, &entry, span);
        }
        self.applied.store(position, Ordering::Release);
    }

    /// The thread that has a person's streams.
    pub(crate) fn thread_of(&self, user: UserId) -> &Arc<Inbox> {
        &self.threads[self.hasher.hash_one(user) as usize % self.threads.len()]
    }

    pub(crate) fn command_all(&self, command: impl Fn() -> Command) {
        for thread in &self.threads {
            thread.push(command());
        }
    }
}

impl Drop for FanOut {
    fn drop(&mut self) {
        self.command_all(|| Command::Stop);
    }
}
