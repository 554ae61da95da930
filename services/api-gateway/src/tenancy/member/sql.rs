//! Members of organizations.

use api::organization::Member;
use domain::{OrganizationId, Role, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct MemberRow {
    user_id: Uuid,
    name: String,
    email: String,
    role: Word<Role>,
    created_at: DateTimeUtc,
    /// A pipeline acts as it; nobody is it.
    pub(crate) service: bool,
}

impl MemberRow {
    pub(crate) fn id(&self) -> UserId {
        UserId::from_uuid(self.user_id)
    }

    pub(crate) fn role(&self) -> Role {
        self.role.0
    }

    pub(crate) fn public(&self) -> Option<Member> {
        Some(Member {
            user_id: self.id(),
            name: self.name.clone(),
            email: self.email.clone(),
            role: self.role(),
            since: self.created_at.into(),
        })
    }
}

const FOUND: &str = r#"select m.user_id, u.name, u.email, m.role, m.created_at, u.service_of is not null as service
    from member m join "user" u on u.id = m.user_id where m.organization_id = $1"#;

/// In the order in which they came, after `after`. Only for those who may see the organization.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    organization: OrganizationId,
    after: Option<UserId>,
    limit: u64,
) -> Result<Vec<MemberRow>, DbErr> {
    let text = format!(
        "{FOUND} and ($2::uuid is null or (m.created_at, m.user_id) >
            (select n.created_at, n.user_id from member n where n.organization_id = $1 and n.user_id = $2))
         order by m.created_at, m.user_id limit $3"
    );
    let values = [
        organization.uuid().into(),
        after.map(UserId::uuid).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    MemberRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<MemberRow>, DbErr> {
    let text = format!("{FOUND} and m.user_id = $2");
    MemberRow::find_by_statement(sql(&text, [organization.uuid().into(), user.uuid().into()]))
        .one(connection)
        .await
}

/// Makes someone a member in this role, or changes theirs.
pub(crate) async fn put<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    user: UserId,
    role: Role,
) -> Result<(), DbErr> {
    let text = "insert into member (organization_id, user_id, role) values ($1, $2, $3)
        on conflict (organization_id, user_id) do update set role = excluded.role";
    let values = [
        organization.uuid().into(),
        user.uuid().into(),
        role.as_str().into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

pub(crate) async fn remove<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), DbErr> {
    let text = "delete from member where organization_id = $1 and user_id = $2";
    txn.execute_raw(sql(text, [organization.uuid().into(), user.uuid().into()]))
        .await
        .map(drop)
}

/// How many people own it, under its lock; a pipeline governs nothing.
pub(crate) async fn owners<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
) -> Result<i64, DbErr> {
    let text = r#"select count(*) as owners from member m join "user" u on u.id = m.user_id
        where m.organization_id = $1 and m.role = 'owner' and u.service_of is null"#;
    let row = txn
        .query_one_raw(sql(text, [organization.uuid().into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "owners"))
}

/// Everyone in it.
pub(crate) async fn everyone<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
) -> Result<Vec<UserId>, DbErr> {
    let text = "select user_id from member where organization_id = $1";
    let rows = txn
        .query_all_raw(sql(text, [organization.uuid().into()]))
        .await?;
    rows.iter()
        .map(|row| row.try_get("", "user_id").map(UserId::from_uuid))
        .collect()
}
