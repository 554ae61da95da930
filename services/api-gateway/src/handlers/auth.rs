//! `/api/v1/auth/…`

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use api::auth::{Login, Refresh, Register, TokenForm};

use super::Answer;
use crate::{
    app::login,
    http::{
        address,
        body::{Body, Either, JsonOrForm},
        caller::Caller,
        cookie,
        origin::{self, Missing},
        reply,
    },
    state::App,
};

pub(crate) async fn register(app: Data<App>, request: HttpRequest, body: Body<Register>) -> Answer {
    origin::check(&request, &app.options.public_url, Missing::Allowed)?;
    Ok(reply::json(
        StatusCode::CREATED,
        None,
        &login::register(&app, body.0, address::of(&request)).await?,
    ))
}

pub(crate) async fn session(app: Data<App>, request: HttpRequest, body: Body<Login>) -> Answer {
    origin::check(&request, &app.options.public_url, Missing::Allowed)?;
    let (user, value) = login::browser(&app, body.0, address::of(&request)).await?;
    let mut answer = reply::json(StatusCode::OK, None, &user);
    answer
        .add_cookie(&cookie::set(&app.options.public_url, &value))
        .map_err(|error| crate::app::Error::Internal(error.into()))?;
    Ok(answer)
}

pub(crate) async fn token(
    app: Data<App>,
    request: HttpRequest,
    body: JsonOrForm<Login, TokenForm>,
) -> Answer {
    let login = match body.read {
        Either::Json(login) => login,
        Either::Form(form) => Login {
            email: form.username,
            password: form.password,
        },
    };
    Ok(reply::json(
        StatusCode::OK,
        None,
        &login::machine(&app, login, address::of(&request)).await?,
    ))
}

pub(crate) async fn refresh(app: Data<App>, request: HttpRequest, body: Body<Refresh>) -> Answer {
    Ok(reply::json(
        StatusCode::OK,
        None,
        &login::refresh(&app, &body.0.refresh_token, address::of(&request)).await?,
    ))
}

pub(crate) async fn logout(app: Data<App>, caller: Caller) -> Answer {
    login::logout(&app, &caller.0).await?;
    Ok(HttpResponse::NoContent()
        .cookie(cookie::clear(&app.options.public_url))
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
