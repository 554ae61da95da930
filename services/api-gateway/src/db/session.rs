//! Logins: browsers by the hash of their cookie, machines by their refresh family.

use domain::{OrganizationId, Scope, ScopeLevel, SessionId, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use super::sql;

/// Hours a browser's login lasts without use, and days it lasts at all; days of a machine's.
const BROWSER_IDLE: &str = "7 days";
const ABSOLUTE: &str = "30 days";

/// A login that is good right now.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct LiveRow {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) expires_at: DateTimeUtc,
    /// Its user looks after the installation.
    is_admin: bool,
    scope_level: Option<String>,
    scope_organization_id: Option<Uuid>,
}

impl LiveRow {
    /// What an API token is limited to.
    pub(crate) fn scope(&self) -> Option<Scope> {
        let word = self.scope_level.as_deref()?;
        Some(Scope {
            // A word this build does not know is good for no more than looking.
            level: ScopeLevel::from_word(word).unwrap_or(ScopeLevel::Read),
            organization_id: self.scope_organization_id.map(OrganizationId::from_uuid),
        })
    }

    /// What is limited to one organization looks after no installation.
    pub(crate) fn is_admin(&self) -> bool {
        self.is_admin && self.scope_organization_id.is_none()
    }
}

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct FamilyRow {
    pub(crate) user_id: Uuid,
    pub(crate) refresh_n: i64,
    /// The last rotation was within the time in which a lost answer is given again.
    pub(crate) just_rotated: bool,
    pub(crate) live: bool,
}

const LIVE: &str = r#"select s.id, s.user_id, least(s.expires_at, s.absolute_at) as expires_at, u.is_admin,
        s.scope_level, s.scope_organization_id
    from session s join "user" u on u.id = s.user_id
    where s.revoked_at is null and s.expires_at > now() and s.absolute_at > now()"#;

pub(crate) async fn insert_browser<C: ConnectionTrait>(
    txn: &C,
    session: SessionId,
    user: UserId,
    secret_hash: Vec<u8>,
) -> Result<(), DbErr> {
    let text = format!(
        "insert into session (id, user_id, kind, secret_hash, expires_at, absolute_at)
         values ($1, $2, 'browser', $3, now() + interval '{BROWSER_IDLE}', now() + interval '{ABSOLUTE}')"
    );
    txn.execute_raw(sql(
        &text,
        [
            session.uuid().into(),
            user.uuid().into(),
            secret_hash.into(),
        ],
    ))
    .await
    .map(drop)
}

pub(crate) async fn insert_machine<C: ConnectionTrait>(
    txn: &C,
    session: SessionId,
    user: UserId,
) -> Result<(), DbErr> {
    let text = format!(
        "insert into session (id, user_id, kind, expires_at, absolute_at)
         values ($1, $2, 'machine', now() + interval '{ABSOLUTE}', now() + interval '{ABSOLUTE}')"
    );
    txn.execute_raw(sql(&text, [session.uuid().into(), user.uuid().into()]))
        .await
        .map(drop)
}

/// A browser's login by its cookie's hash.
pub(crate) async fn live_by_hash<C: ConnectionTrait>(
    connection: &C,
    secret_hash: Vec<u8>,
) -> Result<Option<LiveRow>, DbErr> {
    let text = format!("{LIVE} and s.secret_hash = $1");
    LiveRow::find_by_statement(sql(&text, [secret_hash.into()]))
        .one(connection)
        .await
}

pub(crate) async fn live_by_id<C: ConnectionTrait>(
    connection: &C,
    session: SessionId,
) -> Result<Option<LiveRow>, DbErr> {
    let text = format!("{LIVE} and s.id = $1");
    LiveRow::find_by_statement(sql(&text, [session.uuid().into()]))
        .one(connection)
        .await
}

/// Moves the end of a browser's login, at most once an hour.
pub(crate) async fn slide<C: ConnectionTrait>(
    connection: &C,
    session: SessionId,
) -> Result<(), DbErr> {
    let text = format!(
        "update session set expires_at = now() + interval '{BROWSER_IDLE}'
         where id = $1 and kind = 'browser' and expires_at < now() + interval '{BROWSER_IDLE}' - interval '1 hour'"
    );
    connection
        .execute_raw(sql(&text, [session.uuid().into()]))
        .await
        .map(drop)
}

/// A refresh family, locked until the transaction ends.
pub(crate) async fn lock_family<C: ConnectionTrait>(
    txn: &C,
    family: SessionId,
) -> Result<Option<FamilyRow>, DbErr> {
    let text =
        "select user_id, refresh_n, rotated_at > now() - interval '10 seconds' as just_rotated,
            revoked_at is null and absolute_at > now() as live
        from session where id = $1 and kind = 'machine' for update";
    FamilyRow::find_by_statement(sql(text, [family.uuid().into()]))
        .one(txn)
        .await
}

pub(crate) async fn rotate<C: ConnectionTrait>(txn: &C, family: SessionId) -> Result<(), DbErr> {
    let text = "update session set refresh_n = refresh_n + 1, rotated_at = now() where id = $1";
    txn.execute_raw(sql(text, [family.uuid().into()]))
        .await
        .map(drop)
}

/// Ends a login; false when it had ended before.
pub(crate) async fn revoke<C: ConnectionTrait>(txn: &C, session: SessionId) -> Result<bool, DbErr> {
    let text = "update session set revoked_at = now() where id = $1 and revoked_at is null";
    Ok(txn
        .execute_raw(sql(text, [session.uuid().into()]))
        .await?
        .rows_affected()
        > 0)
}

/// Ends every login of a person; gives those that ended.
pub(crate) async fn revoke_all<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
) -> Result<Vec<SessionId>, DbErr> {
    let text = "update session set revoked_at = now() where user_id = $1 and revoked_at is null returning id";
    let rows = txn.query_all_raw(sql(text, [user.uuid().into()])).await?;
    rows.iter()
        .map(|row| Ok(SessionId::from_uuid(row.try_get("", "id")?)))
        .collect()
}
