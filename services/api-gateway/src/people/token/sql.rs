//! API tokens: sessions that are limited to a scope.

use api::auth::account::ApiToken;
use domain::{Name, OrganizationId, Scope, ScopeLevel, SessionId, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct TokenRow {
    id: Uuid,
    name: String,
    prefix: String,
    scope_level: Word<ScopeLevel>,
    scope_organization_id: Option<Uuid>,
    created_at: DateTimeUtc,
    expires_at: DateTimeUtc,
    last_used_at: Option<DateTimeUtc>,
}

impl TokenRow {
    pub(crate) fn public(&self) -> ApiToken {
        ApiToken {
            id: SessionId::from_uuid(self.id),
            name: self.name.clone(),
            prefix: self.prefix.clone(),
            scope: Scope {
                level: self.scope_level.0,
                organization_id: self.scope_organization_id.map(OrganizationId::from_uuid),
            },
            created_at: self.created_at.into(),
            expires_at: self.expires_at.into(),
            last_used_at: self.last_used_at.map(Into::into),
        }
    }
}

pub(crate) struct NewToken<'a> {
    pub(crate) user: UserId,
    pub(crate) name: &'a Name,
    pub(crate) prefix: &'a str,
    pub(crate) hash: Vec<u8>,
    pub(crate) scope: Scope,
    pub(crate) secs: f64,
}

pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: SessionId,
    new: NewToken<'_>,
) -> Result<TokenRow, DbErr> {
    let text = "insert into session (id, user_id, kind, secret_hash, name, prefix, scope_level,
            scope_organization_id, expires_at, absolute_at)
        values ($1, $2, 'token', $3, $4, $5, $6, $7, now() + make_interval(secs => $8), now() + make_interval(secs => $8))
        returning *";
    let values = [
        id.uuid().into(),
        new.user.uuid().into(),
        new.hash.into(),
        new.name.as_str().into(),
        new.prefix.into(),
        new.scope.level.as_str().into(),
        new.scope.organization_id.map(OrganizationId::uuid).into(),
        new.secs.into(),
    ];
    TokenRow::find_by_statement(sql(text, values))
        .one(txn)
        .await?
        .ok_or(DbErr::RecordNotInserted)
}

/// A person's tokens that are still good, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<TokenRow>, DbErr> {
    let text = "select * from session where user_id = $1 and kind = 'token' and revoked_at is null
        and expires_at > now() order by id desc";
    TokenRow::find_by_statement(sql(text, [user.uuid().into()]))
        .all(connection)
        .await
}
