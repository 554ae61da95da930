//! Webhooks: rows as they are, finders that go through membership.

use api::webhook::Webhook;
use domain::{OrganizationId, Role, UserId, WebhookId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::{
    due::kind::Kind,
    postgres::{Word, sql},
};

/// Whose plans are looked at here.
const WEBHOOK: Kind = Kind::Webhook;

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct WebhookRow {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    workspace_id: Uuid,
    pub(crate) url: String,
    pub(crate) types: serde_json::Value,
    enabled: bool,
    off_because: Option<String>,
    pub(crate) secret_number: i32,
    pub(crate) secret_changed_at: DateTimeUtc,
    pub(crate) position: i64,
    pub(crate) failing_since: Option<DateTimeUtc>,
    pub(crate) fence: i64,
    next_at: Option<DateTimeUtc>,
    pub(crate) tries: i32,
    created_by: Option<Uuid>,
    created_at: DateTimeUtc,
    role: Word<Role>,
}

impl WebhookRow {
    pub(crate) fn id(&self) -> WebhookId {
        WebhookId::from_uuid(self.id)
    }

    pub(crate) fn workspace(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.workspace_id)
    }

    pub(crate) fn place(&self) -> (Uuid, Uuid) {
        (self.organization_id, self.workspace_id)
    }

    pub(crate) fn role(&self) -> Role {
        self.role.0
    }

    pub(crate) fn public(&self) -> Webhook {
        let failing_since = self.failing_since.filter(|_| self.enabled);
        Webhook {
            id: self.id(),
            organization_id: OrganizationId::from_uuid(self.organization_id),
            workspace_id: self.workspace(),
            url: self.url.clone(),
            types: self.types(),
            enabled: self.enabled,
            off_because: self.off_because.clone(),
            failing_since: failing_since.map(Into::into),
            next_try_at: self
                .next_at
                .and(failing_since)
                .and(self.next_at)
                .map(Into::into),
            created_by: self.created_by.map(UserId::from_uuid),
            created_at: self.created_at.into(),
        }
    }

    fn types(&self) -> Vec<String> {
        serde_json::from_value(self.types.clone()).unwrap_or_default()
    }
}

pub(crate) const COLUMNS: &str = "w.*, d.at as next_at, coalesce(d.tries, 0) as tries";
/// The key of a webhook's line in `due`.
pub(crate) const KEY: &str = "'whk_' || replace(w.id::text, '-', '')";

fn found(condition: &str) -> String {
    format!(
        "select {COLUMNS}, m.role from webhook w
         join member m on m.organization_id = w.organization_id and m.user_id = $1
         left join due d on d.kind = '{WEBHOOK}' and d.key = {KEY}
         where {condition}"
    )
}

/// One webhook, if this person is in its organization.
pub(crate) async fn find_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    id: WebhookId,
) -> Result<Option<WebhookRow>, DbErr> {
    let values = [user.uuid().into(), id.uuid().into()];
    WebhookRow::find_by_statement(sql(&found("w.id = $2"), values))
        .one(connection)
        .await
}

/// Those of a workspace, the oldest first; there are few.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<Vec<WebhookRow>, DbErr> {
    let values = [user.uuid().into(), workspace.uuid().into()];
    WebhookRow::find_by_statement(sql(&found("w.workspace_id = $2 order by w.id"), values))
        .all(connection)
        .await
}

/// A new one, which begins after what has happened so far.
pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: WebhookId,
    workspace: WorkspaceId,
    user: UserId,
    url: &str,
    types: &[String],
) -> Result<(), DbErr> {
    let text = "insert into webhook (id, organization_id, workspace_id, url, types, position, created_by)
        select $1, w.organization_id, w.id, $3, $4, h.position, $5 from workspace w, log_head h where w.id = $2";
    let values = [
        id.uuid().into(),
        workspace.uuid().into(),
        url.into(),
        serde_json::json!(types).into(),
        user.uuid().into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Changes what is given. Whoever delivers meanwhile has lost it.
pub(crate) async fn change<C: ConnectionTrait>(
    txn: &C,
    id: WebhookId,
    url: Option<&str>,
    types: Option<&[String]>,
    enabled: Option<bool>,
) -> Result<(), DbErr> {
    let text = "update webhook set url = coalesce($2, url), types = coalesce($3, types), enabled = coalesce($4, enabled),
            off_because = case when $4 then null else off_because end,
            failing_since = case when $4 or $2 is not null then null else failing_since end,
            held_until = null, fence = fence + 1 where id = $1";
    let types = types.map(|types| serde_json::json!(types));
    let values: [Value; 4] = [
        id.uuid().into(),
        url.map(str::to_owned).into(),
        Value::Json(types.map(Into::into)),
        enabled.into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// The next secret; the one before signs along for a while.
pub(crate) async fn renew_secret<C: ConnectionTrait>(txn: &C, id: WebhookId) -> Result<(), DbErr> {
    let text = "update webhook set secret_number = secret_number + 1, secret_changed_at = now(),
            held_until = null, fence = fence + 1 where id = $1";
    txn.execute_raw(sql(text, [id.uuid().into()]))
        .await
        .map(drop)
}

/// Removes one, or all of a workspace that is deleted. Their lines in `due` go by themselves.
pub(crate) async fn delete<C: ConnectionTrait>(txn: &C, id: WebhookId) -> Result<(), DbErr> {
    let text = "delete from webhook where id = $1";
    txn.execute_raw(sql(text, [id.uuid().into()]))
        .await
        .map(drop)
}
