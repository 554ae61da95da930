//! `/api/v1/tasks…`

use actix_web::{http::StatusCode, web::Data};
use domain::{ClusterId, TaskId, TaskKind, TaskStatus, WorkspaceId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{Error, task},
    db::task::Filter,
    http::{
        caller::Caller,
        query::{self, Id, Query},
        repeat::Key,
        reply,
    },
    state::App,
};

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
