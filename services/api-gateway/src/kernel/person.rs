//! Users, and what is made with each of them.

use domain::{Address, Name, OrganizationId, Role, UserId, WorkspaceId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct UserRow {
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
    pub(crate) is_admin: bool,
    pub(crate) created_at: DateTimeUtc,
}

impl UserRow {
    /// Somebody who came by a provider of identities has none until they choose one.
    pub(crate) fn has_password(&self) -> bool {
        !self.password_hash.is_empty()
    }
}

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct MembershipRow {
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    pub(crate) role: Word<Role>,
    pub(crate) personal: bool,
}

const LOCK_REGISTRATION: i64 = 0x7265_6769;

pub(crate) struct NewUser<'a> {
    pub(crate) id: UserId,
    pub(crate) email: &'a Address,
    pub(crate) name: &'a Name,
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
        user.email.as_str().into(),
        user.name.as_str().into(),
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
    name: &Name,
) -> Result<(), DbErr> {
    let (org, user, ws) = (organization.uuid(), user.uuid(), workspace.uuid());
    txn.execute_raw(sql(
        "insert into organization (id, name, personal) values ($1, $2, true)",
        [org.into(), name.as_str().into()],
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
    email: &Address,
) -> Result<Option<UserRow>, DbErr> {
    UserRow::find_by_statement(sql(
        r#"select * from "user" where email = $1"#,
        [email.as_str().into()],
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
    // A pipeline's member never has one.
    let text = r#"update "user" set password_hash = $2, password_changed_at = now()
        where id = $1 and service_of is null"#;
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

/// Whether there is a user at all.
pub(crate) async fn anybody<C: ConnectionTrait>(connection: &C) -> Result<bool, DbErr> {
    let row = connection
        .query_one_raw(sql(r#"select 1 from "user" limit 1"#, []))
        .await?;
    Ok(row.is_some())
}

/// Another name or address; what is absent stays.
pub(crate) async fn change<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
    name: Option<&Name>,
    email: Option<&Address>,
) -> Result<Option<UserRow>, DbErr> {
    let text = r#"update "user" set name = coalesce($2, name), email = coalesce($3, email)
        where id = $1 and deleted_at is null returning *"#;
    let (name, email) = (name.map(Name::as_str), email.map(Address::as_str));
    let values = [user.uuid().into(), name.into(), email.into()];
    UserRow::find_by_statement(sql(text, values)).one(txn).await
}

/// Whether somebody else looks after the installation too; who asks holds all of those rows.
pub(crate) async fn another_admin<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
) -> Result<bool, DbErr> {
    let text = r#"select id from "user" where is_admin order by id for no key update"#;
    let rows = txn.query_all_raw(sql(text, [])).await?;
    let all: Vec<Uuid> = rows
        .iter()
        .map(|row| row.try_get("", "id"))
        .collect::<Result<_, _>>()?;
    Ok(all.iter().any(|other| *other != user.uuid()))
}

/// Administrators that are told of hosts; nobody has more.
const ADMINISTRATORS_MAX: i64 = 100;

/// Who looks after the installation.
pub(crate) async fn administrators<C: ConnectionTrait>(
    connection: &C,
) -> Result<Vec<UserId>, DbErr> {
    let text = r#"select id from "user" where is_admin order by id limit $1"#;
    let rows = connection
        .query_all_raw(sql(text, [ADMINISTRATORS_MAX.into()]))
        .await?;
    rows.iter()
        .map(|row| row.try_get("", "id").map(UserId::from_uuid))
        .collect()
}

/// Makes somebody look after the installation; false when nobody has this address.
pub(crate) async fn promote<C: ConnectionTrait>(txn: &C, email: &Address) -> Result<bool, DbErr> {
    let text = r#"update "user" set is_admin = true where email = $1"#;
    let done = txn.execute_raw(sql(text, [email.as_str().into()])).await?;
    Ok(done.rows_affected() == 1)
}

/// Nothing of who somebody was stays but their ID. What was shared with them ends, and so do their links
/// and invitations; who came by one of those before stays in.
pub(crate) async fn forget<C: ConnectionTrait>(txn: &C, user: UserId) -> Result<(), DbErr> {
    for text in [
        r#"update "user" set email = id || '@deleted.invalid', name = 'deleted', password_hash = '', is_admin = false,
            deleted_at = now() where id = $1"#,
        "update share set ended_at = now()
            where (user_id = $1 or (user_id is null and created_by = $1)) and ended_at is null",
        "update invitation set revoked_at = now() where created_by = $1 and revoked_at is null",
        "delete from password_reset where user_id = $1",
        "delete from identity where user_id = $1",
    ] {
        txn.execute_raw(sql(text, [user.uuid().into()])).await?;
    }
    Ok(())
}

/// A way to a new password; the ones before it are good no more. Gives when it ends.
pub(crate) async fn insert_reset<C: ConnectionTrait>(
    txn: &C,
    id: Uuid,
    user: UserId,
    by: UserId,
    hours: u32,
) -> Result<DateTimeUtc, DbErr> {
    let before = "delete from password_reset where user_id = $1";
    txn.execute_raw(sql(before, [user.uuid().into()])).await?;
    let text = "insert into password_reset (id, user_id, created_by, expires_at)
        values ($1, $2, $3, now() + make_interval(hours => $4)) returning expires_at";
    let values = [
        id.into(),
        user.uuid().into(),
        by.uuid().into(),
        i32::try_from(hours).unwrap_or(i32::MAX).into(),
    ];
    txn.query_one_raw(sql(text, values))
        .await?
        .ok_or(DbErr::RecordNotInserted)?
        .try_get("", "expires_at")
}

/// Uses a way to a new password up; gives whose it was, if it was still good.
pub(crate) async fn use_reset<C: ConnectionTrait>(
    txn: &C,
    id: Uuid,
) -> Result<Option<UserId>, DbErr> {
    let text = "update password_reset set used_at = now()
        where id = $1 and used_at is null and expires_at > now() returning user_id";
    let row = txn.query_one_raw(sql(text, [id.into()])).await?;
    row.map(|row| row.try_get("", "user_id").map(UserId::from_uuid))
        .transpose()
}
