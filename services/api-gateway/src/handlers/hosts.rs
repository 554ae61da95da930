//! `/api/v1/hosts` and `/api/v1/installation…`: for administrators.

use actix_web::{http::StatusCode, web::Data};
use api::host::PoolSwitch;
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{host, installation},
    http::{
        body::Body,
        caller::Caller,
        query::{self, Query},
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

pub(crate) async fn list(app: Data<App>, caller: Caller, wanted: Query<List>) -> Answer {
    let limit = query::limit(wanted.0.limit)?;
    let after = query::cursor(wanted.0.cursor.as_deref())?;
    let at = reply::position(&app).await?;
    let hosts = host::list(&app, &caller.0, after, limit).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &hosts))
}

pub(crate) async fn installation(app: Data<App>, caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    let installation = installation::get(&app, &caller.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &installation))
}

pub(crate) async fn switch_pool(
    app: Data<App>,
    caller: Caller,
    key: Key,
    body: Body<PoolSwitch>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let installation = installation::switch_pool(&app, &caller.0, &repeat, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &installation))
}
