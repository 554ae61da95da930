//! Waiting for something to become true.

use std::{
    future::Future,
    time::{Duration, Instant},
};

const INTERVAL: Duration = Duration::from_millis(10);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within `timeout`.
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
        assert!(began.elapsed() < timeout, "nothing within {timeout:?}");
        tokio::time::sleep(INTERVAL).await;
    }
}
