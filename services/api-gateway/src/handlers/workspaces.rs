//! `/api/v1/workspaces…`

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::organization::{ChangeWorkspace, CreateWorkspace};
use domain::{OrganizationId, WorkspaceId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::workspace,
    http::{
        body::Body,
        caller::Caller,
        query::{Id, Query},
        repeat::Key,
        reply,
    },
    state::App,
};

#[derive(Deserialize)]
pub(crate) struct List {
    organization_id: Option<OrganizationId>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let at = reply::position(&app).await?;
    let page = workspace::list(&app, &caller.0, wanted.0.organization_id).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn create(
    app: Data<App>,
    caller: Caller,
    key: Key,
    body: Body<CreateWorkspace>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let made = workspace::create(&app, &caller.0, &repeat, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, Some(at), &made))
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<WorkspaceId>) -> Answer {
    let at = reply::position(&app).await?;
    let found = workspace::get(&app, &caller.0, id.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &found))
}

pub(crate) async fn change(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<WorkspaceId>,
    body: Body<ChangeWorkspace>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let changed = workspace::change(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &changed))
}

pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<WorkspaceId>,
) -> Answer {
    workspace::delete(&app, &caller.0, &key.alone(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
