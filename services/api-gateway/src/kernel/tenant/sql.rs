//! Organizations: rows as they are, finders that go through membership.

use api::organization::Organization;
use domain::{Name, OrganizationId, Role, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct OrganizationRow {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) personal: bool,
    created_at: DateTimeUtc,
    role: Word<Role>,
    members: i64,
    workspaces: i64,
}

impl OrganizationRow {
    pub(crate) fn id(&self) -> OrganizationId {
        OrganizationId::from_uuid(self.id)
    }

    pub(crate) fn role(&self) -> Role {
        self.role.0
    }

    pub(crate) fn public(&self) -> Option<Organization> {
        Some(Organization {
            id: self.id(),
            name: self.name.clone(),
            personal: self.personal,
            role: self.role(),
            members: u32::try_from(self.members).unwrap_or_default(),
            workspaces: u32::try_from(self.workspaces).unwrap_or_default(),
            created_at: self.created_at.into(),
        })
    }
}

const FOUND: &str = "select o.id, o.name, o.personal, o.created_at, m.role,
        (select count(*) from member n where n.organization_id = o.id) as members,
        (select count(*) from workspace w where w.organization_id = o.id and w.deleted_at is null) as workspaces
    from organization o join member m on m.organization_id = o.id and m.user_id = $1";

/// One organization this person is in; their own when none is named.
pub(crate) async fn find_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    id: Option<OrganizationId>,
) -> Result<Option<OrganizationRow>, DbErr> {
    let text = format!("{FOUND} where o.id = $2 or ($2::uuid is null and o.personal)");
    let values = [user.uuid().into(), id.map(OrganizationId::uuid).into()];
    OrganizationRow::find_by_statement(sql(&text, values))
        .one(connection)
        .await
}

/// Every organization this person is in, their own first.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<OrganizationRow>, DbErr> {
    let text = format!("{FOUND} order by o.personal desc, o.name, o.id");
    OrganizationRow::find_by_statement(sql(&text, [user.uuid().into()]))
        .all(connection)
        .await
}

/// Locks it, so that its members change one at a time; false when it has gone.
pub(crate) async fn lock<C: ConnectionTrait>(txn: &C, id: OrganizationId) -> Result<bool, DbErr> {
    let text = "select 1 from organization where id = $1 for update";
    let row = txn.query_one_raw(sql(text, [id.uuid().into()])).await?;
    Ok(row.is_some())
}

/// Keeps its lock from others until the end, with as many as want the same: what is given meanwhile is
/// given before or after its members change.
pub(crate) async fn lock_shared<C: ConnectionTrait>(
    txn: &C,
    id: OrganizationId,
) -> Result<(), DbErr> {
    let text = "select 1 from organization where id = $1 for key share";
    txn.execute_raw(sql(text, [id.uuid().into()]))
        .await
        .map(drop)
}

/// How many organizations a person owns, beside their own.
pub(crate) async fn owned<C: ConnectionTrait>(txn: &C, user: UserId) -> Result<i64, DbErr> {
    let text = "select count(*) as owned from member m
        join organization o on o.id = m.organization_id and not o.personal
        where m.user_id = $1 and m.role = 'owner'";
    let row = txn.query_one_raw(sql(text, [user.uuid().into()])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "owned"))
}

pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: OrganizationId,
    name: &Name,
) -> Result<(), DbErr> {
    let text = "insert into organization (id, name) values ($1, $2)";
    txn.execute_raw(sql(text, [id.uuid().into(), name.as_str().into()]))
        .await
        .map(drop)
}

pub(crate) async fn rename<C: ConnectionTrait>(
    txn: &C,
    id: OrganizationId,
    name: &Name,
) -> Result<(), DbErr> {
    let text = "update organization set name = $2 where id = $1";
    txn.execute_raw(sql(text, [id.uuid().into(), name.as_str().into()]))
        .await
        .map(drop)
}

/// Clusters of it that are not deleted.
pub(crate) async fn live_clusters<C: ConnectionTrait>(
    txn: &C,
    id: OrganizationId,
) -> Result<i64, DbErr> {
    let text =
        "select count(*) as live from cluster where organization_id = $1 and status <> 'DELETED'";
    let row = txn.query_one_raw(sql(text, [id.uuid().into()])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "live"))
}

/// Nobody is in it any more: what it was stays readable in the audit and the log alone. Its shares
/// have ended before.
pub(crate) async fn dissolve<C: ConnectionTrait>(txn: &C, id: OrganizationId) -> Result<(), DbErr> {
    for text in [
        "update workspace set deleted_at = now() where organization_id = $1 and deleted_at is null",
        "update invitation set revoked_at = now() where organization_id = $1 and revoked_at is null",
        "update trust set ended_at = now() where organization_id = $1 and ended_at is null",
        "delete from webhook where organization_id = $1",
        "delete from member where organization_id = $1",
    ] {
        txn.execute_raw(sql(text, [id.uuid().into()])).await?;
    }
    Ok(())
}
