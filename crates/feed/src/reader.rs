//! One reader: a place in the feed and nothing else, so a reader that stalls costs a number.

use crate::{
    reset::Reset,
    ring::{Feed, Source},
};

/// What a reader finds next.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// It is level with the feed.
    Level,
    /// There may be more: frames were handed over, or passed by as not wanted.
    More,
    /// What follows `after` has to be asked for elsewhere; give it to [`Reader::claim`].
    Older { after: u64 },
    /// It cannot go on from here; [`Reader::restart`] it.
    Reset(Reset),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader<I> {
    incarnation: I,
    position: u64,
}

impl<I: Copy + Eq> Reader<I> {
    /// A reader that has seen everything up to `position`.
    pub const fn new(incarnation: I, position: u64) -> Self {
        Self {
            incarnation,
            position,
        }
    }

    pub const fn incarnation(&self) -> I {
        self.incarnation
    }

    /// The last position it has seen or passed.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Goes to another place, wherever it was.
    pub fn restart(&mut self, incarnation: I, position: u64) {
        *self = Self::new(incarnation, position);
    }

    /// Passes what is known not to be for it. Never goes back.
    pub fn pass(&mut self, position: u64) {
        self.position = self.position.max(position);
    }

    /// Reads on from the ring. `visit` gets each frame once, in order, and answers whether there is
    /// room for another.
    pub fn read<F>(&mut self, feed: &Feed<I, F>, mut visit: impl FnMut(u64, &F) -> bool) -> Read {
        match feed.source(self.incarnation, self.position) {
            Source::OtherIncarnation => return Read::Reset(Reset::OtherIncarnation),
            // It began ahead of what has arrived here: its place will be reached.
            Source::Future => return Read::Level,
            Source::Older => {
                return Read::Older {
                    after: self.position,
                };
            }
            Source::Ring => {}
        }
        for (position, frame) in feed.after(self.position) {
            self.position = position;
            if !visit(position, frame) {
                break;
            }
        }
        if self.position == feed.last() {
            Read::Level
        } else {
            Read::More
        }
    }

    /// Claims a frame that came from elsewhere: false if it was seen before.
    pub fn claim(&mut self, position: u64) -> bool {
        let new = position > self.position;
        self.pass(position);
        new
    }
}
