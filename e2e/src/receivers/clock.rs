//! One clock of the whole process: what is sent and what is received are compared by it.

use std::{sync::OnceLock, time::Instant};

/// Nanoseconds since this was first asked.
pub fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}
