//! The recent part of a sequence, shared by all its readers, and where a place can be served from.

use std::collections::VecDeque;

/// How much a ring holds: whichever of the two is reached first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub frames: usize,
    pub bytes: usize,
}

/// Where what follows a place is to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// In the ring, or it is still to come.
    Ring,
    /// It left the ring: whoever keeps the whole sequence has to be asked.
    Older,
    OtherIncarnation,
    /// Beyond the last position there is.
    Future,
}

/// One incarnation of a sequence: its last position and as many of the last frames as the limits allow.
#[derive(Debug)]
pub struct Feed<I, F> {
    incarnation: I,
    last: u64,
    frames: VecDeque<(F, usize)>,
    bytes: usize,
    limits: Limits,
}

impl<I: Copy + Eq, F> Feed<I, F> {
    /// Nothing in the ring; the next position is `last + 1`.
    pub fn new(incarnation: I, last: u64, limits: Limits) -> Self {
        Self {
            incarnation,
            last,
            frames: VecDeque::new(),
            bytes: 0,
            limits,
        }
    }

    /// Another life of the sequence, or a place further on in this one: the ring is empty again.
    pub fn restart(&mut self, incarnation: I, last: u64) {
        *self = Self::new(incarnation, last, self.limits);
    }

    pub const fn incarnation(&self) -> I {
        self.incarnation
    }

    pub const fn last(&self) -> u64 {
        self.last
    }

    /// The earliest position in the ring; one past the last if it is empty.
    pub fn first(&self) -> u64 {
        self.last + 1 - self.frames.len() as u64
    }

    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a frame, lets go of the oldest beyond the limits, and gives its position.
    pub fn push(&mut self, frame: F, bytes: usize) -> u64 {
        self.last += 1;
        self.bytes += bytes;
        self.frames.push_back((frame, bytes));
        while self.frames.len() > self.limits.frames || self.bytes > self.limits.bytes {
            match self.frames.pop_front() {
                Some((_, freed)) => self.bytes -= freed,
                None => break,
            }
        }
        self.last
    }

    /// Where a reader at this place is served from.
    pub fn source(&self, incarnation: I, after: u64) -> Source {
        if incarnation != self.incarnation {
            Source::OtherIncarnation
        } else if after > self.last {
            Source::Future
        } else if after + 1 < self.first() {
            Source::Older
        } else {
            Source::Ring
        }
    }

    /// The frames after a position, oldest first; begins at the ring's first if that is later.
    pub fn after(&self, position: u64) -> impl Iterator<Item = (u64, &F)> {
        let first = self.first();
        let skip = usize::try_from((position + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        self.frames
            .iter()
            .enumerate()
            .skip(skip)
            .map(move |(index, (frame, _))| (first + index as u64, frame))
    }
}
