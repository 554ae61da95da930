//! `/api/v1/clusters…`

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::cluster::{AutoStop, CreateCluster, Exec, Extend};
use domain::{ClusterId, ClusterStatus, Verb, WorkspaceId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{cluster, exec, usage},
    db::cluster::Filter,
    http::{
        body::Body,
        caller::Caller,
        query::{self, Id, Query},
        repeat::Key,
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
        only: None,
        name: wanted.name,
        workspace: wanted.workspace_id,
        deleted_too: query::word(
            "?include",
            wanted.include.as_deref(),
            &["deleted"],
            |word| word,
        )?
        .is_some(),
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

pub(crate) async fn create(
    app: Data<App>,
    caller: Caller,
    key: Key,
    body: Body<CreateCluster>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let accepted = cluster::create(&app, &caller.0, &repeat, body.0).await?;
    Ok(reply::json(StatusCode::ACCEPTED, Some(at), &accepted))
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &cluster::get(&app, &caller.0, id.0).await?,
    ))
}

#[derive(Deserialize)]
pub(crate) struct Change {
    expect_status: Option<String>,
}

async fn ask(
    app: &App,
    caller: &Caller,
    key: Key,
    id: ClusterId,
    change: Change,
    verb: Verb,
) -> Answer {
    let at = reply::position(app).await?;
    let word = change.expect_status.as_deref();
    let all = &ClusterStatus::ALL;
    let expected = query::word("?expect_status", word, all, ClusterStatus::as_str)?;
    let accepted = cluster::ask(app, &caller.0, &key.alone(), id, verb, expected).await?;
    Ok(reply::json(StatusCode::ACCEPTED, Some(at), &accepted))
}

pub(crate) async fn start(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    change: Query<Change>,
) -> Answer {
    ask(&app, &caller, key, id.0, change.0, Verb::Start).await
}

pub(crate) async fn stop(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    change: Query<Change>,
) -> Answer {
    ask(&app, &caller, key, id.0, change.0, Verb::Stop).await
}

pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    change: Query<Change>,
) -> Answer {
    ask(&app, &caller, key, id.0, change.0, Verb::Delete).await
}

pub(crate) async fn extend(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    body: Body<Extend>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let extended = cluster::extend(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &extended))
}

pub(crate) async fn auto_stop(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    body: Body<AutoStop>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let changed = usage::auto_stop(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &changed))
}

pub(crate) async fn active(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    usage::active(&app, &caller.0, id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) async fn exec(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    body: Body<Exec>,
) -> Answer {
    let repeat = key.with(&body.0)?;
    let result = exec::exec(&app, &caller.0, &repeat, id.0, &body.0).await?;
    Ok(reply::json(StatusCode::OK, None, &result))
}

pub(crate) async fn kubeconfig(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let text = exec::kubeconfig(&app, &caller.0, id.0).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}

pub(crate) async fn versions(app: Data<App>, _caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &cluster::versions(&app).await?,
    ))
}
