//! The audit's rows: added, read, never changed.

use std::net::IpAddr;

use api::audit::AuditEntry;
use domain::{ClusterId, OrganizationId, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::sql;

pub(crate) struct NewEntry<'a> {
    pub(crate) organization: Option<Uuid>,
    pub(crate) workspace: Option<Uuid>,
    pub(crate) cluster: Option<Uuid>,
    pub(crate) user: Option<UserId>,
    /// The user's own if absent.
    pub(crate) email: Option<&'a str>,
    pub(crate) action: &'a str,
    pub(crate) object: Option<&'a str>,
    /// Why it was refused; allowed if absent.
    pub(crate) code: Option<&'a str>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) detail: Option<serde_json::Value>,
}

/// Gives the entry's number.
pub(crate) async fn insert<C: ConnectionTrait>(
    connection: &C,
    entry: NewEntry<'_>,
) -> Result<i64, DbErr> {
    let text = r#"insert into audit (organization_id, workspace_id, cluster_id, user_id, email, action, object,
            allowed, code, address, detail)
        values ($1, $2, $3, $4, coalesce($5, (select u.email from "user" u where u.id = $4)), $6, $7, $8 is null, $8, $9, $10)
        returning number"#;
    let values: [Value; 10] = [
        entry.organization.into(),
        entry.workspace.into(),
        entry.cluster.into(),
        entry.user.map(UserId::uuid).into(),
        entry.email.into(),
        entry.action.into(),
        entry.object.into(),
        entry.code.into(),
        entry.address.map(|address| address.to_string()).into(),
        entry.detail.into(),
    ];
    let row = connection.query_one_raw(sql(text, values)).await?;
    row.map_or(Ok(0), |row| row.try_get("", "number"))
}

/// The end of what the entry of this number says has begun.
pub(crate) async fn insert_end<C: ConnectionTrait>(
    connection: &C,
    began: i64,
    detail: serde_json::Value,
) -> Result<(), DbErr> {
    let text = "insert into audit (organization_id, workspace_id, cluster_id, user_id, email, action, object, allowed,
            address, detail)
        select organization_id, workspace_id, cluster_id, user_id, email, action || '.ended', object, true, address, $2
        from audit where number = $1";
    let values = [began.into(), detail.into()];
    connection.execute_raw(sql(text, values)).await.map(drop)
}

#[derive(Debug, Default, Clone)]
pub(crate) struct Filter {
    pub(crate) organization: Option<Uuid>,
    pub(crate) user: Option<UserId>,
    pub(crate) cluster: Option<ClusterId>,
    pub(crate) action: Option<String>,
    pub(crate) allowed: Option<bool>,
    /// Only what came before this number.
    pub(crate) before: Option<u64>,
    pub(crate) limit: u64,
}

#[derive(FromQueryResult)]
struct EntryRow {
    number: i64,
    at: DateTimeUtc,
    organization_id: Option<Uuid>,
    workspace_id: Option<Uuid>,
    cluster_id: Option<Uuid>,
    user_id: Option<Uuid>,
    email: Option<String>,
    action: String,
    object: Option<String>,
    allowed: bool,
    code: Option<String>,
    address: Option<String>,
    detail: Option<serde_json::Value>,
}

/// Newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    filter: &Filter,
) -> Result<Vec<AuditEntry>, DbErr> {
    let text = "select * from audit
        where ($1::uuid is null or organization_id = $1) and ($2::uuid is null or user_id = $2)
          and ($3::uuid is null or cluster_id = $3) and ($4::text is null or action = $4)
          and ($5::boolean is null or allowed = $5) and number < $6
        order by number desc limit $7";
    let before = filter.before.and_then(|before| i64::try_from(before).ok());
    let values: [Value; 7] = [
        filter.organization.into(),
        filter.user.map(UserId::uuid).into(),
        filter.cluster.map(ClusterId::uuid).into(),
        filter.action.clone().into(),
        filter.allowed.into(),
        before.unwrap_or(i64::MAX).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
    ];
    let rows = EntryRow::find_by_statement(sql(text, values))
        .all(connection)
        .await?;
    Ok(rows.into_iter().map(public).collect())
}

fn public(row: EntryRow) -> AuditEntry {
    AuditEntry {
        number: row.number.unsigned_abs(),
        at: row.at.into(),
        organization_id: row.organization_id.map(OrganizationId::from_uuid),
        workspace_id: row.workspace_id.map(WorkspaceId::from_uuid),
        cluster_id: row.cluster_id.map(ClusterId::from_uuid),
        user_id: row.user_id.map(UserId::from_uuid),
        email: row.email,
        action: row.action,
        object: row.object,
        allowed: row.allowed,
        code: row.code,
        address: row.address,
        detail: row.detail,
    }
}
