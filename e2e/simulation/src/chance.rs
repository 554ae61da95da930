//! All chance of a run, from one seed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng};

#[derive(Clone)]
pub(crate) struct Chance(Arc<Mutex<StdRng>>);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        rng.random_range(0..end.max(1))
    }

    /// True so many times in a thousand.
    pub(crate) fn permille(&self, times: u64) -> bool {
        self.below(1000) < times
    }

    pub(crate) fn millis(&self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to.saturating_sub(from) + 1))
    }

    pub(crate) fn pick<T: Copy>(&self, of: &[T]) -> Option<T> {
        let index = usize::try_from(self.below(u64::try_from(of.len()).ok()?)).ok()?;
        of.get(index).copied()
    }
}
