//! Who people are at providers of identities, and browsers on their way there and back.

use api::auth::oidc::Identity;
use domain::{Address, IdentityId, InvitationId, SessionId, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::sql;

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct IdentityRow {
    id: Uuid,
    user_id: Uuid,
    provider: String,
    issuer: String,
    subject: String,
    email: Option<String>,
    created_at: DateTimeUtc,
    last_used_at: DateTimeUtc,
}

impl IdentityRow {
    pub(crate) fn id(&self) -> IdentityId {
        IdentityId::from_uuid(self.id)
    }

    pub(crate) fn user(&self) -> UserId {
        UserId::from_uuid(self.user_id)
    }

    /// Whether one of these vouches for it.
    pub(crate) fn is_by(&self, issuers: &[String]) -> bool {
        issuers.contains(&self.issuer)
    }

    pub(crate) fn public(&self) -> Identity {
        Identity {
            id: self.id(),
            provider: self.provider.clone(),
            subject: self.subject.clone(),
            email: self.email.clone(),
            created_at: self.created_at.into(),
            last_used_at: self.last_used_at.into(),
        }
    }
}

/// Somebody at a provider: the two that they are found by, and what is shown of them.
pub(crate) struct Somebody<'a> {
    pub(crate) provider: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) email: Option<&'a Address>,
}

/// Nobody else comes by this issuer and subject until the transaction ends.
pub(crate) async fn lock<C: ConnectionTrait>(
    txn: &C,
    issuer: &str,
    subject: &str,
) -> Result<(), DbErr> {
    let text = "select pg_advisory_xact_lock(hashtextextended($1 || chr(10) || $2, 9))";
    txn.execute_raw(sql(text, [issuer.into(), subject.into()]))
        .await
        .map(drop)
}

/// Whose they are; written down as used now.
pub(crate) async fn used<C: ConnectionTrait>(
    txn: &C,
    who: &Somebody<'_>,
) -> Result<Option<IdentityRow>, DbErr> {
    let text =
        "update identity set last_used_at = now(), provider = $3, email = coalesce($4, email)
        where issuer = $1 and subject = $2 returning *";
    let values = [
        who.issuer.into(),
        who.subject.into(),
        who.provider.into(),
        who.email.map(Address::as_str).into(),
    ];
    IdentityRow::find_by_statement(sql(text, values))
        .one(txn)
        .await
}

pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    who: &Somebody<'_>,
) -> Result<IdentityId, DbErr> {
    let id = IdentityId::from_uuid(Uuid::now_v7());
    let text = "insert into identity (id, user_id, provider, issuer, subject, email)
        values ($1, $2, $3, $4, $5, $6)";
    let values = [
        id.uuid().into(),
        user.uuid().into(),
        who.provider.into(),
        who.issuer.into(),
        who.subject.into(),
        who.email.map(Address::as_str).into(),
    ];
    txn.execute_raw(sql(text, values)).await?;
    Ok(id)
}

/// Writes down that it began a login.
pub(crate) async fn began<C: ConnectionTrait>(
    txn: &C,
    id: IdentityId,
    session: SessionId,
) -> Result<(), DbErr> {
    let text = "update session set identity_id = $2 where id = $1";
    let values = [session.uuid().into(), id.uuid().into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// A person's, oldest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<IdentityRow>, DbErr> {
    let text = "select * from identity where user_id = $1 order by id";
    IdentityRow::find_by_statement(sql(text, [user.uuid().into()]))
        .all(connection)
        .await
}

/// Takes it from its person, after the logins that it began; false when it is not theirs.
pub(crate) async fn delete<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    id: IdentityId,
) -> Result<bool, DbErr> {
    let text = "delete from identity where id = $1 and user_id = $2";
    let values = [id.uuid().into(), user.uuid().into()];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected() > 0)
}

/// Ends the logins that an identity began; gives those that ended.
pub(crate) async fn end_logins<C: ConnectionTrait>(
    txn: &C,
    id: IdentityId,
) -> Result<Vec<SessionId>, DbErr> {
    let text = "update session set revoked_at = now()
        where identity_id = $1 and revoked_at is null returning id";
    let rows = txn.query_all_raw(sql(text, [id.uuid().into()])).await?;
    rows.iter()
        .map(|row| Ok(SessionId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// Ends the logins that came by any issuer but these; gives whose they were.
pub(crate) async fn end_logins_of_others<C: ConnectionTrait>(
    txn: &C,
    issuers: &[String],
) -> Result<Vec<(UserId, SessionId)>, DbErr> {
    let text = r#"with known as (select jsonb_array_elements_text($1) as issuer)
        update session s set revoked_at = now() where s.revoked_at is null and (
            exists (select 1 from identity i where i.id = s.identity_id and i.issuer not in (table known))
            or exists (select 1 from "user" u where u.id = s.user_id and u.password_hash = '' and u.service_of is null)
            and exists (select 1 from identity i where i.user_id = s.user_id)
            and not exists (select 1 from identity i where i.user_id = s.user_id and i.issuer in (table known)))
        returning s.user_id, s.id"#;
    let issuers = serde_json::Value::from(issuers.to_vec());
    let rows = txn.query_all_raw(sql(text, [issuers.into()])).await?;
    rows.iter()
        .map(|row| {
            let user = UserId::from_uuid(row.try_get("", "user_id")?);
            Ok((user, SessionId::from_uuid(row.try_get("", "id")?)))
        })
        .collect()
}

/// A browser that was sent to a provider.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct FlowRow {
    pub(crate) provider: String,
    pub(crate) browser_hash: Vec<u8>,
    pub(crate) next: String,
    invitation_id: Option<Uuid>,
    link_session_id: Option<Uuid>,
}

impl FlowRow {
    pub(crate) fn invitation(&self) -> Option<InvitationId> {
        self.invitation_id.map(InvitationId::from_uuid)
    }

    /// The login that asked for a connection.
    pub(crate) fn link(&self) -> Option<SessionId> {
        self.link_session_id.map(SessionId::from_uuid)
    }
}

pub(crate) struct NewFlow<'a> {
    pub(crate) state_hash: Vec<u8>,
    pub(crate) browser_hash: Vec<u8>,
    pub(crate) provider: &'a str,
    pub(crate) next: &'a str,
    pub(crate) invitation: Option<InvitationId>,
    pub(crate) link: Option<SessionId>,
    pub(crate) secs: f64,
}

pub(crate) async fn insert_flow<C: ConnectionTrait>(
    connection: &C,
    new: NewFlow<'_>,
) -> Result<(), DbErr> {
    let text = "insert into login_flow (state_hash, browser_hash, provider, next, invitation_id, link_session_id,
            expires_at)
        values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))";
    let values = [
        new.state_hash.into(),
        new.browser_hash.into(),
        new.provider.into(),
        new.next.into(),
        new.invitation.map(InvitationId::uuid).into(),
        new.link.map(SessionId::uuid).into(),
        new.secs.into(),
    ];
    connection.execute_raw(sql(text, values)).await.map(drop)
}

/// The way that a state belongs to, once.
pub(crate) async fn take_flow<C: ConnectionTrait>(
    connection: &C,
    state_hash: Vec<u8>,
) -> Result<Option<FlowRow>, DbErr> {
    let text = "delete from login_flow where state_hash = $1 and expires_at > now() returning *";
    FlowRow::find_by_statement(sql(text, [state_hash.into()]))
        .one(connection)
        .await
}

/// Browsers that did not come back from a provider.
pub(crate) async fn let_go<C: ConnectionTrait>(txn: &C, batch: u32) -> Result<u64, DbErr> {
    let text = "delete from login_flow where ctid in (select ctid from login_flow where expires_at < now() limit $1)";
    let done = txn
        .execute_raw(sql(text, [i64::from(batch).into()]))
        .await?;
    Ok(done.rows_affected())
}
