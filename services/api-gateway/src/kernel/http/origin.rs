//! Where a browser's request comes from: our own page, or it is refused. The rule is `service::origin`'s.

use actix_web::HttpRequest;
use domain::Code;

use crate::kernel::{error::Error, state::App};

pub(crate) use service::origin::Missing;

pub(crate) fn check(request: &HttpRequest, app: &App, missing: Missing) -> Result<(), Error> {
    let checked = app.origins.check(request.headers(), missing);
    checked.map_err(|_| foreign(app))
}

/// For whatever gives or takes a cookie.
pub(crate) fn check_host(request: &HttpRequest, app: &App) -> Result<(), Error> {
    let checked = app.origins.check_host(request.headers());
    checked.map_err(|_| foreign(app))
}

fn foreign(app: &App) -> Error {
    let own = app.origins.own();
    Error::with_fix(
        Code::Forbidden,
        "This request doesn't come from labyard's own page.",
        format!("Open labyard at {own}, or use a token instead of the cookie."),
    )
}
