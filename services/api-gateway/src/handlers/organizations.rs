//! `/api/v1/organizations…` and `/api/v1/invitations…`

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::organization::{
    ChangeMember, CreateInvitation, InvitationToken, NameOrganization, Transfer,
};
use domain::{InvitationId, OrganizationId, UserId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::{invitation, member, organization},
    http::{
        body::Body,
        caller::Caller,
        query::{self, Id, Inner, Query},
        repeat::Key,
        reply,
    },
    state::App,
};

#[derive(Deserialize)]
pub(crate) struct Paged {
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller) -> Answer {
    let at = reply::position(&app).await?;
    let page = organization::list(&app, &caller.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn create(
    app: Data<App>,
    caller: Caller,
    key: Key,
    body: Body<NameOrganization>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let made = organization::create(&app, &caller.0, &repeat, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, Some(at), &made))
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<OrganizationId>) -> Answer {
    let at = reply::position(&app).await?;
    let found = organization::get(&app, &caller.0, id.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &found))
}

pub(crate) async fn rename(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<OrganizationId>,
    body: Body<NameOrganization>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let changed = organization::rename(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &changed))
}

pub(crate) async fn delete(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<OrganizationId>,
) -> Answer {
    organization::delete(&app, &caller.0, &key.alone(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) async fn transfer(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<OrganizationId>,
    body: Body<Transfer>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let changed = member::transfer(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &changed))
}

pub(crate) async fn members(
    app: Data<App>,
    caller: Caller,
    id: Id<OrganizationId>,
    wanted: Query<Paged>,
) -> Answer {
    let limit = query::limit(wanted.0.limit)?;
    let after = query::cursor(wanted.0.cursor.as_deref())?;
    let at = reply::position(&app).await?;
    let page = member::list(&app, &caller.0, id.0, after, limit).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn change_member(
    app: Data<App>,
    caller: Caller,
    key: Key,
    (id, user): (Id<OrganizationId>, Inner<UserId>),
    body: Body<ChangeMember>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let place = (id.0, user.0);
    let changed = member::change(&app, &caller.0, &repeat, place, body.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &changed))
}

pub(crate) async fn remove_member(
    app: Data<App>,
    caller: Caller,
    key: Key,
    (id, user): (Id<OrganizationId>, Inner<UserId>),
) -> Answer {
    member::remove(&app, &caller.0, &key.alone(), (id.0, user.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) async fn invitations(
    app: Data<App>,
    caller: Caller,
    id: Id<OrganizationId>,
    wanted: Query<Paged>,
) -> Answer {
    let limit = query::limit(wanted.0.limit)?;
    let before = query::cursor(wanted.0.cursor.as_deref())?;
    let at = reply::position(&app).await?;
    let page = invitation::list(&app, &caller.0, id.0, before, limit).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn invite(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<OrganizationId>,
    body: Body<CreateInvitation>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let made = invitation::create(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, Some(at), &made))
}

pub(crate) async fn revoke_invitation(
    app: Data<App>,
    caller: Caller,
    key: Key,
    (id, invitation): (Id<OrganizationId>, Inner<InvitationId>),
) -> Answer {
    invitation::revoke(&app, &caller.0, &key.alone(), (id.0, invitation.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Without a login: who is invited may have none yet.
pub(crate) async fn look(app: Data<App>, body: Body<InvitationToken>) -> Answer {
    let shown = invitation::look(&app, &body.0.token).await?;
    Ok(reply::json(StatusCode::OK, None, &shown))
}

pub(crate) async fn accept(
    app: Data<App>,
    caller: Caller,
    key: Key,
    body: Body<InvitationToken>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let joined = invitation::accept(&app, &caller.0, &repeat, &body.0.token).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &joined))
}
