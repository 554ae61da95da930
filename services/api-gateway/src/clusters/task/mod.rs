//! Tasks: list, get, cancel, retry. They begin and end with what is asked of clusters.

pub(crate) mod http;
pub(crate) mod sql;

use api::{Page, cluster::Accepted, task::Task};
use domain::{Action, Code, TaskId, TaskStatus, Verb};
use sea_orm::ConnectionTrait;

use crate::{
    clusters::{
        task::sql::TaskRow,
        transition::{self, Cause},
    },
    kernel::{
        actor::{Actor, Asked, Object},
        authorize, doorbell,
        error::Error,
        idempotency::{Repeat, once},
        page,
        state::App,
    },
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    mut filter: sql::Filter,
) -> Result<Page<Task>, Error> {
    filter.only = actor.only();
    let limit = filter.limit;
    filter.limit = page::rows(limit);
    let rows = sql::list_for(&app.people, actor.user, &filter).await?;
    let place = |row: &TaskRow| row.id().to_string();
    Ok(page::of(rows, limit, place, |row| row.public()))
}

pub(crate) async fn get(app: &App, actor: &Actor, id: TaskId) -> Result<Task, Error> {
    let row = permitted(&app.people, actor, Action::ClusterRead, id).await?;
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
        let found = permitted(txn, actor, Action::ClusterChange, id).await?;
        let cluster = transition::locked(txn, found.cluster()).await?;
        let task = sql::get(txn, id).await?;
        expect(&task, expected)?;
        if cluster.open_task() != Some(id) {
            return Err(ended(&task));
        }
        transition::apply(txn, cluster.id(), Verb::Cancel, Cause::by(actor.user))
            .await?
            .accepted()
    })
    .await?;
    doorbell::ring(app, &accepted.cluster).await;
    tracing::info!(task = %id, user = %actor.user, "cancelled");
    Ok(accepted)
}

/// Tries a failed task again: what is done stays done, so it goes on at the step that failed. Cause
/// twice, the same new task is the answer.
pub(crate) async fn retry(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: TaskId,
    expected: Option<TaskStatus>,
) -> Result<Accepted, Error> {
    let accepted = once(app, actor, repeat, async |txn| {
        let found = permitted(txn, actor, Action::ClusterChange, id).await?;
        let cluster = transition::locked(txn, found.cluster()).await?;
        let task = sql::get(txn, id).await?;
        expect(&task, expected)?;
        if let Some(already) = sql::retry_of(txn, id).await? {
            let task = sql::get(txn, already).await?;
            return transition::Turned { cluster, task }.accepted();
        }
        if task.status() != TaskStatus::Failed {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Task {id} is {}.", task.status().as_str()),
                "Only a failed task can be retried.",
            ));
        }
        if sql::newest(txn, cluster.id(), None).await? != Some(id) {
            return Err(Error::with_fix(
                Code::WrongStatus,
                format!("Task {id} isn't the cluster's latest."),
                "A newer request replaced it. See the cluster's latest task.",
            ));
        }
        let asked = Cause {
            retry_of: Some(id),
            ..Cause::by(actor.user)
        };
        transition::apply(txn, cluster.id(), Verb::Retry(task.kind()), asked)
            .await?
            .accepted()
    })
    .await?;
    doorbell::ring(app, &accepted.cluster).await;
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

/// The task, if the actor may do this with its cluster.
pub(crate) async fn permitted<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: TaskId,
) -> Result<TaskRow, Error> {
    let row = sql::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(row.place().0))
        .ok_or_else(Error::not_found)?;
    let (organization, workspace) = row.place();
    actor
        .trail
        .about(organization, workspace, Some(row.cluster().uuid()));
    authorize::authorize(actor, action, &row.rights()?)?;
    actor.trail.goes_by(Asked::of(action, Object::Task(id)));
    Ok(row)
}
