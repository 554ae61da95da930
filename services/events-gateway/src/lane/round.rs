//! When a lane looks into its inbox: at once after a rest or while few streams are concerned, and in rounds while events for
//! many come in quick succession, so that what comes between two rounds goes out in one write to each stream.

use std::time::{Duration, Instant};

/// A round of events begins no earlier after the one before.
const APART: Duration = Duration::from_millis(2);
/// Streams written to in one round, below which a write saved is not worth the wait.
const MANY: usize = 32;

#[derive(Debug)]
pub(super) struct Rounds {
    /// Something is in the inbox.
    woken: bool,
    next: Instant,
    /// When the round that is going on began, if it has events.
    delivers: Option<Instant>,
}

impl Rounds {
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

    /// Whether it is time to look; what comes from now on wakes again.
    pub(super) fn begin(&mut self, now: Instant) -> bool {
        let due = self.woken && now >= self.next;
        self.woken &= !due;
        due
    }

    /// There are events in the round that began then.
    pub(super) fn delivers(&mut self, began: Instant) {
        self.delivers = Some(began);
    }

    /// So many streams were looked at.
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
    fn a_lone_event_waits_for_nothing_and_those_after_it_for_the_next_round() {
        let start = Instant::now();
        let at = |micros| start + Duration::from_micros(micros);
        let tick = at(1_000_000);
        let mut rounds = Rounds::new(start);
        assert_eq!(rounds.rest(tick), tick);
        assert!(!rounds.begin(at(10)), "nothing came");
        rounds.wake();
        assert!(rounds.begin(at(10)));
        rounds.delivers(at(10));
        rounds.end(MANY);
        for micros in [500, 1_000, 1_500] {
            rounds.wake();
            assert_eq!(rounds.rest(tick), at(2_010));
            assert!(!rounds.begin(at(micros)));
        }
        assert!(rounds.begin(at(2_010)));
        assert!(!rounds.begin(at(2_010)), "it was looked at");
        assert_eq!(rounds.rest(tick), tick);
    }

    #[test]
    fn events_for_few_wait_for_nothing() {
        let start = Instant::now();
        let mut rounds = Rounds::new(start);
        for streams in [1, MANY - 1, 0] {
            rounds.wake();
            assert!(rounds.begin(start));
            rounds.delivers(start);
            rounds.end(streams);
        }
    }

    #[test]
    fn what_is_no_event_holds_up_nobody() {
        let start = Instant::now();
        let mut rounds = Rounds::new(start);
        for _ in 0..3 {
            rounds.wake();
            assert!(rounds.begin(start));
            rounds.end(MANY);
        }
    }
}
