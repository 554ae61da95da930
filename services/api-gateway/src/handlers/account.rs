//! `/api/v1/auth/…` for who is logged in: logins, password, API tokens.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use api::auth::account::{
    ChangeAccount, ChangePassword, CreateApiToken, CreateResetLink, DeleteAccount, ResetPassword,
};
use domain::SessionId;

use super::Answer;
use crate::{
    app::{account, token},
    http::{
        address,
        body::Body,
        caller::Caller,
        cookie,
        origin::{self, Missing},
        query::Inner,
        reply,
    },
    state::App,
};

fn done() -> Answer {
    Ok(HttpResponse::NoContent().finish())
}

/// Done, and the browser is logged in no more.
fn gone(app: &App, request: &HttpRequest) -> Answer {
    Ok(HttpResponse::NoContent()
        .cookie(cookie::clear(app.origins.scheme(request.headers())))
        .finish())
}

pub(crate) async fn sessions(app: Data<App>, caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    let page = account::sessions(&app, &caller.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn end_session(
    app: Data<App>,
    caller: Caller,
    session: Inner<SessionId>,
) -> Answer {
    account::end_session(&app, &caller.0, session.0).await?;
    done()
}

pub(crate) async fn logout_everywhere(
    app: Data<App>,
    request: HttpRequest,
    caller: Caller,
) -> Answer {
    account::end_sessions(&app, &caller.0).await?;
    gone(&app, &request)
}

pub(crate) async fn change_password(
    app: Data<App>,
    caller: Caller,
    body: Body<ChangePassword>,
) -> Answer {
    account::change_password(&app, &caller.0, body.0).await?;
    done()
}

pub(crate) async fn change(app: Data<App>, caller: Caller, body: Body<ChangeAccount>) -> Answer {
    let user = account::change(&app, &caller.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, None, &user))
}

pub(crate) async fn delete(
    app: Data<App>,
    request: HttpRequest,
    caller: Caller,
    body: Body<DeleteAccount>,
) -> Answer {
    account::delete(&app, &caller.0, body.0.password).await?;
    gone(&app, &request)
}

pub(crate) async fn reset_link(
    app: Data<App>,
    caller: Caller,
    body: Body<CreateResetLink>,
) -> Answer {
    let link = account::reset_link(&app, &caller.0, &body.0.email).await?;
    Ok(reply::json(StatusCode::CREATED, None, &link))
}

pub(crate) async fn reset(
    app: Data<App>,
    request: HttpRequest,
    body: Body<ResetPassword>,
) -> Answer {
    origin::check(&request, &app, Missing::Allowed)?;
    account::reset(&app, body.0, address::of(&request)).await?;
    done()
}

pub(crate) async fn tokens(app: Data<App>, caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    let page = token::list(&app, &caller.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn create_token(
    app: Data<App>,
    caller: Caller,
    body: Body<CreateApiToken>,
) -> Answer {
    let made = token::create(&app, &caller.0, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, None, &made))
}

pub(crate) async fn revoke_token(
    app: Data<App>,
    caller: Caller,
    token: Inner<SessionId>,
) -> Answer {
    token::revoke(&app, &caller.0, token.0).await?;
    done()
}
