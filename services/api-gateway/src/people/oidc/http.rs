//! `/api/v1/auth/providers`, `/oidc/…`, `/identities`: logins by providers of identities.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, LOCATION},
    },
    web::{self, Data},
};
use api::{
    Page,
    auth::oidc::{BeginLogin, BegunLogin, ConnectIdentity, RefusedLogin},
};
use domain::{
    Action::{Account, Public},
    Code, IdentityId,
};

use crate::{
    kernel::{
        error::Error,
        http::{
            address,
            answer::Answer,
            body::Body,
            caller::Caller,
            cookie,
            origin::{self, Missing},
            query::{Inner, Query},
            reply,
            route::{
                Group, Param,
                Reply::{Empty, Json},
                Route, of, text,
            },
        },
        state::App,
    },
    people::oidc::{
        cookie as flow_cookie,
        flow::{self, Begun, Wish},
        identity,
    },
    tenancy::invitation,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("auth", text, &[
    Route::new(("GET", "/api/v1/auth/providers"), ("list_providers", "List the identity providers"), Public, Json(200, of::<Page<api::auth::oidc::Provider>>), || web::get().to(providers)),
    Route::new(("GET", "/api/v1/auth/oidc/{provider}"), ("go_to_provider", "Send a browser to an identity provider to log in"), Public, Empty(303), || web::get().to(begin)).query(&[Param::new("next", text)]),
    Route::new(("POST", "/api/v1/auth/oidc/{provider}"), ("begin_provider_login", "The same for a page that navigates itself; with an invitation, the new user joins right away"), Public, Json(200, of::<api::auth::oidc::BegunLogin>), || web::post().to(begin_with)).takes(of::<api::auth::oidc::BeginLogin>),
    Route::new(("GET", "/api/v1/auth/oidc/{provider}/callback"), ("return_from_provider", "Receive the browser back from an identity provider"), Public, Empty(303), || web::get().to(callback)).query(&[Param::new("state", text), Param::new("code", text), Param::new("iss", text), Param::new("error", text)]),
    Route::new(("GET", "/api/v1/auth/identities"), ("list_identities", "List the caller's connected provider accounts"), Account, Json(200, of::<Page<api::auth::oidc::Identity>>), || web::get().to(identities)),
    Route::new(("POST", "/api/v1/auth/identities"), ("connect_identity", "Connect a provider account: the browser goes there and comes back"), Account, Json(200, of::<api::auth::oidc::BegunLogin>), || web::post().to(connect)).takes(of::<api::auth::oidc::ConnectIdentity>),
    Route::new(("DELETE", "/api/v1/auth/identities/{identity_id}"), ("disconnect_identity", "Disconnect a provider account and end the sessions it started; not the only way to log in"), Account, Empty(204), || web::delete().to(disconnect)),
]);

pub(crate) async fn providers(app: Data<App>) -> Answer {
    let page = Page {
        items: app.providers.shown(),
        next_cursor: None,
    };
    Ok(reply::json(StatusCode::OK, None, &page))
}

#[derive(serde::Deserialize)]
pub(crate) struct Next {
    next: Option<String>,
}

fn provider(request: &HttpRequest) -> &str {
    request.match_info().get("provider").unwrap_or_default()
}

fn go(to: &str) -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::build(StatusCode::SEE_OTHER);
    answer.insert_header((LOCATION, to));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// Where a browser goes on that came by another name of this machine: cookies are given at the page's alone.
fn home(app: &App, request: &HttpRequest) -> Option<HttpResponse> {
    origin::check_host(request, app).err()?;
    Some(go(&format!("{}{}", app.origins.own(), request.uri())).finish())
}

/// What a link of ours leads to: on to the provider, or back to the page that says why not.
pub(crate) async fn begin(app: Data<App>, request: HttpRequest, query: Query<Next>) -> Answer {
    if let Some(home) = home(&app, &request) {
        return Ok(home);
    }
    let wish = Wish {
        next: query.0.next.as_deref(),
        ..Wish::default()
    };
    let public = &app.options.public_url;
    let browser = flow_cookie::read(&request, public);
    let from = address::of(&request);
    match flow::begin(&app, provider(&request), wish, browser, from).await {
        Ok(begun) => {
            let cookie = flow_cookie::set(public, &begun.browser);
            Ok(go(&begun.url).cookie(cookie).finish())
        }
        Err(Error::Refused(reason)) if reason.code == Code::Unavailable => {
            let why = RefusedLogin::ProviderAway.as_str();
            Ok(go(&format!("/login?refused={why}")).finish())
        }
        Err(error) => Err(error.into()),
    }
}

/// The same for a page that sends the browser itself, with what must not be in an address.
pub(crate) async fn begin_with(
    app: Data<App>,
    request: HttpRequest,
    body: Body<BeginLogin>,
) -> Answer {
    origin::check_host(&request, &app)?;
    origin::check(&request, &app, Missing::Allowed)?;
    let token = body.0.invitation.as_ref();
    let wish = Wish {
        next: body.0.next.as_deref(),
        invitation: token
            .map(|token| invitation::read(&app, token))
            .transpose()?,
        link: None,
    };
    let browser = flow_cookie::read(&request, &app.options.public_url);
    let from = address::of(&request);
    begun(
        &app,
        flow::begin(&app, provider(&request), wish, browser, from).await?,
    )
}

fn begun(app: &App, begun: Begun) -> Answer {
    let mut answer = reply::json(StatusCode::OK, None, &BegunLogin { url: begun.url });
    answer
        .add_cookie(&flow_cookie::set(&app.options.public_url, &begun.browser))
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(answer)
}

pub(crate) async fn callback(
    app: Data<App>,
    request: HttpRequest,
    answer: Query<flow::Answer>,
) -> Answer {
    if let Some(home) = home(&app, &request) {
        return Ok(home);
    }
    let public = &app.options.public_url;
    let browser = flow_cookie::read(&request, public);
    let scheme = app.origins.scheme(request.headers());
    let session = service::cookie(request.headers(), scheme.cookie());
    let (answer, from) = (answer.0, address::of(&request));
    let back = flow::finish(&app, provider(&request), answer, browser, session, from).await?;
    let mut answer = go(&back.page);
    if let Some(value) = back.cookie {
        answer.cookie(cookie::set(scheme, &value));
        answer.cookie(flow_cookie::clear(public));
    }
    Ok(answer.finish())
}

pub(crate) async fn identities(app: Data<App>, caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    let page = identity::list(&app, &caller.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn connect(
    app: Data<App>,
    request: HttpRequest,
    caller: Caller,
    body: Body<ConnectIdentity>,
) -> Answer {
    origin::check_host(&request, &app)?;
    let browser = flow_cookie::read(&request, &app.options.public_url);
    let sent = identity::connect(&app, &caller.0, &body.0.provider, browser).await?;
    begun(&app, sent)
}

pub(crate) async fn disconnect(
    app: Data<App>,
    caller: Caller,
    identity: Inner<IdentityId>,
) -> Answer {
    identity::disconnect(&app, &caller.0, identity.0).await?;
    Ok(HttpResponse::NoContent().finish())
}
