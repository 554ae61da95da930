//! Following one cluster or task by its events until it is as wanted. Nothing is asked while connected.

use std::time::Duration;

use anyhow::anyhow;
use api::{
    client::{Client, Error, Frame},
    cluster,
    event::{Event, kind},
    task::Task,
};
use domain::{ClusterId, ClusterStatus, Cursor, TaskId};

use crate::{
    failure::Failure,
    output::{self, Progress},
    session::Session,
    stream::{self, Listener, Next},
};

/// What is followed, and what its end looks like.
pub(crate) trait Followed {
    type Now;
    fn cluster(&self) -> ClusterId;
    async fn read(&self, client: &Client) -> Result<Self::Now, Error>;
    fn is_over(&self, now: &Self::Now) -> bool;
    /// Whether this event of its cluster says that it is over.
    fn ends_with(&self, event: &Event) -> bool;
    /// How it is looked at again.
    fn look(&self) -> String;
}

/// A cluster, until its status is one of those wanted.
pub(crate) struct Cluster<F> {
    id: ClusterId,
    name: String,
    ended: F,
}

impl<F: Fn(ClusterStatus) -> bool> Cluster<F> {
    pub(crate) fn of(cluster: &cluster::Cluster, ended: F) -> Self {
        Self {
            id: cluster.id,
            name: cluster.name.clone(),
            ended,
        }
    }
}

impl<F: Fn(ClusterStatus) -> bool> Followed for Cluster<F> {
    type Now = cluster::Cluster;

    fn cluster(&self) -> ClusterId {
        self.id
    }
    async fn read(&self, client: &Client) -> Result<Self::Now, Error> {
        client.cluster(self.id).await
    }
    fn is_over(&self, now: &Self::Now) -> bool {
        (self.ended)(now.status)
    }
    fn ends_with(&self, event: &Event) -> bool {
        event.status.is_some_and(&self.ended)
    }
    fn look(&self) -> String {
        format!("labyard why {}", self.name)
    }
}

/// A task, to its end.
pub(crate) struct OneTask {
    id: TaskId,
    cluster: ClusterId,
}

impl OneTask {
    pub(crate) fn of(task: &Task) -> Self {
        Self {
            id: task.id,
            cluster: task.cluster_id,
        }
    }
}

impl Followed for OneTask {
    type Now = Task;

    fn cluster(&self) -> ClusterId {
        self.cluster
    }
    async fn read(&self, client: &Client) -> Result<Task, Error> {
        client.task(self.id).await
    }
    fn is_over(&self, now: &Task) -> bool {
        now.status.ended()
    }
    fn ends_with(&self, event: &Event) -> bool {
        let ours = event.kind == kind::TASK_CHANGED && event.task_id == Some(self.id);
        ours && task_of(event).is_none_or(|task| task.status.ended())
    }
    fn look(&self) -> String {
        format!("labyard task get {}", self.id)
    }
}

/// Follows until it is over, from the place `since` that was before `now` was read; gives it as it
/// then is.
pub(crate) async fn until<W: Followed>(
    session: &mut Session,
    wanted: W,
    now: W::Now,
    since: Option<Cursor>,
    within: Duration,
    progress: Progress,
) -> Result<W::Now, Failure> {
    if wanted.is_over(&now) {
        return Ok(now);
    }
    let mut following = Following { wanted, progress };
    let mut since = since;
    let listening = stream::listen(session, &mut since, &mut following);
    let heard = tokio::time::timeout(within, listening).await;
    let look = following.wanted.look();
    drop(following);
    heard.unwrap_or_else(|_| Err(waited_long_enough(within, &look)))
}

fn waited_long_enough(within: Duration, look: &str) -> Failure {
    let within = output::span(i64::try_from(within.as_secs()).unwrap_or(i64::MAX));
    Failure::Other(anyhow!(
        "It is not done after {within}; it goes on without this command.\n  See how it is: {look}"
    ))
}

struct Following<W> {
    wanted: W,
    progress: Progress,
}

impl<W: Followed> Listener for Following<W> {
    type Heard = W::Now;

    async fn hear(
        &mut self,
        client: &Client,
        since: &mut Option<Cursor>,
        frame: Frame,
    ) -> Result<Next<W::Now>, Failure> {
        match frame {
            // What was before this place is asked for once.
            Frame::Ready(at) if since.is_none() => {
                let now = self.wanted.read(client).await?;
                if self.wanted.is_over(&now) {
                    return Ok(Next::Done(now));
                }
                *since = Some(at);
            }
            Frame::Ready(_) => {}
            Frame::Reset(..) => {
                *since = None;
                return Ok(Next::Connection);
            }
            Frame::Event(at, event) => {
                if event.cluster_id == Some(self.wanted.cluster()) {
                    if let Some(task) = task_of(&event) {
                        self.progress.show(describe(&task));
                    }
                    if self.wanted.ends_with(&event) {
                        return Ok(Next::Done(self.wanted.read(client).await?));
                    }
                }
                *since = Some(at);
            }
        }
        Ok(Next::Frame)
    }

    fn lost(&mut self) {
        self.progress
            .show("the connection is lost, trying again".into());
    }
}

fn task_of(event: &Event) -> Option<Task> {
    let data = event.data.clone()?;
    serde_json::from_value(data).ok()
}

/// One line on how far a task is.
pub(crate) fn describe(task: &Task) -> String {
    let step = task
        .steps
        .iter()
        .rfind(|step| step.ended_at.is_none())
        .or(task.steps.last());
    let step = match (step, task.queue) {
        (_, Some(queue)) => output::queue(queue),
        (Some(step), None) => step.step.as_str().to_owned(),
        (None, None) => "waiting for a host".to_owned(),
    };
    format!(
        "{} {}: {step} ({} %)",
        task.kind.as_str(),
        task.cluster_name,
        task.percent
    )
}
