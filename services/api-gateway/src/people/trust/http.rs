//! `/api/v1/organizations/{id}/trusts`: which pipelines an organization lets in.

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    trust::{CreateTrust, Trust},
};
use domain::{Action::OrganizationChange, OrganizationId, TrustId};

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::{Id, Inner},
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
    people::trust,
};

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("organizations", of::<OrganizationId>, &[
    Route::new(("GET", "/api/v1/organizations/{id}/trusts"), ("list_trusts", "List an organization's trusted pipelines, oldest first"), OrganizationChange, Json(200, of::<Page<Trust>>), || web::get().to(list)),
    Route::new(("POST", "/api/v1/organizations/{id}/trusts"), ("create_trust", "Trust a pipeline's token; the pipeline acts as a member of its own"), OrganizationChange, Json(201, of::<Trust>), || web::post().to(create)).takes(of::<CreateTrust>),
    Route::new(("DELETE", "/api/v1/organizations/{id}/trusts/{trust_id}"), ("end_trust", "Delete a trust; its sessions end and its member is removed"), OrganizationChange, Empty(204), || web::delete().to(end)),
]);

pub(crate) async fn list(app: Data<App>, caller: Caller, id: Id<OrganizationId>) -> Answer {
    let at = reply::position(&app).await?;
    let page = trust::list(&app, &caller.0, id.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn create(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<OrganizationId>,
    body: Body<CreateTrust>,
) -> Answer {
    let at = reply::position(&app).await?;
    let repeat = key.with(&body.0)?;
    let made = trust::create(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, Some(at), &made))
}

pub(crate) async fn end(
    app: Data<App>,
    caller: Caller,
    key: Key,
    (id, trust): (Id<OrganizationId>, Inner<TrustId>),
) -> Answer {
    trust::end(&app, &caller.0, &key.alone(), (id.0, trust.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
