//! Webhooks: make, change, try out, delete, and what became of what was sent.

pub(crate) mod events;
pub(crate) mod http;
pub(crate) mod sql;

use api::{
    FieldError, Page,
    event::{Event, kind},
    webhook::{ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Webhook},
};
use chrono::Utc;
use domain::{Action, Code, EventId, OrganizationId, WebhookId, WorkspaceId, limits};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use url::Url;
use uuid::Uuid;

use crate::{
    clusters::workspace,
    kernel::{
        actor::{Actor, Asked, Object},
        audit, authorize,
        due::{self, kind::Kind},
        error::Error,
        idempotency::{Repeat, at_most_once, once},
        page,
        state::App,
    },
    notify::{
        delivery::{self, sql::Wanted},
        webhook::sql::WebhookRow,
    },
    outgoing::Outgoing,
};

/// What the test button sends; no event of the log has this type.
const TEST: &str = "webhook.test";

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    workspace: WorkspaceId,
) -> Result<Page<Webhook>, Error> {
    let action = Action::OrganizationChange;
    workspace::permitted(&app.people, actor, action, Some(workspace)).await?;
    let rows = sql::list_for(&app.people, actor.user, workspace).await?;
    Ok(Page {
        items: rows.iter().map(WebhookRow::public).collect(),
        next_cursor: None,
    })
}

pub(crate) async fn get(app: &App, actor: &Actor, id: WebhookId) -> Result<Webhook, Error> {
    let action = Action::OrganizationChange;
    let row = permitted(&app.people, actor, action, id).await?;
    Ok(row.public())
}

pub(crate) async fn create(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    workspace: WorkspaceId,
    wanted: CreateWebhook,
) -> Result<NewWebhook, Error> {
    let url = check(app, Some(&wanted.url), &wanted.types)?;
    let webhook: Webhook = once(app, actor, repeat, async |txn| {
        let action = Action::OrganizationChange;
        workspace::permitted(txn, actor, action, Some(workspace)).await?;
        workspace::sql::lock(txn, workspace).await?;
        let there = sql::list_for(txn, actor.user, workspace).await?;
        if there.len() as u64 >= limits::WEBHOOKS_MAX {
            return Err(Error::with_fix(
                Code::QuotaExceeded,
                format!(
                    "A workspace can have at most {} webhooks.",
                    limits::WEBHOOKS_MAX
                ),
                "Delete one you no longer need.",
            ));
        }
        let id = WebhookId::from_uuid(Uuid::now_v7());
        let url = url.as_deref().unwrap_or_default();
        sql::insert(txn, id, workspace, actor.user, url, &wanted.types).await?;
        changed(txn, actor, id).await
    })
    .await?;
    // A new one has its first secret.
    let secret = app.keys.webhook(webhook.id.uuid(), 1).shown();
    Ok(NewWebhook { webhook, secret })
}

/// What can be said of an address before it is looked up, and of the wanted types; the address as it
/// will be asked for.
fn check(app: &App, url: Option<&str>, types: &[String]) -> Result<Option<String>, Error> {
    let mut errors = Vec::new();
    let mut field = |pointer: String, detail: String| errors.push(FieldError { pointer, detail });
    let mut read = None;
    if let Some(url) = url {
        match address(&app.outgoing, url) {
            Ok(url) => read = Some(url),
            Err(detail) => field("/url".into(), detail),
        }
    }
    for (i, wanted) in types.iter().enumerate().take(kind::ALL.len() + 1) {
        if !sent().any(|kind| kind == wanted) {
            let all: Vec<&str> = sent().collect();
            field(format!("/types/{i}"), format!("one of {}", all.join(", ")));
        } else if types.iter().take(i).any(|before| before == wanted) {
            field(format!("/types/{i}"), "duplicate".into());
        }
    }
    if errors.is_empty() {
        Ok(read)
    } else {
        Err(Error::Invalid(errors))
    }
}

/// The types that a workspace's webhook can be sent.
fn sent() -> impl Iterator<Item = &'static str> {
    let beyond = [kind::ORGANIZATION_CHANGED, kind::ACCESS_CHANGED];
    kind::ALL
        .into_iter()
        .filter(move |kind| !beyond.contains(kind) && !kind::SIGNALS.contains(kind))
}

/// An address as it will be asked for.
pub(crate) fn address(outgoing: &Outgoing, text: &str) -> Result<String, String> {
    if text.len() > limits::WEBHOOK_URL_MAX {
        return Err(format!("at most {} bytes", limits::WEBHOOK_URL_MAX));
    }
    let mut url: Url = text
        .parse()
        .map_err(|_| "an address like https://example.org/events".to_owned())?;
    url.set_fragment(None);
    outgoing.client(&url).map_err(|error| error.to_string())?;
    Ok(url.into())
}

/// As it now is; whoever sees it is told.
async fn changed(
    txn: &DatabaseTransaction,
    actor: &Actor,
    id: WebhookId,
) -> Result<Webhook, Error> {
    let row = permitted(txn, actor, Action::OrganizationChange, id).await?;
    events::changed(txn, &row).await?;
    // Of an address the host says enough: the rest may be a secret.
    let url: Option<Url> = row.url.parse().ok();
    let host = url.as_ref().and_then(Url::host_str);
    actor
        .trail
        .note(serde_json::json!({ "webhook": id, "host": host }));
    Ok(row.public())
}

pub(crate) async fn change(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: WebhookId,
    wanted: ChangeWebhook,
) -> Result<Webhook, Error> {
    let types = wanted.types.as_deref();
    let url = check(app, wanted.url.as_deref(), types.unwrap_or_default())?;
    once(app, actor, repeat, async |txn| {
        permitted(txn, actor, Action::OrganizationChange, id).await?;
        sql::change(txn, id, url.as_deref(), types, wanted.enabled).await?;
        let changed = changed(txn, actor, id).await?;
        let key = id.to_string();
        match changed.enabled {
            true => due::sql::now(txn, Kind::Webhook, &key).await?,
            false => due::sql::done(txn, Kind::Webhook, &key).await?,
        }
        Ok(changed)
    })
    .await
}

pub(crate) async fn renew_secret(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: WebhookId,
) -> Result<NewWebhook, Error> {
    let (webhook, number): (Webhook, i32) = once(app, actor, repeat, async |txn| {
        permitted(txn, actor, Action::OrganizationChange, id).await?;
        sql::renew_secret(txn, id).await?;
        let row = permitted(txn, actor, Action::OrganizationChange, id).await?;
        Ok((changed(txn, actor, id).await?, row.secret_number))
    })
    .await?;
    let secret = app.keys.webhook(id.uuid(), number).shown();
    Ok(NewWebhook { webhook, secret })
}

pub(crate) async fn delete(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: WebhookId,
) -> Result<(), Error> {
    once(app, actor, repeat, async |txn| {
        changed(txn, actor, id).await?;
        sql::delete(txn, id).await?;
        due::sql::done(txn, Kind::Webhook, &id.to_string()).await?;
        Ok(())
    })
    .await
}

/// Sends a test event now, whether the webhook is on or not, and keeps how it went.
pub(crate) async fn test(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    id: WebhookId,
) -> Result<Delivery, Error> {
    let action = Action::OrganizationChange;
    let asked = Asked::of(action, Object::Webhook(id));
    at_most_once(app, actor, repeat, asked, async |_| {
        let row = permitted(&app.people, actor, action, id).await?;
        audit::allowed(&app.people, actor).await?;
        let event = Event {
            id: EventId::from_uuid(Uuid::now_v7()),
            kind: TEST.into(),
            time: Utc::now().into(),
            organization_id: Some(OrganizationId::from_uuid(row.place().0)),
            workspace_id: Some(row.workspace()),
            cluster_id: None,
            task_id: None,
            status: None,
            version: 0,
            data: None,
        };
        delivery::once(app, &row, &event).await
    })
    .await
}

pub(crate) async fn deliveries(
    app: &App,
    actor: &Actor,
    id: WebhookId,
    mut wanted: Wanted,
) -> Result<Page<Delivery>, Error> {
    permitted(&app.people, actor, Action::OrganizationChange, id).await?;
    let limit = wanted.limit;
    wanted.limit = page::rows(limit);
    let rows = delivery::sql::list(&app.people, id, wanted).await?;
    let place = |(number, _): &(i64, Delivery)| number.to_string();
    Ok(page::of(rows, limit, place, |(_, delivery)| Some(delivery)))
}

/// The webhook, if the actor may do this with it.
pub(crate) async fn permitted<C: ConnectionTrait>(
    connection: &C,
    actor: &Actor,
    action: Action,
    id: WebhookId,
) -> Result<WebhookRow, Error> {
    let row = sql::find_for(connection, actor.user, id)
        .await?
        .filter(|row| actor.reaches(Some(row.place().0)))
        .ok_or_else(Error::not_found)?;
    let (organization, workspace) = row.place();
    actor.trail.about(Some(organization), Some(workspace), None);
    authorize::authorize(actor, action, &authorize::in_role(Some(row.role())))?;
    actor.trail.goes_by(Asked::of(action, Object::Webhook(id)));
    Ok(row)
}
