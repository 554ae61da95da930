//! Whatever is lost, doubled, reordered and re-read: each reader sees each position once, in order,
//! or one reset.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use feed::{Feed, Intake, Limits, Offer, Read, Reader, Reset, Source};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    frames: 8,
    bytes: 1 << 20,
};
const EARLY_MAX: usize = 4;

#[test]
fn an_offer_is_next_seen_or_a_gap() {
    let mut intake = Intake::new(5, 2);
    assert_eq!(intake.offer(5, ()), Offer::Seen);
    assert_eq!(intake.offer(8, ()), Offer::Gap { after: 5 });
    assert_eq!(intake.gap(), Some(5));
    assert_eq!(intake.offer(6, ()), Offer::Next);
    assert_eq!(intake.pop(), Some((6, ())));
    assert_eq!(intake.pop(), None);
    assert_eq!(intake.gap(), Some(6));
    assert_eq!(intake.offer(7, ()), Offer::Next);
    assert_eq!((intake.pop(), intake.pop()), (Some((7, ())), Some((8, ()))));
    assert_eq!(intake.gap(), None);
    intake.on_head(9);
    assert_eq!(intake.gap(), Some(8), "a head beyond the last is a gap");
}

#[test]
fn what_waits_for_a_hole_is_bounded_and_the_next_always_fits() {
    let mut intake = Intake::new(0, 2);
    for position in [3, 4, 5, 6] {
        intake.offer(position, position);
    }
    assert_eq!(intake.offer(1, 1), Offer::Next);
    assert_eq!(intake.offer(2, 2), Offer::Gap { after: 0 });
    assert_eq!(intake.pop(), Some((1, 1)));
    assert_eq!(intake.gap(), Some(1), "2 found no room and is fetched");
}

#[test]
fn a_place_is_served_from_the_ring_or_not() {
    let mut feed = Feed::new(
        1,
        10,
        Limits {
            frames: 3,
            bytes: 100,
        },
    );
    for frame in 11..=15 {
        feed.push(frame, 1);
    }
    assert_eq!((feed.first(), feed.last()), (13, 15));
    assert_eq!(feed.source(1, 12), Source::Ring);
    assert_eq!(feed.source(1, 15), Source::Ring);
    assert_eq!(feed.source(1, 11), Source::Older);
    assert_eq!(feed.source(1, 16), Source::Future);
    assert_eq!(feed.source(2, 15), Source::OtherIncarnation);
}

#[test]
fn a_ring_is_bounded_by_bytes_too() {
    let mut feed = Feed::new(
        1,
        0,
        Limits {
            frames: 100,
            bytes: 10,
        },
    );
    for _ in 0..9 {
        feed.push((), 4);
    }
    assert_eq!((feed.first(), feed.bytes()), (8, 8));
    feed.push((), 11);
    assert_eq!(
        (feed.first(), feed.last()),
        (11, 10),
        "too large to keep at all"
    );
}

#[test]
fn only_what_is_kept_can_be_read() {
    assert_eq!(Reset::unless_kept(4, 5), None);
    assert_eq!(Reset::unless_kept(3, 5), Some(Reset::TooOld));
    assert_eq!(Reset::unless_kept(u64::MAX, 5), None);
}

/// What can happen between the log and a reader.
#[derive(Debug, Clone)]
enum Happening {
    /// The log grows, and of what it publishes these arrive, in this order (as offsets back from its end).
    Publish { count: u64, arrive: Vec<u64> },
    /// The hub hears the head, and fetches at most this many of what it misses.
    Fetch { at_most: u64 },
    /// The reader reads at most this many frames.
    Read { at_most: usize },
    /// The reader loses its connection after it has got everything it was handed, and comes back.
    Reconnect,
    /// The hub starts anew with an empty ring at the log's end.
    RestartHub,
    /// The log loses everything before this many from its end.
    Forget { keep: u64 },
    /// The database is another one now.
    NewIncarnation,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => (1u64..6, prop::collection::vec(0u64..12, 0..8))
            .prop_map(|(count, arrive)| Happening::Publish { count, arrive }),
        4 => (1u64..6).prop_map(|at_most| Happening::Fetch { at_most }),
        6 => (1usize..6).prop_map(|at_most| Happening::Read { at_most }),
        2 => Just(Happening::Reconnect),
        1 => Just(Happening::RestartHub),
        1 => (1u64..10).prop_map(|keep| Happening::Forget { keep }),
        1 => Just(Happening::NewIncarnation),
    ]
}

/// The log, one hub and one reader.
struct World {
    incarnation: u32,
    head: u64,
    first: u64,
    intake: Intake<u64>,
    feed: Feed<u32, u64>,
    reader: Reader<u32>,
    /// What the reader was handed since its last reset, and where that began.
    began: u64,
    seen: Vec<u64>,
}

impl World {
    fn new() -> Self {
        Self {
            incarnation: 1,
            head: 0,
            first: 1,
            intake: Intake::new(0, EARLY_MAX),
            feed: Feed::new(1, 0, LIMITS),
            reader: Reader::new(1, 0),
            began: 0,
            seen: vec![],
        }
    }

    fn settle(&mut self) {
        while let Some((position, frame)) = self.intake.pop() {
            assert_eq!(self.feed.push(frame, 1), position);
            assert_eq!(frame, position);
        }
    }

    fn fetch(&mut self, at_most: u64) {
        self.intake.on_head(self.head);
        let Some(after) = self.intake.gap() else {
            return;
        };
        if Reset::unless_kept(after, self.first).is_some() {
            return self.restart_hub(self.first - 1);
        }
        for position in after + 1..=(after + at_most).min(self.head) {
            self.intake.offer(position, position);
            self.settle();
        }
    }

    fn restart_hub(&mut self, last: u64) {
        self.intake = Intake::new(last, EARLY_MAX);
        self.feed.restart(self.incarnation, last);
    }

    fn read(&mut self, at_most: usize) {
        let (mut left, mut got) = (at_most, vec![]);
        let read = self.reader.read(&self.feed, |position, frame| {
            assert_eq!(position, *frame);
            got.push(position);
            left -= 1;
            left > 0
        });
        self.seen.append(&mut got);
        match read {
            Read::Level | Read::More => {}
            Read::Older { after } => self.read_older(after, at_most as u64),
            Read::Reset(reason) => {
                assert_eq!(reason, Reset::OtherIncarnation);
                assert_ne!(self.reader.incarnation(), self.feed.incarnation());
                self.reset();
            }
        }
    }

    fn read_older(&mut self, after: u64, at_most: u64) {
        assert_eq!(after, self.reader.position());
        if Reset::unless_kept(after, self.first).is_some() {
            return self.reset();
        }
        // Asked for a little too much: what was seen is dropped.
        for position in after.max(1)..=(after + at_most).min(self.head) {
            if self.reader.claim(position) {
                self.seen.push(position);
            }
        }
    }

    fn reset(&mut self) {
        self.reader
            .restart(self.feed.incarnation(), self.feed.last());
        self.began = self.feed.last();
        self.seen.clear();
    }

    fn step(&mut self, happening: Happening) {
        match happening {
            Happening::Publish { count, arrive } => {
                self.head += count;
                for back in arrive {
                    let position = self.head.saturating_sub(back).max(1);
                    if position <= self.head {
                        self.intake.offer(position, position);
                        self.settle();
                    }
                }
            }
            Happening::Fetch { at_most } => self.fetch(at_most),
            Happening::Read { at_most } => self.read(at_most),
            Happening::Reconnect => {
                self.reader = Reader::new(self.reader.incarnation(), self.reader.position());
            }
            Happening::RestartHub => self.restart_hub(self.head),
            Happening::Forget { keep } => {
                self.first = self.first.max((self.head + 1).saturating_sub(keep));
            }
            Happening::NewIncarnation => {
                self.incarnation += 1;
                self.head /= 2;
                self.first = self.first.min(self.head + 1);
                self.restart_hub(self.head);
            }
        }
    }

    fn check(&self) {
        let expected: Vec<u64> = (self.began + 1..).take(self.seen.len()).collect();
        assert_eq!(self.seen, expected, "each once, in order, none left out");
        assert_eq!(self.reader.position(), self.began + self.seen.len() as u64);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_reader_sees_each_position_once_in_order_or_one_reset(
        happenings in prop::collection::vec(happening(), 1..120),
    ) {
        let mut world = World::new();
        for happening in happenings {
            world.step(happening);
            world.check();
        }
        // Left alone, hub and reader reach the end of the log.
        for _ in 0..200 {
            world.fetch(4);
            world.read(5);
            world.check();
        }
        prop_assert_eq!(world.feed.last(), world.head);
        prop_assert_eq!(world.reader.position(), world.head);
    }
}
