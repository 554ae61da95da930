//! The event stream across lost connections: made again from the last place, with bounded waits.

use std::time::Duration;

use api::{
    Problem,
    client::{Client, Error, Frame},
};
use domain::{Backoff, Code, Cursor};
use futures_util::StreamExt;

use crate::{failure::Failure, session::Session};

/// The waits before the next connection.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(30));
/// Connections in a row that gave not one frame; about five minutes of a server that is away.
const RECONNECTS_MAX: u32 = 19;

/// What follows from a frame.
pub(crate) enum Next<T> {
    Frame,
    /// This connection is of no use any more.
    Connection,
    Done(T),
}

/// Who listens. `since` is theirs to move, past what was dealt with: what failed is seen again.
pub(crate) trait Listener {
    type Output;
    async fn on_frame(
        &mut self,
        client: &Client,
        since: &mut Option<Cursor>,
        frame: Frame,
    ) -> Result<Next<Self::Output>, Failure>;
    /// The connection is lost and is made again.
    fn lost(&mut self);
}

/// Listens from a place in the log on, or from now, until the listener has enough.
pub(crate) async fn listen<L: Listener>(
    session: &mut Session,
    since: &mut Option<Cursor>,
    listener: &mut L,
) -> Result<L::Output, Failure> {
    let mut tries = 0;
    loop {
        let client = session.client()?;
        let mut received = false;
        let lost = match connected(&client, since, &mut received, listener).await {
            Ok(Some(done)) => return Ok(done),
            Ok(None) => None,
            Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::Unauthenticated => {
                // The login ran out on the way; a call refreshes it or says that it is over.
                let refreshed = session.call(|client| async move { client.me().await });
                refreshed.await.err()
            }
            Err(failure) => Some(failure),
        };
        tries = if received { 1 } else { tries + 1 };
        match lost {
            Some(failure) if for_good(&failure) || tries >= RECONNECTS_MAX => return Err(failure),
            None if tries >= RECONNECTS_MAX => return Err(silent()),
            _ => listener.lost(),
        }
        pause(tries).await;
    }
}

/// One connection: `None` when it ended, to be made again.
async fn connected<L: Listener>(
    client: &Client,
    since: &mut Option<Cursor>,
    received: &mut bool,
    listener: &mut L,
) -> Result<Option<L::Output>, Failure> {
    let mut frames = std::pin::pin!(client.events(*since).await?);
    while let Some(frame) = frames.next().await {
        let frame = frame?;
        *received = true;
        match listener.on_frame(client, since, frame).await? {
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

/// Waits before the next try, after so many that failed.
pub(crate) async fn pause(tries: u32) {
    tokio::time::sleep(BACKOFF.wait(tries, rand::random())).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_away_is_given_minutes_not_for_ever() {
        let whole: Duration = (1..RECONNECTS_MAX)
            .map(|tries| BACKOFF.wait(tries, 0.5))
            .sum();
        assert!(whole > Duration::from_secs(180) && whole < Duration::from_secs(3600));
    }
}
