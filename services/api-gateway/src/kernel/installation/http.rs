//! `/api/v1/installation…`: for administrators.

use actix_web::{
    http::StatusCode,
    web::{self, Data},
};
use api::host::{self, PoolSwitch};
use domain::Action::Installation;

use crate::kernel::{
    http::{
        answer::Answer,
        body::Body,
        caller::Caller,
        reply,
        route::{Group, Reply::Json, Route, of, text},
    },
    idempotency::key::Key,
    installation,
    state::App,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("installation", text, &[
    Route::new(("GET", "/api/v1/installation"), ("get_installation", "Get switches and self-checks; for administrators"), Installation, Json(200, of::<host::Installation>), || web::get().to(installation)),
    Route::new(("POST", "/api/v1/installation/pool"), ("switch_pool", "Pause or resume the warm pool; for administrators"), Installation, Json(200, of::<host::Installation>), || web::post().to(switch_pool)).takes(of::<PoolSwitch>),
]);

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
