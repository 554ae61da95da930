//! `/api/v1/clusters…`

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::cluster::{CreateCluster, Exec, Extend};
use domain::{ClusterId, WorkspaceId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{cluster, exec},
    db::cluster::Filter,
    http::{
        body::Body,
        caller::Caller,
        query::{self, Id, Query},
        reply,
    },
    state::App,
};

#[derive(Deserialize)]
pub(crate) struct List {
    name: Option<String>,
    workspace_id: Option<WorkspaceId>,
    include: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let wanted = wanted.0;
    let filter = Filter {
        name: wanted.name,
        workspace: wanted.workspace_id,
        deleted_too: wanted.include.is_some_and(|include| include == "deleted"),
        before: query::cursor(wanted.cursor.as_deref())?,
        limit: query::limit(wanted.limit)?,
    };
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &cluster::list(&app, &caller.0, filter).await?,
    ))
}

pub(crate) async fn create(app: Data<App>, caller: Caller, body: Body<CreateCluster>) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::ACCEPTED,
        Some(at),
        &cluster::create(&app, &caller.0, body.0).await?,
    ))
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &cluster::get(&app, &caller.0, id.0).await?,
    ))
}

pub(crate) async fn delete(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::ACCEPTED,
        Some(at),
        &cluster::delete(&app, &caller.0, id.0).await?,
    ))
}

pub(crate) async fn extend(
    app: Data<App>,
    caller: Caller,
    id: Id<ClusterId>,
    body: Body<Extend>,
) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &cluster::extend(&app, &caller.0, id.0, body.0).await?,
    ))
}

pub(crate) async fn exec(
    app: Data<App>,
    caller: Caller,
    id: Id<ClusterId>,
    body: Body<Exec>,
) -> Answer {
    Ok(reply::json(
        StatusCode::OK,
        None,
        &exec::exec(&app, &caller.0, id.0, &body.0.command).await?,
    ))
}

pub(crate) async fn kubeconfig(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let text = exec::kubeconfig(&app, &caller.0, id.0).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}

pub(crate) async fn versions(app: Data<App>, _caller: Caller) -> Answer {
    Ok(reply::json(
        StatusCode::OK,
        None,
        &cluster::versions(&app).await?,
    ))
}
