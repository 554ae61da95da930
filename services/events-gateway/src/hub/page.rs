//! A range of the log for streams that are further back than the ring: no IO, whoever fetches it hands it in.

use domain::{Cursor, Incarnation};

use super::entry::Entry;

/// Events that follow a place of the log, one after the other.
#[derive(Debug)]
pub(crate) struct Page<B> {
    incarnation: Incarnation,
    after: u64,
    entries: Vec<Entry<B>>,
}

impl<B> Page<B> {
    pub(crate) fn new(incarnation: Incarnation, after: u64, entries: Vec<Entry<B>>) -> Self {
        Self {
            incarnation,
            after,
            entries,
        }
    }

    /// The place it follows.
    pub(crate) fn after(&self) -> u64 {
        self.after
    }

    /// The last position it reaches.
    pub(crate) fn last(&self) -> u64 {
        self.entries
            .last()
            .map_or(self.after, |entry| entry.position)
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = &Entry<B>> {
        self.entries.iter()
    }

    /// Whether who stands at this cursor can go on in it.
    pub(crate) fn serves(&self, cursor: Cursor) -> bool {
        self.incarnation == cursor.incarnation
            && (self.after..self.last()).contains(&cursor.position)
    }
}
