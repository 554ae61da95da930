//! Waiting for something to become true.

use std::{
    future::Future,
    time::{Duration, Instant},
};

const INTERVAL: Duration = Duration::from_millis(10);
/// Times are said as of a quiet machine; what is not there after so many times as long is not late by a busy one.
const BUSY: u32 = 4;

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within `timeout`, of a quiet machine.
pub async fn eventually<T, F, Fut>(timeout: Duration, mut ask: F) -> T
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
            began.elapsed() < timeout * BUSY,
            "nothing within {BUSY} times {timeout:?}"
        );
        tokio::time::sleep(INTERVAL).await;
    }
}
