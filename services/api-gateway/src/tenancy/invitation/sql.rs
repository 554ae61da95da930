//! Invitations into organizations. Their secrets are computed from their IDs and kept nowhere.

use api::organization::{Invitation, InvitationFor};
use domain::{Address, InvitationId, OrganizationId, Role, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct InvitationRow {
    id: Uuid,
    organization_id: Uuid,
    organization_name: String,
    role: Word<Role>,
    pub(crate) email: Option<String>,
    uses_left: i32,
    created_by: Uuid,
    created_at: DateTimeUtc,
    expires_at: DateTimeUtc,
}

impl InvitationRow {
    pub(crate) fn id(&self) -> InvitationId {
        InvitationId::from_uuid(self.id)
    }

    pub(crate) fn organization(&self) -> OrganizationId {
        OrganizationId::from_uuid(self.organization_id)
    }

    pub(crate) fn role(&self) -> Role {
        self.role.0
    }

    pub(crate) fn public(&self) -> Option<Invitation> {
        Some(Invitation {
            id: self.id(),
            organization_id: self.organization(),
            role: self.role(),
            email: self.email.clone(),
            uses_left: self.uses_left.unsigned_abs(),
            expires_at: self.expires_at.into(),
            created_by: UserId::from_uuid(self.created_by),
            created_at: self.created_at.into(),
        })
    }

    pub(crate) fn shown(&self) -> Option<InvitationFor> {
        Some(InvitationFor {
            organization_id: self.organization(),
            organization_name: self.organization_name.clone(),
            role: self.role(),
            email: self.email.clone(),
            expires_at: self.expires_at.into(),
        })
    }
}

const GOOD: &str = "select i.*, o.name as organization_name from invitation i
    join organization o on o.id = i.organization_id
    where i.revoked_at is null and i.uses_left > 0 and i.expires_at > now()";

pub(crate) struct NewInvitation<'a> {
    pub(crate) id: InvitationId,
    pub(crate) organization: OrganizationId,
    pub(crate) role: Role,
    pub(crate) email: Option<&'a Address>,
    pub(crate) uses: u32,
    pub(crate) days: u32,
    pub(crate) created_by: UserId,
}

pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    new: NewInvitation<'_>,
) -> Result<(), DbErr> {
    let text = "insert into invitation (id, organization_id, role, email, uses_left, created_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))";
    let values = [
        new.id.uuid().into(),
        new.organization.uuid().into(),
        new.role.as_str().into(),
        new.email.map(Address::as_str).into(),
        i32::try_from(new.uses).unwrap_or(i32::MAX).into(),
        new.created_by.uuid().into(),
        i32::try_from(new.days).unwrap_or(i32::MAX).into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// One that can still be taken.
pub(crate) async fn good<C: ConnectionTrait>(
    connection: &C,
    id: InvitationId,
) -> Result<Option<InvitationRow>, DbErr> {
    let text = format!("{GOOD} and i.id = $1");
    InvitationRow::find_by_statement(sql(&text, [id.uuid().into()]))
        .one(connection)
        .await
}

/// Those of an organization that can still be taken, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    organization: OrganizationId,
    before: Option<InvitationId>,
    limit: u64,
) -> Result<Vec<InvitationRow>, DbErr> {
    let text = format!(
        "{GOOD} and i.organization_id = $1 and ($2::uuid is null or i.id < $2) order by i.id desc limit $3"
    );
    let values = [
        organization.uuid().into(),
        before.map(InvitationId::uuid).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    InvitationRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// Takes one use of it for a person; false when somebody else took the last, or this one took one before.
pub(crate) async fn take<C: ConnectionTrait>(
    txn: &C,
    id: InvitationId,
    user: UserId,
) -> Result<bool, DbErr> {
    let text = "with used as (
            update invitation set uses_left = uses_left - 1
            where id = $1 and uses_left > 0 and revoked_at is null and expires_at > now()
              and not exists (select 1 from invitation_taken where invitation_id = $1 and user_id = $2)
            returning id
        )
        insert into invitation_taken (invitation_id, user_id) select id, $2 from used";
    let values = [id.uuid().into(), user.uuid().into()];
    let done = txn.execute_raw(sql(text, values)).await?;
    Ok(done.rows_affected() == 1)
}

/// Takes it back; false when this organization has no such invitation.
pub(crate) async fn revoke<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    id: InvitationId,
) -> Result<bool, DbErr> {
    let text = "update invitation set revoked_at = coalesce(revoked_at, now()) where id = $1 and organization_id = $2";
    let values = [id.uuid().into(), organization.uuid().into()];
    let done = txn.execute_raw(sql(text, values)).await?;
    Ok(done.rows_affected() == 1)
}

/// Takes back all that a person made here, but those into roles that they may still give.
pub(crate) async fn withdraw<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    by: UserId,
    but: &[Role],
) -> Result<(), DbErr> {
    let text = "update invitation set revoked_at = now()
        where organization_id = $1 and created_by = $2 and revoked_at is null
          and not (role = any (string_to_array($3, ',')))";
    let but: Vec<&str> = but.iter().map(|role| role.as_str()).collect();
    let values = [
        organization.uuid().into(),
        by.uuid().into(),
        but.join(",").into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}
