//! `/api/v1/workspaces…`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    organization::{ChangeWorkspace, CreateWorkspace, WorkspaceDetail},
};
use domain::{
    Action::{OrganizationChange, OrganizationRead, Own},
    OrganizationId, WorkspaceId,
};
use serde::Deserialize;

use crate::{
    clusters::workspace,
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::{Id, Query},
            reply,
            route::{
                Group, ORGANIZATION,
                Reply::{Empty, Json},
                Route, of,
            },
        },
        idempotency::key::Key,
        state::App,
    },
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("organizations", of::<WorkspaceId>, &[
    Route::new(("GET", "/api/v1/workspaces"), ("list_workspaces", "List the workspaces of the caller's organizations, with usage and quota"), Own, Json(200, of::<Page<WorkspaceDetail>>), || web::get().to(list)).query(&[ORGANIZATION]),
    Route::new(("POST", "/api/v1/workspaces"), ("create_workspace", "Create a workspace in an organization"), OrganizationChange, Json(201, of::<WorkspaceDetail>), || web::post().to(create)).takes(of::<CreateWorkspace>),
    Route::new(("GET", "/api/v1/workspaces/{id}"), ("get_workspace", "Get a workspace, with usage and quota"), OrganizationRead, Json(200, of::<WorkspaceDetail>), || web::get().to(get)),
    Route::new(("PATCH", "/api/v1/workspaces/{id}"), ("change_workspace", "Change a workspace's name or quota"), OrganizationChange, Json(200, of::<WorkspaceDetail>), || web::patch().to(change)).takes(of::<ChangeWorkspace>),
    Route::new(("DELETE", "/api/v1/workspaces/{id}"), ("delete_workspace", "Delete a workspace without clusters"), OrganizationChange, Empty(204), || web::delete().to(delete)),
]);

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
