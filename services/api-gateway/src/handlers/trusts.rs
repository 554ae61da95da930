//! `/api/v1/organizations/{id}/trusts`: which pipelines an organization lets in.

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::trust::CreateTrust;
use domain::{OrganizationId, TrustId};

use super::Answer;
use crate::{
    app::trust,
    http::{
        body::Body,
        caller::Caller,
        query::{Id, Inner},
        repeat::Key,
        reply,
    },
    state::App,
};

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
