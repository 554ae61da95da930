//! Answers, and where in the log they stand.

use actix_web::{HttpResponse, http::StatusCode};
use domain::Cursor;
use serde::Serialize;

use crate::kernel::{error::Error, log, state::App};

/// Carries the cursor from which the events after this answer begin.
const POSITION: &str = "Labyard-Position";

/// The place in the log; read it before the rows.
pub(crate) async fn position(app: &App) -> Result<Cursor, Error> {
    Ok(log::sql::head(&app.people).await?)
}

pub(crate) fn json<T: Serialize>(status: StatusCode, at: Option<Cursor>, body: &T) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header(("Cache-Control", "no-store"));
    if let Some(at) = at {
        answer.insert_header((POSITION, at.to_string()));
    }
    answer.json(body)
}
