//! `/api/v1/auth/tokens…`: API tokens.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    auth::account::{ApiToken, CreateApiToken, NewApiToken},
};
use domain::{Action::Account, SessionId};

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
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
    people::token,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("auth", text, &[
    Route::new(("GET", "/api/v1/auth/tokens"), ("list_api_tokens", "List the caller's API tokens, newest first"), Account, Json(200, of::<Page<ApiToken>>), || web::get().to(tokens)),
    Route::new(("POST", "/api/v1/auth/tokens"), ("create_api_token", "Create an API token; only this answer shows it"), Account, Json(201, of::<NewApiToken>), || web::post().to(create_token)).takes(of::<CreateApiToken>),
    Route::new(("DELETE", "/api/v1/auth/tokens/{token_id}"), ("revoke_api_token", "Revoke an API token"), Account, Empty(204), || web::delete().to(revoke_token)),
]);

fn done() -> Answer {
    Ok(HttpResponse::NoContent().finish())
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
