//! `/api/v1/auth/device…`: programs without a browser, and who lets them in.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use api::auth::device::{BeginDevice, DecideDevice, UserCode};

use super::Answer;
use crate::{
    app::device,
    http::{
        address,
        body::{Body, Either, JsonOrForm},
        caller::Caller,
        reply,
    },
    state::App,
};

pub(crate) async fn begin(
    app: Data<App>,
    request: HttpRequest,
    body: JsonOrForm<BeginDevice, BeginDevice>,
) -> Answer {
    let (Either::Json(wanted) | Either::Form(wanted)) = body.read;
    let begun = device::begin(&app, wanted, address::of(&request)).await?;
    Ok(reply::json(StatusCode::OK, None, &begun))
}

pub(crate) async fn look(app: Data<App>, caller: Caller, body: Body<UserCode>) -> Answer {
    let device = device::look(&app, &caller.0, &body.0.user_code).await?;
    Ok(reply::json(StatusCode::OK, None, &device))
}

pub(crate) async fn decide(app: Data<App>, caller: Caller, body: Body<DecideDevice>) -> Answer {
    device::decide(&app, &caller.0, body.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
