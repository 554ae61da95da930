//! How long to wait before trying again: twice as long after each failure up to a cap, and spread, so that many who lost
//! one server don't come back as one.

use std::time::Duration;

/// The waits of one kind of retry. It has no clock and no randomness: the caller counts, draws and sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    cap: Duration,
}

impl Backoff {
    /// `first` is the longest wait after one failure, `cap` the longest after any number of them.
    pub const fn new(first: Duration, cap: Duration) -> Self {
        Self { first, cap }
    }

    /// The wait after so many failures in a row, from 1: between half of the longest one and the whole of it, by `random`,
    /// drawn evenly from 0 to 1 ("equal jitter"). Never nothing, or a failure that is quick would be tried again in a hurry.
    pub fn wait(self, failures: u32, random: f64) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        let longest = self.first.saturating_mul(doubled).min(self.cap);
        longest.mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));

    #[test]
    fn waits_double_up_to_their_cap() {
        for (failures, millis) in [
            (0, 500),
            (1, 500),
            (2, 1000),
            (4, 4000),
            (6, 16_000),
            (7, 30_000),
            (u32::MAX, 30_000),
        ] {
            let longest = BACKOFF.wait(failures, 1.0);
            assert_eq!(longest, Duration::from_millis(millis), "{failures}");
            assert_eq!(BACKOFF.wait(failures, 0.0), longest / 2, "{failures}");
        }
    }

    #[test]
    fn a_wait_is_spread_over_the_upper_half() {
        assert_eq!(BACKOFF.wait(2, 0.5), Duration::from_millis(750));
        for random in [-1.0, 0.0, 0.3, 0.999, 7.0] {
            let wait = BACKOFF.wait(2, random);
            assert!(
                (500..=1000).contains(&wait.as_millis()),
                "{random}: {wait:?}"
            );
        }
    }

    #[test]
    fn no_first_wait_is_too_long_for_its_cap() {
        let hours = Backoff::new(Duration::from_secs(u64::MAX), Duration::from_secs(3600));
        assert_eq!(hours.wait(9, 1.0), Duration::from_secs(3600));
    }
}
