//! `/api/v1/workspaces/{id}/webhooks`, `/api/v1/webhooks/{id}…`

use actix_web::{
    HttpResponse,
    http::StatusCode,
    web::{self, Data},
};
use api::{
    Page,
    webhook::{ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Outcome, Webhook},
};
use domain::{Action::OrganizationChange, WebhookId, WorkspaceId};
use serde::Deserialize;

use crate::{
    kernel::{
        http::{
            answer::Answer,
            body::Body,
            caller::Caller,
            query::{self, Id, Query},
            reply,
            route::{
                Group, LIMIT, NUMBER_CURSOR, Param,
                Reply::{Empty, Json},
                Route, of, words,
            },
        },
        idempotency::key::Key,
        state::App,
    },
    notify::{delivery::sql::Wanted, webhook},
};

const OUTCOME: Param = Param::new("status", |_| words(&Outcome::ALL.map(Outcome::as_str)));

#[rustfmt::skip]
pub(crate) const OF_WORKSPACE: Group = Group::new("webhooks", of::<WorkspaceId>, &[
    Route::new(("GET", "/api/v1/workspaces/{id}/webhooks"), ("list_webhooks", "List a workspace's webhooks, oldest first"), OrganizationChange, Json(200, of::<Page<Webhook>>), || web::get().to(list)),
    Route::new(("POST", "/api/v1/workspaces/{id}/webhooks"), ("create_webhook", "Create a webhook; only this answer shows its secret"), OrganizationChange, Json(201, of::<NewWebhook>), || web::post().to(create)).takes(of::<CreateWebhook>),
]);

#[rustfmt::skip]
pub(crate) const ROUTES: Group = Group::new("webhooks", of::<WebhookId>, &[
    Route::new(("GET", "/api/v1/webhooks/{id}"), ("get_webhook", "Get a webhook"), OrganizationChange, Json(200, of::<Webhook>), || web::get().to(get)),
    Route::new(("PATCH", "/api/v1/webhooks/{id}"), ("change_webhook", "Change a webhook's address or types, or turn it off or on"), OrganizationChange, Json(200, of::<Webhook>), || web::patch().to(change)).takes(of::<ChangeWebhook>),
    Route::new(("DELETE", "/api/v1/webhooks/{id}"), ("delete_webhook", "Delete a webhook"), OrganizationChange, Empty(204), || web::delete().to(delete)),
    Route::new(("POST", "/api/v1/webhooks/{id}/secret"), ("renew_webhook_secret", "Renew a webhook's secret; the old one signs too for a day"), OrganizationChange, Json(200, of::<NewWebhook>), || web::post().to(renew_secret)),
    Route::new(("POST", "/api/v1/webhooks/{id}/test"), ("test_webhook", "Send a test event now and report the result"), OrganizationChange, Json(200, of::<Delivery>), || web::post().to(test)),
    Route::new(("GET", "/api/v1/webhooks/{id}/deliveries"), ("list_deliveries", "List the deliveries of the last 30 days, newest first; `status=failed` is every failed attempt, given up or not"), OrganizationChange, Json(200, of::<Page<Delivery>>), || web::get().to(deliveries)).query(&[OUTCOME, LIMIT, NUMBER_CURSOR]),
]);

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
