//! What is asked of a cluster becomes true here: the rules of `domain::verb` in one transaction.

use api::{cluster::Accepted, event::kind};
use domain::{
    ClusterId, ClusterStatus, Code, Goal, Reason, Refusal, Ruling, TaskId, TaskKind, TaskStatus,
    Transition, UserId, Verb, rule,
};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use crate::{
    clusters::{
        cluster::{self, sql::ClusterRow},
        events, expiry, task,
    },
    kernel::error::Error,
};

/// Who asks, and why if it is not a person.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cause<'a> {
    pub(crate) by: Option<UserId>,
    /// Kept on the cluster while what follows is under way, and after.
    pub(crate) reason: Option<&'a Reason>,
    /// The failed task that is tried again.
    pub(crate) retry_of: Option<TaskId>,
}

impl Cause<'_> {
    pub(crate) fn by(user: UserId) -> Self {
        Self {
            by: Some(user),
            ..Self::default()
        }
    }
}

/// Asks something of a cluster: locks it, rules, and makes the turn. Where it is so already, the
/// newest task towards it is the answer. The tasks' and the cluster's rows come back as they now are.
pub(crate) async fn apply(
    txn: &DatabaseTransaction,
    cluster: ClusterId,
    verb: Verb,
    asked: Cause<'_>,
) -> Result<Turned, Error> {
    let row = locked(txn, cluster).await?;
    match rule(row.standing(), verb) {
        Ruling::Transition(turn) => make(txn, &row, turn, asked).await,
        Ruling::Already(goal) => already(txn, row, goal).await,
        Ruling::Refused(refusal) => Err(refused(&row, refusal)),
    }
}

/// What an intent left behind.
pub(crate) struct Turned {
    pub(crate) cluster: ClusterRow,
    pub(crate) task: task::sql::TaskRow,
}

impl Turned {
    pub(crate) fn accepted(&self) -> Result<Accepted, Error> {
        Ok(Accepted {
            cluster: self.cluster.public().ok_or_else(Error::not_found)?,
            task: self.task.public().ok_or_else(Error::not_found)?,
        })
    }
}

async fn make(
    txn: &DatabaseTransaction,
    row: &ClusterRow,
    turn: Transition,
    asked: Cause<'_>,
) -> Result<Turned, Error> {
    let cluster = row.id();
    if let Some(open) = row.open_task().filter(|_| turn.cancels) {
        let instead = match turn.goal() {
            Goal::Deleted => "The cluster is being deleted.",
            _ => "A newer request replaced this one.",
        };
        let reason = Reason::new(Code::Cancelled, instead);
        task::sql::end(txn, open, TaskStatus::Cancelled, Some(&reason)).await?;
        let ended = task::sql::get(txn, open).await?;
        events::task(txn, row, &ended, kind::TASK_CHANGED).await?;
    }
    if turn.opens == TaskKind::Delete {
        expiry::sql::forget(txn, cluster).await?;
    }
    cluster::sql::set_status(txn, cluster, turn.status(), asked.reason).await?;
    cluster::sql::set_goal(txn, cluster, turn.goal()).await?;
    let opened = open(txn, cluster, turn.opens, asked, kind::CLUSTER_CHANGED).await?;
    // No host ever took it: there is nothing to remove.
    if turn.opens == TaskKind::Delete && row.host_id.is_none() {
        return finish_unplaced(txn, opened).await;
    }
    Ok(opened)
}

/// Opens a task on a locked or new cluster and writes the events of both.
pub(crate) async fn open(
    txn: &DatabaseTransaction,
    cluster: ClusterId,
    task_kind: TaskKind,
    asked: Cause<'_>,
    event: &str,
) -> Result<Turned, Error> {
    let row = locked(txn, cluster).await?;
    let id = TaskId::from_uuid(Uuid::now_v7());
    task::sql::insert(txn, id, &row, task_kind, asked.by, asked.retry_of).await?;
    // A new cluster that has a reason waits for it.
    if let Some(reason) = asked.reason.filter(|_| task_kind == TaskKind::Create) {
        task::sql::set_reason(txn, id, reason).await?;
    }
    let cluster = locked(txn, cluster).await?;
    let task = task::sql::get(txn, id).await?;
    events::cluster(txn, &cluster, event).await?;
    events::task(txn, &cluster, &task, kind::TASK_CREATED).await?;
    Ok(Turned { cluster, task })
}

async fn already(
    txn: &DatabaseTransaction,
    cluster: ClusterRow,
    goal: Goal,
) -> Result<Turned, Error> {
    let task = task::sql::newest(txn, cluster.id(), Some(goal))
        .await?
        .ok_or_else(Error::not_found)?;
    let task = task::sql::get(txn, task).await?;
    Ok(Turned { cluster, task })
}

async fn finish_unplaced(txn: &DatabaseTransaction, turned: Turned) -> Result<Turned, Error> {
    let (cluster, task) = (turned.cluster.id(), turned.task.id());
    let reason = turned.cluster.reason();
    task::sql::end(txn, task, TaskStatus::Completed, None).await?;
    cluster::sql::set_status(txn, cluster, ClusterStatus::Deleted, reason.as_ref()).await?;
    let cluster = locked(txn, cluster).await?;
    let task = task::sql::get(txn, task).await?;
    events::task(txn, &cluster, &task, kind::TASK_CHANGED).await?;
    events::cluster(txn, &cluster, kind::CLUSTER_CHANGED).await?;
    Ok(Turned { cluster, task })
}

/// A cluster under its lock, as it now is.
pub(crate) async fn locked<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<ClusterRow, Error> {
    cluster::sql::lock(txn, cluster)
        .await?
        .ok_or_else(Error::not_found)
}

/// Not possible now, and what to do about it.
fn refused(row: &ClusterRow, refusal: Refusal) -> Error {
    let (name, status) = (row.name(), row.status().as_str());
    let fix = match refusal {
        Refusal::Busy => return wrong_status(row),
        Refusal::NothingOpen => "Only a running task can be canceled.",
        Refusal::NoWayBack => "Wait for the task to finish. You can't cancel a stop or a delete.",
        Refusal::NothingFailed => "Only a failed task can be retried.",
        Refusal::Status if row.status() == ClusterStatus::Error => {
            "Retry the failed task, or delete the cluster."
        }
        Refusal::Status => return wrong_status(row),
    };
    Error::with_fix(
        Code::WrongStatus,
        format!("Cluster {name} is {status}."),
        fix,
    )
}

/// Not possible in this status; names the task that is under way.
pub(crate) fn wrong_status(row: &ClusterRow) -> Error {
    let (name, status) = (row.name(), row.status());
    let word = status.as_str();
    let (message, fix) = match (row.open_task(), status) {
        // Only what makes a cluster or starts it can be cancelled.
        (Some(task), ClusterStatus::Provisioning | ClusterStatus::Starting) => (
            format!("Cluster {name} is {word}. Task {task} is running."),
            "Wait for the task to end, or cancel it, then try again.",
        ),
        (Some(task), _) => (
            format!("Cluster {name} is {word}. Task {task} is running."),
            "Wait for the task to end, then try again.",
        ),
        (None, status) => (
            format!("Cluster {name} is {word}."),
            match status {
                ClusterStatus::Stopped => "Start the cluster first.",
                ClusterStatus::Error => "Retry the failed task, or delete the cluster.",
                ClusterStatus::Deleted => "Create a new cluster.",
                _ => "Wait until the cluster is RUNNING.",
            },
        ),
    };
    Error::with_fix(Code::WrongStatus, message, fix)
}

/// Not in the status that the asker named.
pub(crate) fn unexpected(row: &ClusterRow, expected: ClusterStatus) -> Error {
    let (name, status) = (row.name(), row.status().as_str());
    let expected = expected.as_str();
    Error::with_fix(
        Code::WrongStatus,
        format!("Cluster {name} is {status}, not {expected}. Nothing was changed."),
        "Look at the cluster again before you decide.",
    )
}
