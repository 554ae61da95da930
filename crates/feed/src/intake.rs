//! The receiving end: puts what arrives in any order, doubled or with holes, back in order, and
//! knows where something is missing. It does not fetch what is missing.

use std::collections::BTreeMap;

/// What an arriving position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// The one that follows the last.
    Next,
    /// It was here before.
    Seen,
    /// Something between `after` and it is missing.
    Gap { after: u64 },
}

/// Items on their way into order.
#[derive(Debug)]
pub struct Intake<T> {
    last: u64,
    /// The furthest position known to exist.
    head: u64,
    /// What came too early, so that one fetch of the hole is enough.
    early: BTreeMap<u64, T>,
    early_max: usize,
}

impl<T> Intake<T> {
    /// Everything up to `last` is already here. At most `early_max` items wait for a hole to close;
    /// what comes beyond that is dropped and is a hole later.
    pub fn new(last: u64, early_max: usize) -> Self {
        Self {
            last,
            head: last,
            early: BTreeMap::new(),
            early_max,
        }
    }

    /// The last position that was taken in order.
    pub const fn last(&self) -> u64 {
        self.last
    }

    /// Judges a position and changes nothing.
    pub const fn judge(&self, position: u64) -> Offer {
        if position <= self.last {
            Offer::Seen
        } else if position == self.last + 1 {
            Offer::Next
        } else {
            Offer::Gap { after: self.last }
        }
    }

    /// Takes an item in; what can be handed on now comes from [`Self::pop`].
    pub fn offer(&mut self, position: u64, item: T) -> Offer {
        let offer = self.judge(position);
        self.head = self.head.max(position);
        let room = self.early.len() < self.early_max || offer == Offer::Next;
        if offer != Offer::Seen && room {
            self.early.entry(position).or_insert(item);
        }
        offer
    }

    /// The sequence is known to reach `head`.
    pub fn on_head(&mut self, head: u64) {
        self.head = self.head.max(head);
    }

    /// The next item in order, if it is here.
    pub fn pop(&mut self) -> Option<(u64, T)> {
        let entry = self.early.first_entry()?;
        if *entry.key() != self.last + 1 {
            return None;
        }
        self.last += 1;
        Some((self.last, entry.remove()))
    }

    /// Where to fetch from, once everything that is here has been popped; `None` when nothing is missing.
    pub fn gap(&self) -> Option<u64> {
        (self.head > self.last && !self.early.contains_key(&(self.last + 1))).then_some(self.last)
    }
}
