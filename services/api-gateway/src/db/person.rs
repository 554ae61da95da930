//! Users, organizations, members, workspaces.

use domain::{OrganizationId, Role, UserId, WorkspaceId};
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

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct WorkspaceRow {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    pub(crate) role: String,
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

const WORKSPACES: &str = "select w.id, w.organization_id, w.name, m.role
    from workspace w join member m on m.organization_id = w.organization_id and m.user_id = $1
    join organization o on o.id = w.organization_id";

/// The workspaces a person may see.
pub(crate) async fn workspaces<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<WorkspaceRow>, DbErr> {
    let text = format!("{WORKSPACES} order by o.personal desc, w.created_at");
    WorkspaceRow::find_by_statement(sql(&text, [user.uuid().into()]))
        .all(connection)
        .await
}

/// One workspace, if this person may see it; their own default one when none is named.
pub(crate) async fn workspace_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Option<WorkspaceRow>, DbErr> {
    let text = format!(
        "{WORKSPACES} where ($2::uuid is null and o.personal) or w.id = $2 order by w.created_at limit 1"
    );
    let values = [user.uuid().into(), workspace.map(WorkspaceId::uuid).into()];
    WorkspaceRow::find_by_statement(sql(&text, values))
        .one(connection)
        .await
}

pub(crate) fn role(word: &str) -> Option<Role> {
    Role::from_word(word)
}
