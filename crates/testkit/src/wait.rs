//! Waiting for something to become true.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::time::{Timeout, timeout};

const INTERVAL: Duration = Duration::from_millis(10);
/// Times are said as of a quiet machine; what is not there after so many times as long is not late by a busy one.
const BUSY: u32 = 4;

/// Waits for what comes by itself, as long as it may take within a time of a quiet machine.
pub fn within<F: Future>(time: Duration, what: F) -> Timeout<F> {
    timeout(time * BUSY, what)
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within a time, of a quiet machine.
pub async fn eventually<T, F, Fut>(time: Duration, mut ask: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(
            began.elapsed() < time * BUSY,
            "nothing within {BUSY} times {time:?}"
        );
        tokio::time::sleep(INTERVAL).await;
    }
}
