//! `/api/v1/organizations/{id}/members…`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    organization::{ChangeMember, Member},
};
use domain::{
    Action::{OrganizationChange, OrganizationRead},
    OrganizationId, UserId,
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
    tenancy::member,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("organizations", of::<OrganizationId>, &[
    Route::new(("GET", "/api/v1/organizations/{id}/members"), ("list_members", "List an organization's members, oldest first"), OrganizationRead, Json(200, of::<Page<Member>>), || web::get().to(members)).query(&[LIMIT, Param::cursor::<UserId>()]),
    Route::new(("PATCH", "/api/v1/organizations/{id}/members/{user_id}"), ("change_member", "Change a member's role"), OrganizationChange, Json(200, of::<Member>), || web::patch().to(change_member)).takes(of::<ChangeMember>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/members/{user_id}"), ("remove_member", "Remove a member; members can remove themselves"), OrganizationRead, Empty(204), || web::delete().to(remove_member)),
]);

#[derive(Deserialize)]
pub(crate) struct Paged {
    limit: Option<u64>,
    cursor: Option<String>,
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
