//! One stream's view of the hub: what to send next, and when. It is polled by a transport and
//! leaves the hub when it is dropped, whatever the reason.

use std::{
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
};

use api::Timestamp;
use bytes::{Bytes, BytesMut};
use chrono::Utc;
use domain::{Cursor, Incarnation, UserId};
use feed::{Read, Reader, Reset};

use super::{Entry, Hub, access::Access, client::Client, client::End};

/// Bytes gathered into one write; a single larger frame goes alone.
const WRITE_MAX: usize = 32 << 10;
/// Entries looked at in one go before others get a turn.
const LOOK_MAX: usize = 1_024;

/// What a stream sends next.
#[derive(Debug)]
pub(crate) enum Next {
    /// Frames that waited, in order, as one write.
    Frames(Bytes),
    /// Nothing happened for a while; with the place the stream has reached, if that moved.
    Ping(Option<Cursor>),
    /// It cannot go on from where it was and goes on here.
    Reset(Reset, Cursor),
    /// The events after this cursor left the ring: read them and give them to [`Subscription::take`].
    Older(Cursor),
    End(End),
}

pub(crate) struct Subscription {
    hub: Arc<Hub>,
    whose: (UserId, u64),
    client: Arc<Client>,
    access: Arc<RwLock<Access>>,
    reader: Reader<Incarnation>,
    /// There may be more after the reader's place.
    reading: bool,
    /// The last place the other side was told of.
    told: u64,
    opening: Option<Reset>,
}

impl Subscription {
    pub(super) fn new(
        hub: Arc<Hub>,
        whose: (UserId, u64),
        client: Arc<Client>,
        access: Arc<RwLock<Access>>,
        (at, opening): (Cursor, Option<Reset>),
    ) -> Self {
        Self {
            hub,
            whose,
            client,
            access,
            reader: Reader::new(at.incarnation, at.position),
            reading: false,
            told: at.position,
            opening,
        }
    }

    /// Where it stands.
    pub(crate) fn cursor(&self) -> Cursor {
        Cursor {
            incarnation: self.reader.incarnation(),
            position: self.reader.position(),
        }
    }

    pub(crate) fn poll_next(&mut self, context: &Context<'_>) -> Poll<Next> {
        // First the waker, then the flags: what is set in between wakes.
        self.client.register(context);
        if let Some(reason) = self.opening.take() {
            return Poll::Ready(self.reset(reason, self.cursor()));
        }
        if let Some(end) = self.client.ended() {
            return Poll::Ready(self.end(end));
        }
        if let Some(next) = self.read() {
            return Poll::Ready(next);
        }
        if self.reading {
            context.waker().wake_by_ref();
        } else if self.client.take_ping() {
            return Poll::Ready(Next::Ping(self.advance()));
        }
        Poll::Pending
    }

    /// Whether it has to end, while something else is waited for.
    pub(crate) fn poll_end(&mut self, context: &Context<'_>) -> Option<Next> {
        self.client.register(context);
        self.client.ended().map(|end| self.end(end))
    }

    /// Takes events that were read elsewhere, in order, and goes on after `last`.
    pub(crate) fn take<'a>(
        &mut self,
        entries: impl Iterator<Item = (u64, &'a Entry)>,
        last: u64,
    ) -> Option<Bytes> {
        let mut frames = Frames::default();
        let now = Timestamp::from(Utc::now());
        let shared = self.access.clone();
        let access = shared.read().unwrap_or_else(PoisonError::into_inner);
        for (position, entry) in entries {
            if self.reader.take(position) && access.sees(&entry.audience, entry.cluster, now) {
                frames.push(&entry.frame);
            }
        }
        self.reader.pass(last);
        self.reading = true;
        self.told(frames)
    }

    /// It cannot be caught up: it goes on where the hub is.
    pub(crate) fn give_up(&mut self, reason: Reset) -> Next {
        match self.hub.place() {
            Some(here) => self.reset(reason, here),
            None => Next::End(End::Admission),
        }
    }

    fn end(&mut self, end: End) -> Next {
        let here = self.hub.place();
        let moved = |here: &Cursor| here.incarnation != self.reader.incarnation();
        if end == End::Admission
            && let Some(here) = here.filter(moved)
        {
            return self.reset(Reset::OtherIncarnation, here);
        }
        self.hub.metrics.ended(end.as_str());
        Next::End(end)
    }

    fn read(&mut self) -> Option<Next> {
        if let Some(due) = self.client.take_due() {
            if !self.reading {
                // Nothing before it was for this stream.
                self.reader.pass(due - 1);
            }
            self.reading = true;
        }
        if !self.reading {
            return None;
        }
        let (mut frames, mut looked) = (Frames::default(), 0);
        let now = Timestamp::from(Utc::now());
        let read = {
            let feed = self.hub.feed();
            let access = self.access.read().unwrap_or_else(PoisonError::into_inner);
            self.reader.read(&feed, |_, entry| {
                looked += 1;
                if access.sees(&entry.audience, entry.cluster, now) {
                    frames.push(&entry.frame);
                }
                looked < LOOK_MAX && frames.bytes < WRITE_MAX
            })
        };
        match read {
            Read::Level => self.reading = false,
            Read::More => {}
            Read::Older { .. } => return Some(Next::Older(self.cursor())),
            Read::Reset(reason) => return Some(self.give_up(reason)),
        }
        self.told(frames).map(Next::Frames)
    }

    /// The place reached, if everything before it has been sent and it is further than what was told.
    fn advance(&mut self) -> Option<Cursor> {
        let settled = self.hub.settled();
        // In this order: what was settled has been marked before.
        if self.client.ended().is_some() || self.client.has_due() || settled <= self.told {
            return None;
        }
        self.reader.pass(settled);
        self.told = self.reader.position();
        Some(self.cursor())
    }

    fn told(&mut self, frames: Frames) -> Option<Bytes> {
        if frames.count == 0 {
            return None;
        }
        self.told = self.reader.position();
        self.hub.metrics.frames.increment(frames.count);
        self.hub.metrics.writes.increment(1);
        Some(frames.join())
    }

    fn reset(&mut self, reason: Reset, here: Cursor) -> Next {
        self.reader.restart(here.incarnation, here.position);
        self.told = here.position;
        // Between here and the ring's end something may have come.
        self.reading = true;
        self.hub.metrics.reset(reset_word(reason));
        Next::Reset(reason, here)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(self.whose.0, self.whose.1);
    }
}

const fn reset_word(reason: Reset) -> &'static str {
    match reason {
        Reset::TooOld => "too_old",
        Reset::OtherIncarnation => "other_incarnation",
        Reset::Unreadable => "unreadable",
    }
}

/// Frames that go out in one write. One alone is shared as it is; more are joined.
#[derive(Default)]
struct Frames {
    first: Bytes,
    joined: BytesMut,
    count: u64,
    bytes: usize,
}

impl Frames {
    fn push(&mut self, frame: &Bytes) {
        self.count += 1;
        self.bytes += frame.len();
        if self.count == 1 {
            self.first = frame.clone();
            return;
        }
        if self.count == 2 {
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(frame);
    }

    fn join(self) -> Bytes {
        if self.count > 1 {
            self.joined.freeze()
        } else {
            self.first
        }
    }
}
