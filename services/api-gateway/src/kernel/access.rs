//! What a person holds on clusters, as SQL that every finder goes through: a role in the cluster's
//! organization, shares of the cluster. What neither gives is not found.

use domain::{ClusterId, Level, NamespaceGrant, OrganizationId, Rights, Role, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, prelude::DateTimeUtc};
use serde::Deserialize;
use uuid::Uuid;

use crate::kernel::postgres::sql;

/// Whether a provider has said of the person `u` that their address is theirs: providers' unverified
/// addresses are not kept.
pub(crate) const EMAIL_VERIFIED: &str =
    "exists (select 1 from identity i where i.user_id = u.id and i.email = u.email)";

/// Holds on the cluster `c` of the person `$1`, as the column `rights`; a row without any is left
/// out by [`within`].
pub(crate) const RIGHTS: &str = "jsonb_build_object(
        'role', (select m.role from member m where m.organization_id = c.organization_id and m.user_id = $1),
        'made_it', coalesce(c.created_by = $1, false),
        'shares', coalesce((select jsonb_agg(jsonb_build_object('level', s.level, 'namespaces', s.namespaces))
            from live_share s where s.cluster_id = c.id and s.user_id = $1), '[]')) as rights";

/// The condition that keeps a query to what the person `$1` holds something on, given the columns
/// of the organization and of the cluster. The arrays are made once, so that indexes can be used.
pub(crate) fn within(organization: &str, cluster: &str) -> String {
    format!(
        "({organization} = any (array(select m.organization_id from member m where m.user_id = $1))
          or {cluster} = any (array(select s.cluster_id from live_share s where s.user_id = $1)))"
    )
}

/// The value of the column `rights`; nothing where the finder did not ask.
pub(crate) fn parse(value: Option<serde_json::Value>) -> Result<Rights, DbErr> {
    value
        .map(serde_json::from_value)
        .transpose()
        .map(Option::unwrap_or_default)
        .map_err(|error| DbErr::Custom(error.to_string()))
}

/// One person who holds something on a cluster, with all of it.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct HolderRow {
    pub(crate) user_id: Uuid,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) email_verified: bool,
    role: Option<String>,
    shares: serde_json::Value,
}

/// A live share of theirs.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct HeldShare {
    pub(crate) id: Uuid,
    pub(crate) level: Level,
    pub(crate) namespaces: Vec<NamespaceGrant>,
    pub(crate) expires_at: Option<DateTimeUtc>,
    pub(crate) link: bool,
}

impl HolderRow {
    pub(crate) fn role(&self) -> Option<Role> {
        self.role.as_deref().and_then(Role::from_word)
    }

    pub(crate) fn shares(&self) -> Result<Vec<HeldShare>, DbErr> {
        serde_json::from_value(self.shares.clone())
            .map_err(|error| DbErr::Custom(error.to_string()))
    }
}

/// Who holds something on a cluster of this organization, `first` before everyone else; without `others`
/// they alone. Only for `first`, or who may share the cluster.
pub(crate) async fn holders<C: ConnectionTrait>(
    connection: &C,
    (organization, cluster): (OrganizationId, ClusterId),
    first: UserId,
    others: bool,
    limit: u64,
) -> Result<Vec<HolderRow>, DbErr> {
    let text = format!(
        r#"with holder as (
            select user_id from (
                select m.user_id from member m where m.organization_id = $1
                union select s.user_id from live_share s where s.cluster_id = $2 and s.user_id is not null) as anyone
            where $4 or user_id = $3
            order by user_id <> $3, user_id limit $5)
        select u.id as user_id, u.name, u.email, {EMAIL_VERIFIED} as email_verified,
            (select m.role from member m where m.organization_id = $1 and m.user_id = u.id) as role,
            coalesce((select jsonb_agg(jsonb_build_object('id', s.id, 'level', s.level, 'namespaces', s.namespaces,
                    'expires_at', s.expires_at, 'link', s.link_id is not null) order by s.id desc)
                from live_share s where s.cluster_id = $2 and s.user_id = u.id), '[]') as shares
        from holder h join "user" u on u.id = h.user_id order by u.id <> $3, u.id"#
    );
    let values = [
        organization.uuid().into(),
        cluster.uuid().into(),
        first.uuid().into(),
        others.into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    HolderRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// The clusters a person holds by share, and until when.
pub(crate) async fn shared_with<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
) -> Result<Vec<(ClusterId, Option<DateTimeUtc>)>, DbErr> {
    let text = "select cluster_id, case when bool_or(expires_at is null) then null else max(expires_at) end as until
        from live_share where user_id = $1 group by cluster_id";
    let rows = connection
        .query_all_raw(sql(text, [user.uuid().into()]))
        .await?;
    rows.iter()
        .map(|row| {
            let cluster: Uuid = row.try_get("", "cluster_id")?;
            Ok((ClusterId::from_uuid(cluster), row.try_get("", "until")?))
        })
        .collect()
}
