//! Logins: browsers by the hash of their cookie, machines by their refresh family.

use std::net::IpAddr;

use api::auth::account::Session;
use domain::{OrganizationId, Scope, ScopeLevel, SessionId, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

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
    scope_level: Option<Word<ScopeLevel>>,
    scope_organization_id: Option<Uuid>,
    /// Its last use was not written down within the last minute.
    pub(crate) unwritten: bool,
}

impl LiveRow {
    /// What an API token is limited to.
    pub(crate) fn scope(&self) -> Option<Scope> {
        Some(Scope {
            level: self.scope_level?.0,
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
        s.scope_level, s.scope_organization_id,
        coalesce(s.last_used_at < now() - interval '1 minute', true) as unwritten
    from session s join "user" u on u.id = s.user_id
    where s.revoked_at is null and s.expires_at > now() and s.absolute_at > now()"#;

pub(crate) async fn insert_browser<C: ConnectionTrait>(
    txn: &C,
    session: SessionId,
    user: UserId,
    secret_hash: Vec<u8>,
    from: Option<IpAddr>,
) -> Result<(), DbErr> {
    let text = format!(
        "insert into session (id, user_id, kind, secret_hash, address, expires_at, absolute_at)
         values ($1, $2, 'browser', $3, $4, now() + interval '{BROWSER_IDLE}', now() + interval '{ABSOLUTE}')"
    );
    txn.execute_raw(sql(
        &text,
        [
            session.uuid().into(),
            user.uuid().into(),
            secret_hash.into(),
            from.map(|from| from.to_string()).into(),
        ],
    ))
    .await
    .map(drop)
}

pub(crate) async fn insert_machine<C: ConnectionTrait>(
    txn: &C,
    session: SessionId,
    user: UserId,
    from: Option<IpAddr>,
) -> Result<(), DbErr> {
    let text = format!(
        "insert into session (id, user_id, kind, address, expires_at, absolute_at)
         values ($1, $2, 'machine', $3, now() + interval '{ABSOLUTE}', now() + interval '{ABSOLUTE}')"
    );
    let values = [
        session.uuid().into(),
        user.uuid().into(),
        from.map(|from| from.to_string()).into(),
    ];
    txn.execute_raw(sql(&text, values)).await.map(drop)
}

/// How what is found by the hash of a secret is shown.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    /// A cookie.
    Browser,
    /// An API token.
    Token,
}

/// A browser's login or an API token by the hash of its secret.
pub(crate) async fn live_by_hash<C: ConnectionTrait>(
    connection: &C,
    kind: Kind,
    secret_hash: Vec<u8>,
) -> Result<Option<LiveRow>, DbErr> {
    let text = format!("{LIVE} and s.secret_hash = $1 and s.kind = $2");
    let kind = match kind {
        Kind::Browser => "browser",
        Kind::Token => "token",
    };
    LiveRow::find_by_statement(sql(&text, [secret_hash.into(), kind.into()]))
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

/// Whether it is an API token and no login.
pub(crate) async fn is_api_token<C: ConnectionTrait>(
    connection: &C,
    session: SessionId,
) -> Result<bool, DbErr> {
    let text = "select 1 from session where id = $1 and kind = 'token'";
    let found = connection.query_one_raw(sql(text, [session.uuid().into()]));
    Ok(found.await?.is_some())
}

/// Whether a login began within these minutes.
pub(crate) async fn began_within<C: ConnectionTrait>(
    connection: &C,
    session: SessionId,
    minutes: u32,
) -> Result<bool, DbErr> {
    let text =
        "select 1 from session where id = $1 and created_at > now() - make_interval(mins => $2)";
    let minutes = i32::try_from(minutes).unwrap_or(i32::MAX);
    let values = [session.uuid().into(), minutes.into()];
    Ok(connection.query_one_raw(sql(text, values)).await?.is_some())
}

/// Writes down a use, and moves the end of a browser's login.
pub(crate) async fn used<C: ConnectionTrait>(
    connection: &C,
    session: SessionId,
) -> Result<(), DbErr> {
    let text = format!(
        "update session set last_used_at = now(),
            expires_at = case kind when 'browser' then now() + interval '{BROWSER_IDLE}' else expires_at end
         where id = $1"
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

/// Ends one of this person's logins, or one of their API tokens; false when it is none of those.
pub(crate) async fn revoke_own<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    session: SessionId,
    token: bool,
) -> Result<bool, DbErr> {
    let text = "update session set revoked_at = now()
        where id = $1 and user_id = $2 and (kind = 'token') = $3 and revoked_at is null";
    let values = [session.uuid().into(), user.uuid().into(), token.into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected() > 0)
}

/// Ends the logins of a person but the one to keep, those that a device has not fetched yet too, and no API token; gives those that ended.
pub(crate) async fn revoke_logins<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    keep: Option<SessionId>,
) -> Result<Vec<SessionId>, DbErr> {
    let text = "with devices as (delete from device_login where user_id = $1)
        update session set revoked_at = now()
        where user_id = $1 and revoked_at is null and kind <> 'token' and id is distinct from $2 returning id";
    let values = [user.uuid().into(), keep.map(SessionId::uuid).into()];
    ids(txn.query_all_raw(sql(text, values)).await?)
}

/// Ends every login and token of a person; gives those that ended.
pub(crate) async fn revoke_all<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
) -> Result<Vec<SessionId>, DbErr> {
    let text = "with devices as (delete from device_login where user_id = $1)
        update session set revoked_at = now() where user_id = $1 and revoked_at is null returning id";
    ids(txn.query_all_raw(sql(text, [user.uuid().into()])).await?)
}

fn ids(rows: Vec<QueryResult>) -> Result<Vec<SessionId>, DbErr> {
    rows.iter()
        .map(|row| Ok(SessionId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// A login as its user sees it.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct ShownRow {
    id: Uuid,
    kind: String,
    address: Option<String>,
    created_at: DateTimeUtc,
    last_used_at: Option<DateTimeUtc>,
    expires_at: DateTimeUtc,
}

impl ShownRow {
    pub(crate) fn public(&self, current: SessionId) -> Session {
        let id = SessionId::from_uuid(self.id);
        Session {
            id,
            kind: self.kind.clone(),
            address: self.address.clone(),
            created_at: self.created_at.into(),
            last_used_at: self.last_used_at.map(Into::into),
            expires_at: self.expires_at.into(),
            current: id == current,
        }
    }
}

/// Logins shown at once, the newest.
const SHOWN_MAX: i64 = 200;

/// The logins of a person that are still good, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<ShownRow>, DbErr> {
    let text = "select id, kind, address, created_at, last_used_at, least(expires_at, absolute_at) as expires_at
        from session where user_id = $1 and kind <> 'token' and revoked_at is null and expires_at > now()
            and absolute_at > now() order by id desc limit $2";
    ShownRow::find_by_statement(sql(text, [user.uuid().into(), SHOWN_MAX.into()]))
        .all(connection)
        .await
}

/// Ended logins are kept so long for whoever looks into what happened.
const ENDED_SESSION_DAYS: f64 = 30.0;

/// Logins that ended long ago.
pub(crate) async fn let_go<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let text = "delete from session where ctid in (
        select ctid from session where least(revoked_at, expires_at, absolute_at) < now() - make_interval(days => $1)
        limit $2)";
    let values: [Value; 2] = [(ENDED_SESSION_DAYS as i32).into(), i64::from(batch).into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}
