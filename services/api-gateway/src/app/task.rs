//! Tasks: list, get, cancel, retry. They begin and end with what is asked of clusters.

use api::{Page, cluster::Accepted, task::Task};
use domain::{Action, Code, TaskId, TaskStatus, Verb};

use super::{
    Error,
    authorize::{self, Actor},
    cluster,
    once::{Repeat, once},
    page,
    turn::{self, Asked},
};
use crate::{
    db::{self, task::TaskRow},
    state::App,
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: db::task::Filter,
) -> Result<Page<Task>, Error> {
    filter.only = actor.only();
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let rows = db::task::list_for(&app.people, actor.user, &filter).await?;
    let place = |row: &TaskRow| row.id().to_string();
    Ok(page::of(rows, limit, place, |row| row.public()))
}

pub(crate) async fn get(app: &App, actor: &Actor, id: TaskId) -> Result<Task, Error> {
    let row = authorize::task(&app.people, actor, Action::ClusterRead, id).await?;
    row.whole().ok_or_else(Error::not_found)
}

/// Ends an open task by turning its cluster to what undoes it; the task of that is the answer.
pub(crate) async fn cancel(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: TaskId,
    expected: Option<TaskStatus>,
) -> Result<Accepted, Error> {
    let accepted = once(app, actor, repeat, async |txn| {
        let found = authorize::task(txn, actor, Action::ClusterChange, id).await?;
        let cluster = turn::locked(txn, found.cluster()).await?;
        let task = db::task::get(txn, id).await?;
        expect(&task, expected)?;
        if cluster.open_task() != Some(id) {
            return Err(ended(&task));
        }
        turn::apply(txn, cluster.id(), Verb::Cancel, Asked::by(actor.user))
            .await?
            .accepted()
    })
    .await?;
    cluster::ring(app, &accepted.cluster).await;
    tracing::info!(task = %id, user = %actor.user, "cancelled");
    Ok(accepted)
}

/// Tries a failed task again: what is done stays done, so it goes on at the step that failed. Asked
/// twice, the same new task is the answer.
pub(crate) async fn retry(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: TaskId,
    expected: Option<TaskStatus>,
) -> Result<Accepted, Error> {
    let accepted = once(app, actor, repeat, async |txn| {
        let found = authorize::task(txn, actor, Action::ClusterChange, id).await?;
        let cluster = turn::locked(txn, found.cluster()).await?;
        let task = db::task::get(txn, id).await?;
        expect(&task, expected)?;
        if let Some(already) = db::task::retry_of(txn, id).await? {
            let task = db::task::get(txn, already).await?;
            return turn::Turned { cluster, task }.accepted();
        }
        if task.status() != TaskStatus::Failed {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Task {id} is {}.", task.status().as_str()),
                "Only a failed task can be retried.",
            ));
        }
        if db::task::newest(txn, cluster.id(), None).await? != Some(id) {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Task {id} isn't the cluster's latest."),
                "A newer request replaced it. See the cluster's latest task.",
            ));
        }
        let asked = Asked {
            retry_of: Some(id),
            ..Asked::by(actor.user)
        };
        turn::apply(txn, cluster.id(), Verb::Retry(task.kind()), asked)
            .await?
            .accepted()
    })
    .await?;
    cluster::ring(app, &accepted.cluster).await;
    tracing::info!(task = %id, user = %actor.user, "tried again");
    Ok(accepted)
}

fn expect(task: &TaskRow, expected: Option<TaskStatus>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != task.status() => Err(ended(task)),
        _ => Ok(()),
    }
}

fn ended(task: &TaskRow) -> Error {
    Error::with_fix(
        Code::WrongStatus,
        format!("Task {} is {}.", task.id(), task.status().as_str()),
        "Check the task again before you decide.",
    )
}
