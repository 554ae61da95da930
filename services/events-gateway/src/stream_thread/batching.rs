//! When a stream thread empties its inbox: at once after a rest or while few streams are concerned, and in batches while events for
//! many come in quick succession, so that what comes between two batches goes out in one write to each stream.

use std::time::{Duration, Instant};

/// A batch of events begins no earlier after the one before.
const APART: Duration = Duration::from_millis(2);
/// Streams written to in one batch, below which a write saved is not worth the wait.
const MANY: usize = 32;

#[derive(Debug)]
pub(super) struct Batching {
    /// Something is in the inbox.
    woken: bool,
    next: Instant,
    /// When the batch that is going on began, if it has events.
    delivers: Option<Instant>,
}

impl Batching {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            woken: false,
            next: now,
            delivers: None,
        }
    }

    /// Something came.
    pub(super) fn wake(&mut self) {
        self.woken = true;
    }

    /// Until when nothing has to be done, if nothing else comes before `until`.
    pub(super) fn rest(&self, until: Instant) -> Instant {
        if self.woken {
            self.next.min(until)
        } else {
            until
        }
    }

    /// Whether it is time for a batch; what comes from now on wakes again.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let due = self.woken && now >= self.next;
        self.woken &= !due;
        due
    }

    /// There are events in the batch that began then.
    pub(super) fn delivers(&mut self, began: Instant) {
        self.delivers = Some(began);
    }

    /// So many streams have something to do.
    pub(super) fn end(&mut self, streams: usize) {
        if let Some(began) = self.delivers.take()
            && streams >= MANY
        {
            self.next = began + APART;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_event_waits_for_nothing_and_those_after_it_for_the_next_batch() {
        let start = Instant::now();
        let at = |micros| start + Duration::from_micros(micros);
        let tick = at(1_000_000);
        let mut batching = Batching::new(start);
        assert_eq!(batching.rest(tick), tick);
        assert!(!batching.begin(at(10)), "nothing came");
        batching.wake();
        assert!(batching.begin(at(10)));
        batching.delivers(at(10));
        batching.end(MANY);
        for micros in [500, 1_000, 1_500] {
            batching.wake();
            assert_eq!(batching.rest(tick), at(2_010));
            assert!(!batching.begin(at(micros)));
        }
        assert!(batching.begin(at(2_010)));
        assert!(!batching.begin(at(2_010)), "it was begun");
        assert_eq!(batching.rest(tick), tick);
    }

    #[test]
    fn events_for_few_wait_for_nothing() {
        let start = Instant::now();
        let mut batching = Batching::new(start);
        for streams in [1, MANY - 1, 0] {
            batching.wake();
            assert!(batching.begin(start));
            batching.delivers(start);
            batching.end(streams);
        }
    }

    #[test]
    fn what_is_no_event_holds_up_nobody() {
        let start = Instant::now();
        let mut batching = Batching::new(start);
        for _ in 0..3 {
            batching.wake();
            assert!(batching.begin(start));
            batching.end(MANY);
        }
    }
}
