//! `/api/v1/auth/device…`: programs without a browser, and who lets them in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::auth::device::{BeginDevice, DecideDevice, UserCode};
use domain::Action::{Account, Public};

use crate::{
    kernel::{
        http::{
            address,
            answer::Answer,
            body::{Body, Either, JsonOrForm},
            caller::Caller,
            reply,
            route::{
                Group,
                Reply::{Empty, Json},
                Route, of, text,
            },
        },
        state::App,
    },
    people::device,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("auth", text, &[
    Route::new(("POST", "/api/v1/auth/device"), ("begin_device_login", "Start the login of a program without a browser, which shows a code and polls for its tokens"), Public, Json(200, of::<api::auth::device::BegunDevice>), || web::post().to(begin)).takes(of::<api::auth::device::BeginDevice>),
    Route::new(("POST", "/api/v1/auth/device/look"), ("look_at_device", "Get the program that shows a code"), Account, Json(200, of::<api::auth::device::AskingDevice>), || web::post().to(look)).takes(of::<api::auth::device::UserCode>),
    Route::new(("POST", "/api/v1/auth/device/decide"), ("decide_device", "Approve or deny a program's login"), Account, Empty(204), || web::post().to(decide)).takes(of::<api::auth::device::DecideDevice>),
]);

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
