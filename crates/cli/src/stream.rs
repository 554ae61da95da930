//! The event stream across lost connections: made again from the last place, with bounded waits.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use api::{
    Problem,
    client::{Client, Error, Frame},
};
use domain::{Code, Cursor};
use futures_util::StreamExt;

use crate::{failure::Failure, session::Session};

/// Base and cap of the wait before the next connection.
const BACKOFF: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Connections in a row that gave not one frame; about five minutes of a server that is away.
const RECONNECTS_MAX: u32 = 25;

/// What follows from a frame.
pub(crate) enum Next<T> {
    Frame,
    /// This connection is of no use any more.
    Connection,
    Done(T),
}

/// Who listens. `since` is theirs to move, past what was dealt with: what failed is seen again.
pub(crate) trait Listener {
    type Heard;
    async fn hear(
        &mut self,
        client: &Client,
        since: &mut Option<Cursor>,
        frame: Frame,
    ) -> Result<Next<Self::Heard>, Failure>;
    /// The connection is lost and is made again.
    fn lost(&mut self);
}

/// Listens from a place in the log on, or from now, until the listener has heard enough.
pub(crate) async fn listen<L: Listener>(
    session: &mut Session,
    since: &mut Option<Cursor>,
    listener: &mut L,
) -> Result<L::Heard, Failure> {
    let mut tries = 0;
    loop {
        let client = session.client()?;
        let mut heard = false;
        let lost = match connected(&client, since, &mut heard, listener).await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) => None,
            Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::Unauthenticated => {
                // The login ran out on the way; a call refreshes it or says that it is over.
                let refreshed = session.call(|client| async move { client.me().await });
                refreshed.await.err()
            }
            Err(failure) => Some(failure),
        };
        tries = if heard { 1 } else { tries + 1 };
        match lost {
            Some(failure) if for_good(&failure) || tries >= RECONNECTS_MAX => return Err(failure),
            None if tries >= RECONNECTS_MAX => return Err(silent()),
            _ => listener.lost(),
        }
        tokio::time::sleep(backoff(tries, fraction())).await;
    }
}

/// One connection: `None` when it ended, to be made again.
async fn connected<L: Listener>(
    client: &Client,
    since: &mut Option<Cursor>,
    heard: &mut bool,
    listener: &mut L,
) -> Result<Option<L::Heard>, Failure> {
    let mut frames = std::pin::pin!(client.events(*since).await?);
    while let Some(frame) = frames.next().await {
        let frame = frame?;
        *heard = true;
        match listener.hear(client, since, frame).await? {
            Next::Frame => {}
            Next::Connection => return Ok(None),
            Next::Done(done) => return Ok(Some(done)),
        }
    }
    Ok(None)
}

/// Asking again later gives the same.
pub(crate) fn for_good(failure: &Failure) -> bool {
    match failure {
        Failure::Api(Error::Problem(problem)) => refused(problem),
        Failure::Api(_) => false,
        _ => true,
    }
}

fn refused(problem: &Problem) -> bool {
    problem.status < 500 && problem.code != Code::RateLimited
}

fn silent() -> Failure {
    Failure::failed(
        "The event stream keeps ending.",
        "Check that the server is healthy, and try again.",
    )
}

/// The wait before the connection after this many vain ones, with full jitter: many who lost one
/// server do not come back as one.
pub(crate) fn backoff(tries: u32, fraction: f64) -> Duration {
    let doubled = BACKOFF.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
    doubled.min(BACKOFF_MAX).mul_f64(fraction)
}

/// From 0 to 1, by the clock's nanoseconds.
pub(crate) fn fraction() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0.0, |now| f64::from(now.subsec_nanos() % 1000) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_cap() {
        for (tries, millis) in [(1, 500), (2, 1000), (4, 4000), (7, 30_000), (99, 30_000)] {
            assert_eq!(backoff(tries, 1.0), Duration::from_millis(millis));
            assert_eq!(backoff(tries, 0.5), Duration::from_millis(millis / 2));
        }
    }

    #[test]
    fn a_server_that_is_away_is_given_minutes_not_for_ever() {
        let whole: Duration = (1..RECONNECTS_MAX).map(|tries| backoff(tries, 0.5)).sum();
        assert!(whole > Duration::from_secs(180) && whole < Duration::from_secs(3600));
    }
}
