//! `/api/v1/organizations/{id}/invitations…` and `/api/v1/invitations…`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    organization::{
        CreateInvitation, Invitation, InvitationFor, InvitationToken, NewInvitation, Organization,
    },
};
use domain::{
    Action::{Account, OrganizationChange, Public},
    InvitationId, OrganizationId,
};
use serde::Deserialize;

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::{self, Id, Inner, Query},
            reply,
            route::{
                Group, LIMIT, Param,
                Reply::{Empty, Json},
                Route, of,
            },
        },
        idempotency::key::Key,
        state::App,
    },
    tenancy::invitation,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("organizations", of::<OrganizationId>, &[
    Route::new(("GET", "/api/v1/organizations/{id}/invitations"), ("list_invitations", "List the open invitations, newest first"), OrganizationChange, Json(200, of::<Page<Invitation>>), || web::get().to(invitations)).query(&[LIMIT, Param::cursor::<InvitationId>()]),
    Route::new(("POST", "/api/v1/organizations/{id}/invitations"), ("create_invitation", "Create an invitation; only this answer shows its token"), OrganizationChange, Json(201, of::<NewInvitation>), || web::post().to(invite)).takes(of::<CreateInvitation>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/invitations/{invitation_id}"), ("revoke_invitation", "Revoke an invitation"), OrganizationChange, Empty(204), || web::delete().to(revoke_invitation)),
    Route::new(("POST", "/api/v1/invitations/look"), ("look_at_invitation", "Get what an invitation is for"), Public, Json(200, of::<InvitationFor>), || web::post().to(look)).takes(of::<InvitationToken>),
    Route::new(("POST", "/api/v1/invitations/accept"), ("accept_invitation", "Accept an invitation"), Account, Json(200, of::<Organization>), || web::post().to(accept)).takes(of::<InvitationToken>),
]);

#[derive(Deserialize)]
pub(crate) struct Paged {
    limit: Option<u64>,
    cursor: Option<String>,
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
