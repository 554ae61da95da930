//! `/api/v1/hosts`: for administrators.

use actix_web::{
    http::StatusCode,
    web::{self, Data},
};
use api::{Page, host::Host};
use domain::Action::Installation;
use schemars::json_schema;
use serde::Deserialize;

use crate::{
    hosts::host,
    kernel::{
        http::{
            answer::Answer,
            caller::Caller,
            query::{self, Query},
            reply,
            route::{Group, LIMIT, Param, Reply::Json, Route, of, text},
        },
        state::App,
    },
};

const HOST_CURSOR: Param = Param::new(
    "cursor",
    |_| json_schema!({ "type": "string", "pattern": "^[a-z0-9_-]{1,63}$" }),
);

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("installation", text, &[
    Route::new(("GET", "/api/v1/hosts"), ("list_hosts", "List the hosts with their resources and leftovers; for administrators"), Installation, Json(200, of::<Page<Host>>), || web::get().to(list)).query(&[LIMIT, HOST_CURSOR]),
]);

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
