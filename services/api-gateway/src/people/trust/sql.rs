//! Which pipelines an organization lets in, and the members that they act as.

use std::collections::BTreeMap;

use api::trust::Trust;
use domain::{Name, OrganizationId, ScopeLevel, SessionId, TrustId, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use serde_json::Value;
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct TrustRow {
    id: Uuid,
    organization_id: Uuid,
    user_id: Uuid,
    name: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    claims: Value,
    level: Word<ScopeLevel>,
    minutes: i32,
    created_at: DateTimeUtc,
    last_used_at: Option<DateTimeUtc>,
}

impl TrustRow {
    pub(crate) fn organization(&self) -> OrganizationId {
        OrganizationId::from_uuid(self.organization_id)
    }

    pub(crate) fn user(&self) -> UserId {
        UserId::from_uuid(self.user_id)
    }

    pub(crate) fn public(&self) -> Option<Trust> {
        Some(Trust {
            id: TrustId::from_uuid(self.id),
            name: self.name.clone(),
            user_id: self.user(),
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            claims: serde_json::from_value(self.claims.clone()).ok()?,
            level: self.level.0,
            minutes: self.minutes.unsigned_abs(),
            created_at: self.created_at.into(),
            last_used_at: self.last_used_at.map(Into::into),
        })
    }
}

/// With the member still there: whoever took the member out let the pipeline in no more.
const LIVE: &str = r#"select t.*, u.name from trust t join "user" u on u.id = t.user_id
    join member m on m.user_id = t.user_id and m.organization_id = t.organization_id
    where t.ended_at is null"#;

pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    id: TrustId,
) -> Result<Option<TrustRow>, DbErr> {
    let text = format!("{LIVE} and t.id = $1");
    TrustRow::find_by_statement(sql(&text, [id.uuid().into()]))
        .one(connection)
        .await
}

/// An organization's, oldest first. Only for those who may change it.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    organization: OrganizationId,
) -> Result<Vec<TrustRow>, DbErr> {
    let text = format!("{LIVE} and t.organization_id = $1 order by t.id");
    TrustRow::find_by_statement(sql(&text, [organization.uuid().into()]))
        .all(connection)
        .await
}

/// Somebody who is a member and has no login of their own.
pub(crate) async fn insert_service<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    user: UserId,
    name: &Name,
) -> Result<(), DbErr> {
    let text = r#"insert into "user" (id, email, name, password_hash, service_of)
        values ($1, $2, $3, '', $4)"#;
    let values = [
        user.uuid().into(),
        format!("{}@service.invalid", user.hex()).into(),
        name.as_str().into(),
        organization.uuid().into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

pub(crate) struct NewTrust<'a> {
    pub(crate) id: TrustId,
    pub(crate) organization: OrganizationId,
    pub(crate) user: UserId,
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) claims: &'a BTreeMap<String, String>,
    pub(crate) level: ScopeLevel,
    pub(crate) minutes: u32,
    pub(crate) created_by: UserId,
}

pub(crate) async fn insert<C: ConnectionTrait>(txn: &C, new: NewTrust<'_>) -> Result<(), DbErr> {
    let text = "insert into trust (id, organization_id, user_id, issuer, audience, claims, level, minutes, created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    let values = [
        new.id.uuid().into(),
        new.organization.uuid().into(),
        new.user.uuid().into(),
        new.issuer.into(),
        new.audience.into(),
        serde_json::json!(new.claims).into(),
        new.level.as_str().into(),
        i32::try_from(new.minutes).unwrap_or(i32::MAX).into(),
        new.created_by.uuid().into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Ends it; gives the member that it was, once.
pub(crate) async fn end<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    id: TrustId,
) -> Result<Option<UserId>, DbErr> {
    let text = "update trust set ended_at = now()
        where id = $1 and organization_id = $2 and ended_at is null returning user_id";
    let values = [id.uuid().into(), organization.uuid().into()];
    let row = txn.query_one_raw(sql(text, values)).await?;
    row.map(|row| row.try_get("", "user_id").map(UserId::from_uuid))
        .transpose()
}

/// A pipeline's login: it ends by itself and is never refreshed. Nothing is written once the trust has ended.
pub(crate) async fn log_in<C: ConnectionTrait>(
    txn: &C,
    id: TrustId,
    session: SessionId,
    address: Option<String>,
) -> Result<bool, DbErr> {
    let text = "with used as (
            update trust set last_used_at = now() where id = $1 and ended_at is null returning *)
        insert into session (id, user_id, kind, address, scope_level, scope_organization_id, expires_at, absolute_at)
        select $2, user_id, 'pipeline', $3, level, organization_id,
            now() + make_interval(mins => minutes), now() + make_interval(mins => minutes) from used";
    let values = [id.uuid().into(), session.uuid().into(), address.into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected() > 0)
}
