//! `/api/v1/clusters/{id}/shares…`, `/api/v1/clusters/{id}/access`, `/api/v1/shares/…`

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::share::{CreateShare, RedeemShare};
use domain::{ClusterId, ShareId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{access, share},
    http::{
        body::Body,
        caller::Caller,
        query::{self, Id, Inner, Query},
        repeat::Key,
        reply,
    },
    state::App,
};

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
