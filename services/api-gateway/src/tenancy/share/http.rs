//! `/api/v1/clusters/{id}/shares…`, `/api/v1/clusters/{id}/access`, `/api/v1/shares/…`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    share::{Access, CreateShare, NewShare, RedeemShare, Share, ShareFor},
};
use domain::{
    Action::{Account, ClusterRead, ClusterShare, Public},
    ClusterId, ShareId,
};
use serde::Deserialize;

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::{self, Id, Inner, Query},
            reply,
            route::{
                Group, LIMIT, Param,
                Reply::{Empty, Json},
                Route, of,
            },
        },
        idempotency::key::Key,
        state::App,
    },
    tenancy::share::{self, access},
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("clusters", of::<ClusterId>, &[
    Route::new(("GET", "/api/v1/clusters/{id}/shares"), ("list_shares", "List a cluster's shares and links, newest first"), ClusterShare, Json(200, of::<Page<Share>>), || web::get().to(list)).query(&[LIMIT, Param::cursor::<ShareId>()]),
    Route::new(("POST", "/api/v1/clusters/{id}/shares"), ("create_share", "Share a cluster with a person, or create a link; only this answer shows its token"), ClusterShare, Json(201, of::<NewShare>), || web::post().to(create)).takes(of::<CreateShare>),
    Route::new(("DELETE", "/api/v1/clusters/{id}/shares/{share_id}"), ("end_share", "Remove a share, or a link and every share that came from it; people can remove their own"), ClusterRead, Empty(204), || web::delete().to(end)),
    Route::new(("GET", "/api/v1/clusters/{id}/access"), ("get_access", "List the people with access to a cluster, and why"), ClusterRead, Json(200, of::<Access>), || web::get().to(access)),
    Route::new(("POST", "/api/v1/shares/look"), ("look_at_share", "Show what a share link gives"), Public, Json(200, of::<ShareFor>), || web::post().to(look)).takes(of::<RedeemShare>),
    Route::new(("POST", "/api/v1/shares/redeem"), ("redeem_share", "Accept a share link"), Account, Json(200, of::<Share>), || web::post().to(redeem)).takes(of::<RedeemShare>),
]);

#[derive(Deserialize)]
pub(crate) struct List {
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(
    app: Data<App>,
    caller: Caller,
    id: Id<ClusterId>,
    wanted: Query<List>,
) -> Answer {
    let limit = query::limit(wanted.0.limit)?;
    let before = query::cursor(wanted.0.cursor.as_deref())?;
    let at = reply::position(&app).await?;
    let page = share::list(&app, &caller.0, id.0, before, limit).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn create(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<ClusterId>,
    body: Body<CreateShare>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let made = share::create(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, Some(at), &made))
}

pub(crate) async fn end(
    app: Data<App>,
    caller: Caller,
    key: Key,
    (id, share): (Id<ClusterId>, Inner<ShareId>),
) -> Answer {
    share::end(&app, &caller.0, &key.alone(), (id.0, share.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) async fn look(app: Data<App>, body: Body<RedeemShare>) -> Answer {
    let shown = share::look(&app, &body.0.token).await?;
    Ok(reply::json(StatusCode::OK, None, &shown))
}

pub(crate) async fn redeem(
    app: Data<App>,
    caller: Caller,
    key: Key,
    body: Body<RedeemShare>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let taken = share::redeem(&app, &caller.0, &repeat, &body.0.token).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &taken))
}

pub(crate) async fn access(app: Data<App>, caller: Caller, id: Id<ClusterId>) -> Answer {
    let at = reply::position(&app).await?;
    let access = access::of(&app, &caller.0, id.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &access))
}
