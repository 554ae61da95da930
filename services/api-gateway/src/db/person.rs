//! Users, and what is made with each of them.

use domain::{OrganizationId, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use super::sql;

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct UserRow {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    pub(crate) is_admin: bool,
    pub(crate) created_at: DateTimeUtc,
}

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct MembershipRow {
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) personal: bool,
}

const LOCK_REGISTRATION: i64 = 0x7265_6769;

pub(crate) struct NewUser<'a> {
    pub(crate) id: UserId,
    pub(crate) email: &'a str,
    pub(crate) name: &'a str,
    pub(crate) password_hash: &'a str,
}

/// Inserts a user; the first one of all looks after the installation.
pub(crate) async fn insert_user<C: ConnectionTrait>(
    txn: &C,
    user: NewUser<'_>,
) -> Result<UserRow, DbErr> {
    txn.execute_raw(sql(
        "select pg_advisory_xact_lock($1)",
        [LOCK_REGISTRATION.into()],
    ))
    .await?;
    let values = [
        user.id.uuid().into(),
        user.email.into(),
        user.name.into(),
        user.password_hash.into(),
    ];
    let text = r#"insert into "user" (id, email, name, password_hash, is_admin)
        values ($1, $2, $3, $4, not exists (select 1 from "user")) returning *"#;
    UserRow::find_by_statement(sql(text, values))
        .one(txn)
        .await?
        .ok_or_else(|| DbErr::RecordNotInserted)
}

/// The organization of one person alone, with its default workspace.
pub(crate) async fn insert_personal<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    organization: OrganizationId,
    workspace: WorkspaceId,
    name: &str,
) -> Result<(), DbErr> {
    let (org, user, ws) = (organization.uuid(), user.uuid(), workspace.uuid());
    txn.execute_raw(sql(
        "insert into organization (id, name, personal) values ($1, $2, true)",
        [org.into(), name.into()],
    ))
    .await?;
    txn.execute_raw(sql(
        "insert into member (organization_id, user_id, role) values ($1, $2, 'owner')",
        [org.into(), user.into()],
    ))
    .await?;
    txn.execute_raw(sql(
        "insert into workspace (id, organization_id, name) values ($1, $2, 'default')",
        [ws.into(), org.into()],
    ))
    .await
    .map(drop)
}

pub(crate) async fn by_email<C: ConnectionTrait>(
    connection: &C,
    email: &str,
) -> Result<Option<UserRow>, DbErr> {
    UserRow::find_by_statement(sql(
        r#"select * from "user" where email = $1"#,
        [email.into()],
    ))
    .one(connection)
    .await
}

pub(crate) async fn by_id<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Option<UserRow>, DbErr> {
    UserRow::find_by_statement(sql(
        r#"select * from "user" where id = $1"#,
        [user.uuid().into()],
    ))
    .one(connection)
    .await
}

pub(crate) async fn set_password<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    hash: &str,
) -> Result<(), DbErr> {
    let text = r#"update "user" set password_hash = $2 where id = $1"#;
    txn.execute_raw(sql(text, [user.uuid().into(), hash.into()]))
        .await
        .map(drop)
}

pub(crate) async fn memberships<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<MembershipRow>, DbErr> {
    let text = "select m.organization_id, o.name, m.role, o.personal
        from member m join organization o on o.id = m.organization_id
        where m.user_id = $1 order by o.personal desc, o.name";
    MembershipRow::find_by_statement(sql(text, [user.uuid().into()]))
        .all(connection)
        .await
}

/// Locks a person's row, so that what they may see is told in one order; false when they have gone.
pub(crate) async fn lock<C: ConnectionTrait>(txn: &C, user: UserId) -> Result<bool, DbErr> {
    let text = r#"select 1 from "user" where id = $1 for no key update"#;
    let row = txn.query_one_raw(sql(text, [user.uuid().into()])).await?;
    Ok(row.is_some())
}
