//! `/api/v1/organizations…`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    organization::{NameOrganization, Organization, Transfer},
};
use domain::{
    Action::{Account, OrganizationChange, OrganizationOwn, OrganizationRead, Own},
    OrganizationId,
};

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::Id,
            reply,
            route::{
                Group,
                Reply::{Empty, Json},
                Route, of,
            },
        },
        idempotency::key::Key,
        state::App,
    },
    tenancy::{member, organization},
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("organizations", of::<OrganizationId>, &[
    Route::new(("GET", "/api/v1/organizations"), ("list_organizations", "List the caller's organizations, personal first"), Own, Json(200, of::<Page<Organization>>), || web::get().to(list)),
    Route::new(("POST", "/api/v1/organizations"), ("create_organization", "Create an organization with the caller as its owner"), Account, Json(201, of::<Organization>), || web::post().to(create)).takes(of::<NameOrganization>),
    Route::new(("GET", "/api/v1/organizations/{id}"), ("get_organization", "Get an organization"), OrganizationRead, Json(200, of::<Organization>), || web::get().to(get)),
    Route::new(("PATCH", "/api/v1/organizations/{id}"), ("rename_organization", "Rename an organization"), OrganizationChange, Json(200, of::<Organization>), || web::patch().to(rename)).takes(of::<NameOrganization>),
    Route::new(("DELETE", "/api/v1/organizations/{id}"), ("delete_organization", "Delete an organization without clusters"), OrganizationOwn, Empty(204), || web::delete().to(delete)),
    Route::new(("POST", "/api/v1/organizations/{id}/transfer"), ("transfer_organization", "Transfer ownership to another member; the caller becomes an admin"), OrganizationOwn, Json(200, of::<Organization>), || web::post().to(transfer)).takes(of::<Transfer>),
]);

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
