//! Following one cluster or task by its events until it is as wanted. Nothing is asked while
//! connected but the place in the queue: that moves without an event of its own.

use std::{
    cell::{Cell, RefCell},
    convert::Infallible,
    time::Duration,
};

use api::{
    client::{Client, Error, Frame},
    cluster,
    event::{Event, kind},
    task::Task,
};
use domain::{ClusterId, ClusterStatus, Cursor, Step, TaskId, TaskKind, TaskStatus};

use crate::{
    failure::Failure,
    output::{self, Progress},
    session::Session,
    stream::{self, Listener, Next},
};

/// How often the place in the queue is read, and how long that may take.
const QUEUE_INTERVAL: Duration = Duration::from_secs(10);
const QUEUE_TIMEOUT: Duration = Duration::from_secs(5);

/// What is followed, and what its end looks like.
pub(crate) trait Followed {
    type Now;
    fn cluster(&self) -> ClusterId;
    /// Whose progress is shown.
    fn task(&self) -> Option<TaskId>;
    async fn read(&self, client: &Client) -> Result<Self::Now, Error>;
    fn is_over(&self, now: &Self::Now) -> bool;
    /// Whether this event of its cluster says that it is over.
    fn ends_with(&self, event: &Event) -> bool;
    /// The command that inspects it.
    fn inspect(&self) -> String;
}

/// A cluster, until its status is one of those wanted.
pub(crate) struct Cluster<F> {
    id: ClusterId,
    task: Option<TaskId>,
    name: String,
    ended: F,
}

impl<F: Fn(ClusterStatus) -> bool> Cluster<F> {
    pub(crate) fn of(cluster: &cluster::Cluster, ended: F) -> Self {
        Self {
            id: cluster.id,
            task: cluster.task_id,
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
    fn task(&self) -> Option<TaskId> {
        self.task
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
    fn inspect(&self) -> String {
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
    fn task(&self) -> Option<TaskId> {
        Some(self.id)
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
    fn inspect(&self) -> String {
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
    let (client, task, inspect) = (session.client()?, wanted.task(), wanted.inspect());
    let shown = Shown {
        progress: RefCell::new(progress),
        in_queue: Cell::new(true),
    };
    let mut following = Following {
        wanted,
        shown: &shown,
    };
    let mut since = since;
    let listening = stream::listen(session, &mut since, &mut following);
    let followed = tokio::time::timeout(within, async {
        tokio::select! {
            followed = listening => followed,
            never = shown.poll_queue(&client, task) => match never {},
        }
    })
    .await;
    drop(shown);
    followed.unwrap_or_else(|_| Err(waited_long_enough(within, &inspect)))
}

fn waited_long_enough(within: Duration, inspect: &str) -> Failure {
    let within = output::span(i64::try_from(within.as_secs()).unwrap_or(i64::MAX));
    Failure::failed(
        format!("Not done after {within}. The work continues without this command."),
        format!("See how it is: {inspect}"),
    )
}

/// What the terminal's owner sees of it.
struct Shown {
    progress: RefCell<Progress>,
    in_queue: Cell<bool>,
}

impl Shown {
    fn show(&self, task: &Task) {
        self.in_queue.set(task.status == TaskStatus::Pending);
        self.progress.borrow_mut().show(describe(task));
    }

    /// For ever, while it waits; a read that fails is no harm.
    async fn poll_queue(&self, client: &Client, task: Option<TaskId>) -> Infallible {
        loop {
            tokio::time::sleep(QUEUE_INTERVAL).await;
            let Some(id) = task.filter(|_| self.in_queue.get()) else {
                continue;
            };
            if let Ok(Ok(task)) = tokio::time::timeout(QUEUE_TIMEOUT, client.task(id)).await {
                self.show(&task);
            }
        }
    }
}

struct Following<'a, W> {
    wanted: W,
    shown: &'a Shown,
}

impl<W: Followed> Listener for Following<'_, W> {
    type Output = W::Now;

    async fn on_frame(
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
                        self.shown.show(&task);
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
        let mut progress = self.shown.progress.borrow_mut();
        progress.show("Connection lost. Reconnecting.".into());
    }
}

fn task_of(event: &Event) -> Option<Task> {
    let data = event.data.clone()?;
    serde_json::from_value(data).ok()
}

/// One line on how far a task is; what waits is not far at all.
pub(crate) fn describe(task: &Task) -> String {
    let step = task
        .steps
        .iter()
        .rfind(|step| step.ended_at.is_none())
        .or(task.steps.last());
    let how_far = match (step, task.queue) {
        (_, Some(queue)) => output::queue(queue),
        (Some(step), None) => format!("{} ({}%)", words(step.step), task.percent),
        (None, None) => "waiting for a host".to_owned(),
    };
    let kind = match task.kind {
        TaskKind::Create => "Creating",
        TaskKind::Start => "Starting",
        TaskKind::Stop => "Stopping",
        TaskKind::Delete => "Deleting",
        TaskKind::Unknown => "Working on",
    };
    format!("{kind} {}: {how_far}", task.cluster_name)
}

/// What a step is to people.
pub(crate) fn words(step: Step) -> &'static str {
    step.story().shown
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_not_said_to_be_done() {
        let path = format!(
            "{}/../../proto/samples/{}/task.json",
            env!("CARGO_MANIFEST_DIR"),
            env!("CARGO_PKG_VERSION")
        );
        let text = std::fs::read_to_string(path).unwrap();
        let mut task: Task = serde_json::from_str(&text).unwrap();
        task.steps.clear();
        (task.queue, task.percent) = (None, 100);
        assert_eq!(describe(&task), "Creating demo: waiting for a host");
    }
}
