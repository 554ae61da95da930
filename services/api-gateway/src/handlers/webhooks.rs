//! `/api/v1/workspaces/{id}/webhooks`, `/api/v1/webhooks/{id}…`

use actix_web::{HttpResponse, http::StatusCode, web::Data};
use api::webhook::{ChangeWebhook, CreateWebhook, Outcome};
use domain::{WebhookId, WorkspaceId};
use serde::Deserialize;

use super::Answer;
use crate::{
    app::webhook,
    db::delivery::Wanted,
    http::{
        body::Body,
        caller::Caller,
        query::{self, Id, Query},
        repeat::Key,
        reply,
    },
    state::App,
};

#[derive(Deserialize)]
pub(crate) struct Deliveries {
    status: Option<String>,
    limit: Option<u64>,
    cursor: Option<String>,
}

pub(crate) async fn list(app: Data<App>, caller: Caller, id: Id<WorkspaceId>) -> Answer {
    let at = reply::position(&app).await?;
    let page = webhook::list(&app, &caller.0, id.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}

pub(crate) async fn create(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<WorkspaceId>,
    body: Body<CreateWebhook>,
) -> Answer {
    let repeat = key.with(&body.0)?;
    let made = webhook::create(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::CREATED, None, &made))
}

pub(crate) async fn get(app: Data<App>, caller: Caller, id: Id<WebhookId>) -> Answer {
    let at = reply::position(&app).await?;
    let found = webhook::get(&app, &caller.0, id.0).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &found))
}

pub(crate) async fn change(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<WebhookId>,
    body: Body<ChangeWebhook>,
) -> Answer {
    let repeat = key.with(&body.0)?;
    let changed = webhook::change(&app, &caller.0, &repeat, id.0, body.0).await?;
    Ok(reply::json(StatusCode::OK, None, &changed))
}

pub(crate) async fn delete(app: Data<App>, caller: Caller, key: Key, id: Id<WebhookId>) -> Answer {
    webhook::delete(&app, &caller.0, &key.alone(), id.0).await?;
    Ok(HttpResponse::NoContent().finish())
}

pub(crate) async fn renew_secret(
    app: Data<App>,
    caller: Caller,
    key: Key,
    id: Id<WebhookId>,
) -> Answer {
    let made = webhook::renew_secret(&app, &caller.0, &key.alone(), id.0).await?;
    Ok(reply::json(StatusCode::OK, None, &made))
}

pub(crate) async fn test(app: Data<App>, caller: Caller, key: Key, id: Id<WebhookId>) -> Answer {
    let tried = webhook::test(&app, &caller.0, &key.alone(), id.0).await?;
    Ok(reply::json(StatusCode::OK, None, &tried))
}

pub(crate) async fn deliveries(
    app: Data<App>,
    caller: Caller,
    id: Id<WebhookId>,
    wanted: Query<Deliveries>,
) -> Answer {
    let at = reply::position(&app).await?;
    let status = wanted.0.status.as_deref();
    let wanted = Wanted {
        outcome: query::word("?status", status, &Outcome::ALL, Outcome::as_str)?,
        before: query::cursor(wanted.0.cursor.as_deref())?,
        limit: query::limit(wanted.0.limit)?,
    };
    let page = webhook::deliveries(&app, &caller.0, id.0, wanted).await?;
    Ok(reply::json(StatusCode::OK, Some(at), &page))
}
