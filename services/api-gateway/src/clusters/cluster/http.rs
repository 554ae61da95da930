//! `/api/v1/clusters…`

use actix_web::{
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    cluster::{Accepted, Cluster, ClusterVersion, CreateCluster, Extend},
};
use domain::{
    Action::{ClusterChange, ClusterCreate, ClusterRead, Own},
    ClusterId, ClusterStatus, Verb, WorkspaceId,
};
use serde::Deserialize;

use crate::{
    clusters::cluster::{self, sql::Filter},
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::{self, Id, Query},
            reply,
            route::{Group, LIMIT, Param, Reply::Json, Route, WORKSPACE, of, text, words},
        },
        idempotency::key::Key,
        state::App,
    },
};

const INCLUDE: Param = Param::new("include", |_| words(&["deleted"]));
const EXPECT_STATUS: Param = Param::new("expect_status", |_| {
    words(&ClusterStatus::ALL.map(ClusterStatus::as_str))
});

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("clusters", of::<ClusterId>, &[
    Route::new(("GET", "/api/v1/clusters"), ("list_clusters", "List the clusters of the caller's organizations, newest first"), ClusterRead, Json(200, of::<Page<Cluster>>), || web::get().to(list)).query(&[Param::new("name", text), WORKSPACE, INCLUDE, LIMIT, Param::cursor::<ClusterId>()]),
    Route::new(("POST", "/api/v1/clusters"), ("create_cluster", "Create a cluster"), ClusterCreate, Json(202, of::<Accepted>), || web::post().to(create)).takes(of::<CreateCluster>),
    Route::new(("GET", "/api/v1/clusters/{id}"), ("get_cluster", "Get a cluster; deleted ones stay readable"), ClusterRead, Json(200, of::<Cluster>), || web::get().to(get)),
    Route::new(("DELETE", "/api/v1/clusters/{id}"), ("delete_cluster", "Delete a cluster; allowed in every status, and repeatable"), ClusterChange, Json(202, of::<Accepted>), || web::delete().to(delete)).query(&[EXPECT_STATUS]),
    Route::new(("POST", "/api/v1/clusters/{id}/start"), ("start_cluster", "Start a stopped cluster with the same objects and volumes"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(start)).query(&[EXPECT_STATUS]),
    Route::new(("POST", "/api/v1/clusters/{id}/stop"), ("stop_cluster", "Stop a cluster and keep everything in it"), ClusterChange, Json(202, of::<Accepted>), || web::post().to(stop)).query(&[EXPECT_STATUS]),
    Route::new(("POST", "/api/v1/clusters/{id}/extend"), ("extend_cluster", "Extend a cluster's life"), ClusterChange, Json(200, of::<Cluster>), || web::post().to(extend)).takes(of::<Extend>),
    Route::new(("GET", "/api/v1/cluster-versions"), ("list_cluster_versions", "List the Kubernetes versions available for new clusters"), Own, Json(200, of::<Page<ClusterVersion>>), || web::get().to(versions)),
]);

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

pub(crate) async fn versions(app: Data<App>, _caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &cluster::versions(&app).await?,
    ))
}
