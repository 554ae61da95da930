//! Who calls: a browser's cookie or a bearer token, checked against its session on every request.

use std::sync::Arc;

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::Method, web};
use domain::{SessionId, UserId};
use futures_util::future::LocalBoxFuture;

use crate::{
    crypto::{
        secret,
        token::{self, Purpose},
    },
    kernel::{
        actor::{Actor, Trail},
        authorize::beyond_scope,
        error::Error,
        http::{address, origin, problem::Failure, route::Table},
        session::{self, Kind, LiveRow},
        state::App,
    },
};

/// Bytes kept of what a path names.
const OBJECT_MAX: usize = 200;

/// The caller of a route that needs a login.
pub(crate) struct Caller(pub(crate) Actor);

impl FromRequest for Caller {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = request
                .app_data::<web::Data<App>>()
                .ok_or_else(Error::unauthenticated)?
                .clone();
            let row = match service::bearer(request.headers()) {
                Some(jwt) => by_bearer(&app, jwt).await?,
                None => by_cookie(&app, &request).await?,
            };
            let row = row.ok_or_else(Error::unauthenticated)?;
            if row.unwritten {
                session::used(&app.people, SessionId::from_uuid(row.id)).await?;
            }
            let actor = Actor {
                user: UserId::from_uuid(row.user_id),
                session: SessionId::from_uuid(row.id),
                scope: row.scope(),
                is_admin: row.is_admin(),
                trail: Arc::new(trail(&request)),
            };
            let left = app.limits.person(actor.user)?;
            request.extensions_mut().insert(left);
            // For what is written once the answer is known.
            request.extensions_mut().insert(actor.clone());
            within_scope(&request, &actor)?;
            Ok(Self(actor))
        })
    }
}

/// A token asks for nothing that it is not for, whatever its user may.
fn within_scope(request: &HttpRequest, actor: &Actor) -> Result<(), Error> {
    let Some(scope) = actor.scope else {
        return Ok(());
    };
    let route = Table::of(request).ok_or_else(Error::not_found)?;
    match route.least_scope() {
        Some(least) if scope.level >= least => Ok(()),
        least => Err(beyond_scope(least)),
    }
}

/// What the audit will say of this request.
fn trail(request: &HttpRequest) -> Trail {
    let action = Table::of(request).map_or("", |route| route.id);
    let named: Vec<&str> = request.match_info().iter().map(|(_, part)| part).collect();
    let mut object = named.join("/");
    object.truncate(object.floor_char_boundary(OBJECT_MAX));
    let object = Some(object).filter(|object| !object.is_empty());
    Trail::new(action, object, address::of(request))
}

async fn by_bearer(app: &App, jwt: &str) -> Result<Option<LiveRow>, Error> {
    if secret::is_token(jwt) {
        let Some(hash) = secret::read(jwt) else {
            return Ok(None);
        };
        return Ok(session::live_by_hash(&app.people, Kind::Token, hash).await?);
    }
    let Some((user, session)) = app.keys.read_jwt(Purpose::Access, jwt) else {
        return Ok(None);
    };
    let row = session::live_by_id(&app.people, session).await?;
    Ok(row.filter(|row| row.user_id == user.uuid()))
}

async fn by_cookie(app: &App, request: &HttpRequest) -> Result<Option<LiveRow>, Error> {
    let Some(cookie) = service::cookie(request.headers(), app.origins.cookie(request.headers()))
    else {
        return Ok(None);
    };
    origin::check_host(request, app)?;
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        origin::check(request, app, origin::Missing::Refused)?;
    }
    let hash = token::cookie_hash(cookie);
    Ok(session::live_by_hash(&app.people, Kind::Browser, hash).await?)
}
