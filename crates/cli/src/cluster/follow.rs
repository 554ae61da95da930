//! Following one cluster by its events until it is as wanted. Nothing is asked while connected.

use std::time::Duration;

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
    let followed = reconnecting(session, cluster.id, since, &ended, &bar).await;
    bar.finish_and_clear();
    followed
}

async fn reconnecting(
    session: &mut Session,
    id: ClusterId,
    mut since: Option<Cursor>,
    ended: &impl Fn(ClusterStatus) -> bool,
    bar: &ProgressBar,
) -> Result<Cluster, Failure> {
    let mut wait = BACKOFF;
    loop {
        let client = session.client()?;
        match connected(&client, id, &mut since, ended, bar).await {
            Ok(Some(cluster)) => return Ok(cluster),
            Ok(None) => wait = BACKOFF,
            Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::Unauthenticated => {
                // The login ran out on the way; a call refreshes it or says that it is over.
                session
                    .call(|client| async move { client.me().await })
                    .await?;
            }
            Err(Failure::Api(Error::Problem(problem))) if for_good(&problem) => {
                return Err(Error::Problem(problem).into());
            }
            Err(_) => bar.set_message("the connection is lost, trying again"),
        }
        tokio::time::sleep(jittered(wait)).await;
        wait = (wait * 2).min(BACKOFF_MAX);
    }
}

/// One connection: `None` when it ended or was reset, to be made again.
async fn connected(
    client: &Client,
    id: ClusterId,
    since: &mut Option<Cursor>,
    ended: &impl Fn(ClusterStatus) -> bool,
    bar: &ProgressBar,
) -> Result<Option<Cluster>, Failure> {
    let mut frames = std::pin::pin!(client.events(*since).await?);
    while let Some(frame) = frames.next().await {
        match frame? {
            // What was before this place is asked for once.
            Frame::Ready(at) if since.is_none() => {
                *since = Some(at);
                let cluster = client.cluster(id).await?;
                if ended(cluster.status) {
                    return Ok(Some(cluster));
                }
            }
            Frame::Ready(_) => {}
            Frame::Reset(..) => {
                *since = None;
                return Ok(None);
            }
            Frame::Event(at, event) => {
                *since = Some(at);
                if event.cluster_id != Some(id) {
                    continue;
                }
                if let Some(task) = event
                    .data
                    .clone()
                    .and_then(|data| serde_json::from_value::<Task>(data).ok())
                {
                    bar.set_message(describe(&task));
                }
                if event.status.is_some_and(ended) {
                    return Ok(Some(client.cluster(id).await?));
                }
            }
        }
    }
    Ok(None)
}

/// Asking again later gives the same.
fn for_good(problem: &Problem) -> bool {
    problem.status < 500 && problem.code != Code::RateLimited
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

/// Full jitter, from the clock's nanoseconds: many who lost one server do not come back as one.
fn jittered(wait: Duration) -> Duration {
    let nanos = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |now| now.subsec_nanos());
    wait.mul_f64(f64::from(nanos % 1000) / 1000.0)
}
