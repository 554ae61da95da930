//! `/api/v1/auth/…` for who is logged in: logins, password.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    auth::{
        self,
        account::{
            ChangeAccount, ChangePassword, CreateResetLink, DeleteAccount, ResetLink,
            ResetPassword, Session,
        },
    },
};
use domain::{
    Action::{Account, Installation, Public},
    SessionId,
};

use crate::{
    kernel::{
        http::{
            address,
            answer::Answer,
            body::Body,
            caller::Caller,
            cookie,
            origin::{self, Missing},
            query::Inner,
            reply,
            route::{
                Group,
                Reply::{Empty, Json},
                Route, of, text,
            },
        },
        state::App,
    },
    people::account,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("auth", text, &[
    Route::new(("PATCH", "/api/v1/auth/me"), ("change_me", "Change the caller's name, or with the password the email address"), Account, Json(200, of::<auth::User>), || web::patch().to(change)).takes(of::<ChangeAccount>),
    Route::new(("DELETE", "/api/v1/auth/me"), ("delete_me", "Delete the caller's account and the clusters in their personal organization"), Account, Empty(204), || web::delete().to(delete)).takes(of::<DeleteAccount>),
    Route::new(("POST", "/api/v1/auth/password"), ("change_password", "Change the password; the caller's other sessions end"), Account, Empty(204), || web::post().to(change_password)).takes(of::<ChangePassword>),
    Route::new(("POST", "/api/v1/auth/reset-links"), ("create_reset_link", "Create a link for choosing a new password; for administrators"), Installation, Json(201, of::<ResetLink>), || web::post().to(reset_link)).takes(of::<CreateResetLink>),
    Route::new(("POST", "/api/v1/auth/reset"), ("reset_password", "Choose a new password with a reset link; every session and API token ends"), Public, Empty(204), || web::post().to(reset)).takes(of::<ResetPassword>),
    Route::new(("GET", "/api/v1/auth/sessions"), ("list_sessions", "List the caller's sessions, newest first"), Account, Json(200, of::<Page<Session>>), || web::get().to(sessions)),
    Route::new(("DELETE", "/api/v1/auth/sessions/{session_id}"), ("end_session", "End one of the caller's sessions"), Account, Empty(204), || web::delete().to(end_session)),
    Route::new(("POST", "/api/v1/auth/logout-everywhere"), ("logout_everywhere", "End all of the caller's sessions, including this one; API tokens stay valid"), Account, Empty(204), || web::post().to(logout_everywhere)),
]);

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
