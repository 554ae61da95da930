//! `/api/v1/tasks…`

use actix_web::{
    http::StatusCode,
    web::{self, Data},
};
use api::{Page, cluster::Accepted, task::Task};
use domain::{
    Action::{ClusterChange, ClusterRead},
    ClusterId, TaskId, TaskKind, TaskStatus, WorkspaceId,
};
use schemars::{Schema, SchemaGenerator};
use serde::Deserialize;

use crate::{
    clusters::task::{self, sql::Filter},
    kernel::{
        error::Error,
        http::{
            answer::Answer,
            caller::Caller,
            query::{self, Id, Query},
            reply,
            route::{CLUSTER, Group, LIMIT, Param, Reply::Json, Route, WORKSPACE, of, words},
        },
        idempotency::key::Key,
        state::App,
    },
};

const KIND: Param = Param::new("kind", |_| words(&TaskKind::ALL.map(TaskKind::as_str)));
const STATUS: Param = Param::new("status", statuses);
const EXPECT_STATUS: Param = Param::new("expect_status", statuses);

fn statuses(_: &mut SchemaGenerator) -> Schema {
    words(&TaskStatus::ALL.map(TaskStatus::as_str))
}

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("tasks", of::<TaskId>, &[
    Route::new(("GET", "/api/v1/tasks"), ("list_tasks", "List the tasks of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Task>>), || web::get().to(list)).query(&[CLUSTER, WORKSPACE, STATUS, KIND, LIMIT, Param::cursor::<TaskId>()]),
    Route::new(("GET", "/api/v1/tasks/{id}"), ("get_task", "Get a task with its steps"), ClusterRead, Json(200, of::<Task>), || web::get().to(get)),
    Route::new(("POST", "/api/v1/tasks/{id}/cancel"), ("cancel_task", "Cancel a create (deletes the cluster) or a start (stops it); returns that task"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(cancel)).query(&[EXPECT_STATUS]),
    Route::new(("POST", "/api/v1/tasks/{id}/retry"), ("retry_task", "Retry a failed task from the failed step; returns the new task"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(retry)).query(&[EXPECT_STATUS]),
]);

#[derive(Deserialize)]
pub(crate) struct List {
    cluster_id: Option<ClusterId>,
    workspace_id: Option<WorkspaceId>,
    status: Option<String>,
    kind: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let wanted = wanted.0;
    let filter = Filter {
        only: None,
        cluster: wanted.cluster_id,
        workspace: wanted.workspace_id,
        status: status("?status", wanted.status.as_deref())?,
        kind: kind(wanted.kind.as_deref())?,
        before: query::cursor(wanted.cursor.as_deref())?,
        limit: query::limit(wanted.limit)?,
    };
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &task::list(&app, &caller.0, filter).await?,
    ))
}

fn status(pointer: &str, word: Option<&str>) -> Result<Option<TaskStatus>, Error> {
    query::word(pointer, word, &TaskStatus::ALL, TaskStatus::as_str)
}

fn kind(word: Option<&str>) -> Result<Option<TaskKind>, Error> {
    query::word("?kind", word, &TaskKind::ALL, TaskKind::as_str)
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<TaskId>) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &task::get(&app, &caller.0, id.0).await?,
    ))
}

#[derive(Deserialize)]
pub(crate) struct Change {
    expect_status: Option<String>,
}

impl Change {
    fn expected(&self) -> Result<Option<TaskStatus>, Error> {
        status("?expect_status", self.expect_status.as_deref())
    }
}

pub(crate) async fn cancel(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<TaskId>,
    change: Query<Change>,
) -> Answer {
    let at = reply::position(&app).await?;
    let expected = change.0.expected()?;
    let accepted = task::cancel(&app, &caller.0, &key.alone(), id.0, expected).await?;
    Ok(reply::json(StatusCode::ACCEPTED, Some(at), &accepted))
}

pub(crate) async fn retry(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<TaskId>,
    change: Query<Change>,
) -> Answer {
    let at = reply::position(&app).await?;
    let expected = change.0.expected()?;
    let accepted = task::retry(&app, &caller.0, &key.alone(), id.0, expected).await?;
    Ok(reply::json(StatusCode::ACCEPTED, Some(at), &accepted))
}
