//! Following one cluster by its events until it is as wanted. Nothing is asked while connected.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::anyhow;
use api::{
    Problem,
    client::{Client, Error, Frame},
    cluster::Cluster,
    task::Task,
};
use domain::{ClusterId, ClusterStatus, Code, Cursor};
use futures_util::StreamExt;
use indicatif::ProgressBar;

use crate::{failure::Failure, output, session::Session};

/// Base and cap of the wait before the next connection.
const BACKOFF: Duration = Duration::from_millis(500);
const BACKOFF_MAX: Duration = Duration::from_secs(30);
/// Connections in a row that gave not one frame; about five minutes of a server that is away.
const RECONNECTS_MAX: u32 = 25;
/// What is not as wanted by then is better looked at.
const WAIT_MAX: Duration = Duration::from_secs(60 * 60);

/// Follows until `ended` says so, from the place `since` that was before `cluster` was read; gives
/// the cluster as it then is.
pub(crate) async fn until(
    session: &mut Session,
    cluster: Cluster,
    since: Option<Cursor>,
    ended: impl Fn(ClusterStatus) -> bool,
) -> Result<Cluster, Failure> {
    if ended(cluster.status) {
        return Ok(cluster);
    }
    let bar = output::progress();
    let following = reconnecting(session, cluster.id, since, &ended, &bar);
    let followed = tokio::time::timeout(WAIT_MAX, following).await;
    bar.finish_and_clear();
    followed.unwrap_or_else(|_| Err(waited_long_enough(&cluster.name)))
}

fn waited_long_enough(name: &str) -> Failure {
    let minutes = WAIT_MAX.as_secs() / 60;
    Failure::Other(anyhow!(
        "{name} is not done after {minutes} minutes; it goes on without this command\n  \
         See how it is: labyard cluster get {name}"
    ))
}

async fn reconnecting(
    session: &mut Session,
    id: ClusterId,
    mut since: Option<Cursor>,
    ended: &impl Fn(ClusterStatus) -> bool,
    bar: &ProgressBar,
) -> Result<Cluster, Failure> {
    let mut tries = 0;
    loop {
        let client = session.client()?;
        let mut heard = false;
        let lost = match connected(&client, id, &mut since, &mut heard, ended, bar).await {
            Ok(Some(cluster)) => return Ok(cluster),
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
            _ => bar.set_message("the connection is lost, trying again"),
        }
        tokio::time::sleep(backoff(tries, fraction())).await;
    }
}

/// One connection: `None` when it ended or was reset, to be made again. `since` moves only past
/// what was dealt with: what failed is seen again.
async fn connected(
    client: &Client,
    id: ClusterId,
    since: &mut Option<Cursor>,
    heard: &mut bool,
    ended: &impl Fn(ClusterStatus) -> bool,
    bar: &ProgressBar,
) -> Result<Option<Cluster>, Failure> {
    let mut frames = std::pin::pin!(client.events(*since).await?);
    while let Some(frame) = frames.next().await {
        let frame = frame?;
        *heard = true;
        match frame {
            // What was before this place is asked for once.
            Frame::Ready(at) if since.is_none() => {
                let cluster = client.cluster(id).await?;
                if ended(cluster.status) {
                    return Ok(Some(cluster));
                }
                *since = Some(at);
            }
            Frame::Ready(_) => {}
            Frame::Reset(..) => {
                *since = None;
                return Ok(None);
            }
            Frame::Event(at, event) => {
                if event.cluster_id == Some(id) {
                    if let Some(task) = event
                        .data
                        .and_then(|data| serde_json::from_value::<Task>(data).ok())
                    {
                        bar.set_message(describe(&task));
                    }
                    if event.status.is_some_and(ended) {
                        return Ok(Some(client.cluster(id).await?));
                    }
                }
                *since = Some(at);
            }
        }
    }
    Ok(None)
}

/// Asking again later gives the same.
fn for_good(failure: &Failure) -> bool {
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
    Failure::Other(anyhow!("the event stream ends again and again"))
}

fn describe(task: &Task) -> String {
    let step = task
        .steps
        .iter()
        .rfind(|step| step.ended_at.is_none())
        .or(task.steps.last());
    let step = step.map_or("waiting for a host", |step| step.step.as_str());
    format!(
        "{} {}: {step} ({} %)",
        task.kind.as_str(),
        task.cluster_name,
        task.percent
    )
}

/// The wait before the connection after this many vain ones, with full jitter: many who lost one
/// server do not come back as one.
fn backoff(tries: u32, fraction: f64) -> Duration {
    let doubled = BACKOFF.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1)));
    doubled.min(BACKOFF_MAX).mul_f64(fraction)
}

/// From 0 to 1, by the clock's nanoseconds.
fn fraction() -> f64 {
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
        assert!(whole > Duration::from_secs(180) && whole < WAIT_MAX);
    }
}
