//! What goes wrong in a run: drawn once, rolled for at every act.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::{chance::Chance, engine::Fault};

/// What goes wrong in this run, and how often in a thousand.
pub(crate) struct Faults {
    on: AtomicBool,
    lost: u64,
    doubled: u64,
    late: u64,
    engine: u64,
    engine_late: u64,
    dead_boots: u64,
    partitions: Mutex<Vec<(usize, Instant)>>,
}

impl Faults {
    pub(crate) fn of(chance: &Chance) -> Self {
        let often = |chance: &Chance, most| {
            if chance.permille(500) {
                chance.below(most)
            } else {
                0
            }
        };
        Self {
            on: AtomicBool::new(true),
            lost: often(chance, 150),
            doubled: often(chance, 100),
            late: often(chance, 100),
            engine: often(chance, 80),
            engine_late: often(chance, 50),
            dead_boots: often(chance, 100),
            partitions: Mutex::default(),
        }
    }

    /// Nothing fails any more.
    pub(crate) fn end(&self) {
        self.on.store(false, Ordering::Relaxed);
    }

    /// Nothing gets through from or to a host until then.
    pub(crate) fn cut_off(&self, host: usize, until: Instant) {
        self.partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((host, until));
    }

    fn roll(&self, chance: &Chance, times: u64) -> bool {
        self.on.load(Ordering::Relaxed) && chance.permille(times)
    }

    pub(crate) fn lost(&self, chance: &Chance, host: usize) -> bool {
        let cut = self
            .partitions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .any(|(cut, until)| *cut == host && *until > Instant::now());
        (cut && self.on.load(Ordering::Relaxed)) || self.roll(chance, self.lost)
    }

    pub(crate) fn nobody(&self, chance: &Chance) -> bool {
        self.roll(chance, self.lost / 4)
    }

    pub(crate) fn doubled(&self, chance: &Chance) -> bool {
        self.roll(chance, self.doubled)
    }

    pub(crate) fn bus_delay(&self, chance: &Chance) -> Duration {
        if self.roll(chance, self.late) {
            chance.millis(100, 20_000)
        } else {
            chance.millis(1, 20)
        }
    }

    pub(crate) fn engine(&self, chance: &Chance) -> Option<Fault> {
        if !self.roll(chance, self.engine) {
            return None;
        }
        chance.pick(&[Fault::Before, Fault::Before, Fault::After, Fault::Hang])
    }

    pub(crate) fn engine_delay(&self, chance: &Chance) -> Duration {
        if self.roll(chance, self.engine_late) {
            chance.millis(1_000, 50_000)
        } else {
            chance.millis(1, 200)
        }
    }

    pub(crate) fn boot(&self, chance: &Chance) -> Duration {
        if self.roll(chance, self.dead_boots) {
            Duration::from_secs(3600)
        } else {
            chance.millis(500, 12_000)
        }
    }
}
