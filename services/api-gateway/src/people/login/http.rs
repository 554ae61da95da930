//! `/api/v1/auth/…`

use std::net::IpAddr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::auth::{
    self, DEVICE_GRANT, EXCHANGE_GRANT, Login, PASSWORD_GRANT, Refresh, Register, TokenForm, Tokens,
};
use domain::Action::{Own, Public};

use crate::{
    kernel::{
        error::Error,
        http::{
            address,
            answer::Answer,
            body::{Body, Either, JsonOrForm},
            caller::Caller,
            cookie,
            origin::{self, Missing},
            reply,
            route::{
                Group,
                Reply::{Empty, Json},
                Route, of, text,
            },
        },
        state::App,
    },
    people::{
        device, login,
        trust::{self, Exchange},
    },
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("auth", text, &[
    Route::new(("POST", "/api/v1/auth/register"), ("register", "Register a user"), Public, Json(201, of::<auth::User>), || web::post().to(register)).takes(of::<auth::Register>),
    Route::new(("POST", "/api/v1/auth/session"), ("create_session", "Log in a browser: sets the session cookie"), Public, Json(200, of::<auth::User>), || web::post().to(session)).takes(of::<auth::Login>),
    Route::new(("DELETE", "/api/v1/auth/session"), ("delete_session", "Log out"), Own, Empty(204), || web::delete().to(logout)),
    Route::new(("POST", "/api/v1/auth/token"), ("create_token", "Log in a machine: a password as JSON, or an OAuth2 form with a password, a device's code (RFC 8628) or a pipeline's token (RFC 8693)"), Public, Json(200, of::<auth::Tokens>), || web::post().to(token)).takes(of::<auth::Login>),
    Route::new(("POST", "/api/v1/auth/refresh"), ("refresh_token", "Get the next access and refresh token"), Public, Json(200, of::<auth::Tokens>), || web::post().to(refresh)).takes(of::<auth::Refresh>),
    Route::new(("POST", "/api/v1/auth/logout"), ("logout", "Log out"), Own, Empty(204), || web::post().to(logout)),
    Route::new(("GET", "/api/v1/auth/me"), ("get_me", "Get the caller with their organizations and workspaces"), Own, Json(200, of::<auth::Me>), || web::get().to(me)),
    Route::new(("POST", "/api/v1/auth/stream-token"), ("create_stream_token", "Create a token for ?token= on the stream routes, valid for 60 s"), Own, Json(200, of::<auth::StreamToken>), || web::post().to(stream_token)),
]);

pub(crate) async fn register(app: Data<App>, request: HttpRequest, body: Body<Register>) -> Answer {
    origin::check(&request, &app, Missing::Allowed)?;
    Ok(reply::json(
        StatusCode::CREATED,
        None,
        &login::register(&app, body.0, address::of(&request)).await?,
    ))
}

pub(crate) async fn session(app: Data<App>, request: HttpRequest, body: Body<Login>) -> Answer {
    origin::check_host(&request, &app)?;
    origin::check(&request, &app, Missing::Allowed)?;
    let (user, value) = login::browser(&app, body.0, address::of(&request)).await?;
    let mut answer = reply::json(StatusCode::OK, None, &user);
    let scheme = app.origins.scheme(request.headers());
    answer
        .add_cookie(&cookie::set(scheme, &value))
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(answer)
}

pub(crate) async fn token(
    app: Data<App>,
    request: HttpRequest,
    body: JsonOrForm<Login, TokenForm>,
) -> Answer {
    let from = address::of(&request);
    let tokens = match body.read {
        Either::Json(login) => login::machine(&app, login, from).await?,
        Either::Form(form) => granted(&app, form, from).await?,
    };
    Ok(reply::json(StatusCode::OK, None, &tokens))
}

/// A field of a form that its grant cannot do without.
fn need<T>(name: &str, value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::invalid(&format!("/{name}"), "required for this grant"))
}

/// The tokens of an OAuth2 grant.
async fn granted(app: &App, form: TokenForm, from: Option<IpAddr>) -> Result<Tokens, Error> {
    match form.grant_type.as_deref().unwrap_or(PASSWORD_GRANT) {
        PASSWORD_GRANT => {
            let login = Login {
                email: need("username", form.username)?,
                password: need("password", form.password)?,
            };
            login::machine(app, login, from).await
        }
        DEVICE_GRANT => device::poll(app, &need("device_code", form.device_code)?, from).await,
        EXCHANGE_GRANT => {
            let wanted = Exchange {
                audience: need("audience", form.audience)?,
                subject_token: need("subject_token", form.subject_token)?,
                subject_token_type: need("subject_token_type", form.subject_token_type)?,
            };
            trust::exchange(app, wanted, from).await
        }
        _ => {
            let known = format!("one of {PASSWORD_GRANT}, {DEVICE_GRANT}, {EXCHANGE_GRANT}");
            Err(Error::invalid("/grant_type", known))
        }
    }
}

pub(crate) async fn refresh(app: Data<App>, request: HttpRequest, body: Body<Refresh>) -> Answer {
    Ok(reply::json(
        StatusCode::OK,
        None,
        &login::refresh(&app, &body.0.refresh_token, address::of(&request)).await?,
    ))
}

pub(crate) async fn logout(app: Data<App>, request: HttpRequest, caller: Caller) -> Answer {
    login::logout(&app, &caller.0).await?;
    let scheme = app.origins.scheme(request.headers());
    Ok(HttpResponse::NoContent()
        .cookie(cookie::clear(scheme))
        .finish())
}

pub(crate) async fn me(app: Data<App>, caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    Ok(reply::json(
        StatusCode::OK,
        Some(at),
        &login::me(&app, &caller.0).await?,
    ))
}

pub(crate) async fn stream_token(app: Data<App>, caller: Caller) -> Answer {
    Ok(reply::json(
        StatusCode::OK,
        None,
        &login::stream_token(&app, &caller.0)?,
    ))
}
