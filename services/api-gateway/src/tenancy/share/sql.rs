//! Shares of clusters: to people and by link.

use api::share::{Share, ShareFor};
use domain::{ClusterId, Level, NamespaceGrant, OrganizationId, ShareId, UserId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::{
    kernel::{access::EMAIL_VERIFIED, due::kind::Kind, postgres::sql},
    lookalike,
};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct ShareRow {
    id: Uuid,
    cluster_id: Uuid,
    organization_id: Uuid,
    user_id: Option<Uuid>,
    name: Option<String>,
    email: Option<String>,
    email_verified: bool,
    link_id: Option<Uuid>,
    level: String,
    namespaces: serde_json::Value,
    uses_left: Option<i32>,
    created_by: Uuid,
    created_at: DateTimeUtc,
    expires_at: Option<DateTimeUtc>,
}

impl ShareRow {
    pub(crate) fn id(&self) -> ShareId {
        ShareId::from_uuid(self.id)
    }

    pub(crate) fn cluster(&self) -> ClusterId {
        ClusterId::from_uuid(self.cluster_id)
    }

    pub(crate) fn organization(&self) -> OrganizationId {
        OrganizationId::from_uuid(self.organization_id)
    }

    pub(crate) fn user(&self) -> Option<UserId> {
        self.user_id.map(UserId::from_uuid)
    }

    /// None where a later version has a level that this one does not know: it gives nothing here.
    pub(crate) fn level(&self) -> Option<Level> {
        self.level.parse().ok()
    }

    pub(crate) fn namespaces(&self) -> Vec<NamespaceGrant> {
        serde_json::from_value(self.namespaces.clone()).unwrap_or_default()
    }

    pub(crate) fn public(&self) -> Option<Share> {
        Some(Share {
            id: self.id(),
            cluster_id: self.cluster(),
            person: self.user().map(|user_id| {
                let (name, email) = (self.name.clone(), self.email.clone());
                let (name, email) = (name.unwrap_or_default(), email.unwrap_or_default());
                lookalike::person(user_id, name, email, self.email_verified)
            }),
            link_id: self.link_id.map(ShareId::from_uuid),
            level: self.level()?,
            namespaces: self.namespaces(),
            uses_left: self.uses_left.map(i32::unsigned_abs),
            expires_at: self.expires_at.map(Into::into),
            created_by: UserId::from_uuid(self.created_by),
            created_at: self.created_at.into(),
        })
    }
}

/// A link as whoever holds it sees it.
#[derive(Debug, FromQueryResult)]
pub(crate) struct LookRow {
    cluster_name: String,
    shared_by: String,
    level: String,
    namespaces: serde_json::Value,
    expires_at: Option<DateTimeUtc>,
}

impl LookRow {
    pub(crate) fn shown(self) -> Option<ShareFor> {
        Some(ShareFor {
            level: self.level.parse().ok()?,
            namespaces: serde_json::from_value(self.namespaces).unwrap_or_default(),
            cluster_name: self.cluster_name,
            shared_by: self.shared_by,
            expires_at: self.expires_at.map(Into::into),
        })
    }
}

/// Each with whom it is for.
fn found() -> String {
    format!(
        r#"select s.*, u.name, u.email, {EMAIL_VERIFIED} as email_verified
        from live_share s left join "user" u on u.id = s.user_id"#
    )
}

pub(crate) struct NewShare<'a> {
    pub(crate) id: ShareId,
    pub(crate) cluster: ClusterId,
    pub(crate) organization: OrganizationId,
    /// A link if absent.
    pub(crate) user: Option<UserId>,
    pub(crate) level: Level,
    pub(crate) namespaces: &'a [NamespaceGrant],
    pub(crate) hours: Option<f64>,
    pub(crate) uses: u32,
    pub(crate) created_by: UserId,
}

pub(crate) async fn insert<C: ConnectionTrait>(txn: &C, new: NewShare<'_>) -> Result<(), DbErr> {
    let text = "insert into share (id, organization_id, cluster_id, user_id, level, namespaces, uses_left, created_by, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))";
    let namespaces =
        serde_json::to_value(new.namespaces).map_err(|error| DbErr::Custom(error.to_string()))?;
    let uses = i32::try_from(new.uses).unwrap_or(i32::MAX);
    let values: [Value; 9] = [
        new.id.uuid().into(),
        new.organization.uuid().into(),
        new.cluster.uuid().into(),
        new.user.map(UserId::uuid).into(),
        new.level.as_str().into(),
        namespaces.into(),
        new.user.is_none().then_some(uses).into(),
        new.created_by.uuid().into(),
        new.hours.map(|hours| hours * 3600.0).into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// A share that is in force, or a link that has not run out of time. Only for those who may share the
/// cluster, or hold the link.
pub(crate) async fn find<C: ConnectionTrait>(
    connection: &C,
    id: ShareId,
) -> Result<Option<ShareRow>, DbErr> {
    let text = format!("{} where s.id = $1", found());
    ShareRow::find_by_statement(sql(&text, [id.uuid().into()]))
        .one(connection)
        .await
}

/// What a link gives, and who made it; also when its last use is gone, as who took it comes by it again.
pub(crate) async fn looked_at<C: ConnectionTrait>(
    connection: &C,
    link: ShareId,
) -> Result<Option<LookRow>, DbErr> {
    let text = r#"select c.name as cluster_name, u.name as shared_by, s.level, s.namespaces, s.expires_at
        from live_share s join cluster c on c.id = s.cluster_id join "user" u on u.id = s.created_by
        where s.id = $1 and s.user_id is null"#;
    LookRow::find_by_statement(sql(text, [link.uuid().into()]))
        .one(connection)
        .await
}

/// Those of a cluster that are in force, newest first.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
    before: Option<ShareId>,
    limit: u64,
) -> Result<Vec<ShareRow>, DbErr> {
    let text = format!(
        "{} where s.cluster_id = $1 and ($2::uuid is null or s.id < $2) order by s.id desc limit $3",
        found()
    );
    let values = [
        cluster.uuid().into(),
        before.map(ShareId::uuid).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    ShareRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// The links of a cluster that can still be taken, newest first.
pub(crate) async fn links<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
    limit: u64,
) -> Result<Vec<ShareRow>, DbErr> {
    let text = format!(
        "{} where s.cluster_id = $1 and s.uses_left > 0 order by s.id desc limit $2",
        found()
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    ShareRow::find_by_statement(sql(&text, [cluster.uuid().into(), limit.into()]))
        .all(connection)
        .await
}

/// The share that a person already has by a link.
pub(crate) async fn by_link<C: ConnectionTrait>(
    connection: &C,
    link: ShareId,
    user: UserId,
) -> Result<Option<ShareRow>, DbErr> {
    let text = format!("{} where s.link_id = $1 and s.user_id = $2", found());
    ShareRow::find_by_statement(sql(&text, [link.uuid().into(), user.uuid().into()]))
        .one(connection)
        .await
}

/// Whether a person took a link at any time; what they came by may have ended.
pub(crate) async fn was_taken<C: ConnectionTrait>(
    connection: &C,
    link: ShareId,
    user: UserId,
) -> Result<bool, DbErr> {
    let text = "select 1 from share where link_id = $1 and user_id = $2";
    let values = [link.uuid().into(), user.uuid().into()];
    let row = connection.query_one_raw(sql(text, values)).await?;
    Ok(row.is_some())
}

/// Locks a link, so that it is taken by one at a time.
pub(crate) async fn lock<C: ConnectionTrait>(txn: &C, link: ShareId) -> Result<(), DbErr> {
    let text = "select 1 from share where id = $1 for update";
    txn.execute_raw(sql(text, [link.uuid().into()]))
        .await
        .map(drop)
}

/// Takes one use of a link; false when somebody else took the last.
pub(crate) async fn take<C: ConnectionTrait>(txn: &C, link: ShareId) -> Result<bool, DbErr> {
    let text = "update share set uses_left = uses_left - 1
        where id = $1 and uses_left > 0 and ended_at is null and (expires_at is null or expires_at > now())";
    let done = txn.execute_raw(sql(text, [link.uuid().into()])).await?;
    Ok(done.rows_affected() == 1)
}

/// The share of who took a link: what the link gives, as long as the link is good.
pub(crate) async fn insert_taken<C: ConnectionTrait>(
    txn: &C,
    id: ShareId,
    link: ShareId,
    user: UserId,
) -> Result<(), DbErr> {
    let text = "insert into share (id, organization_id, cluster_id, user_id, link_id, level, namespaces, created_by, expires_at)
        select $1, organization_id, cluster_id, $3, id, level, namespaces, created_by, expires_at from share where id = $2";
    let values = [id.uuid().into(), link.uuid().into(), user.uuid().into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Ends a share, and with a link all that came by it. Gives the people who had them.
pub(crate) async fn end<C: ConnectionTrait>(txn: &C, id: ShareId) -> Result<Vec<UserId>, DbErr> {
    let text = "update share set ended_at = now() where (id = $1 or link_id = $1) and ended_at is null returning user_id";
    let rows = txn.query_all_raw(sql(text, [id.uuid().into()])).await?;
    let mut people = Vec::new();
    for row in rows {
        let user: Option<Uuid> = row.try_get("", "user_id")?;
        people.extend(user.map(UserId::from_uuid));
    }
    Ok(people)
}

/// Ends every share in an organization. Gives the people who had them, each with the cluster.
pub(crate) async fn end_all<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
) -> Result<Vec<(UserId, ClusterId)>, DbErr> {
    let text = "update share set ended_at = now() where organization_id = $1 and ended_at is null
        returning user_id, cluster_id";
    let mut ended = Vec::new();
    for row in txn
        .query_all_raw(sql(text, [organization.uuid().into()]))
        .await?
    {
        let (user, cluster): (Option<Uuid>, Uuid) =
            (row.try_get("", "user_id")?, row.try_get("", "cluster_id")?);
        let cluster = ClusterId::from_uuid(cluster);
        ended.extend(user.map(|user| (UserId::from_uuid(user), cluster)));
    }
    Ok(ended)
}

/// Ends the links of a person's making that can still be taken, and what they gave to themselves; with
/// `but_made` not those of clusters that they made. What others came by stays.
pub(crate) async fn withdraw<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    by: UserId,
    but_made: bool,
) -> Result<(), DbErr> {
    let text = "update share s set ended_at = now()
        where s.organization_id = $1 and s.created_by = $2 and s.ended_at is null
          and (s.user_id = $2 or s.uses_left > 0)
          and not ($3 and exists (select 1 from cluster c where c.id = s.cluster_id and c.created_by = $2))";
    let values = [
        organization.uuid().into(),
        by.uuid().into(),
        but_made.into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Ends what was shared with a person in an organization.
pub(crate) async fn end_of<C: ConnectionTrait>(
    txn: &C,
    organization: OrganizationId,
    user: UserId,
) -> Result<(), DbErr> {
    let text = "update share set ended_at = now() where organization_id = $1 and user_id = $2 and ended_at is null";
    let values = [organization.uuid().into(), user.uuid().into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Who made a cluster and is a member of its organization: they share it as its admins do.
pub(crate) async fn member_who_made<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
) -> Result<Option<UserId>, DbErr> {
    let text = "select m.user_id from cluster c
        join member m on m.organization_id = c.organization_id and m.user_id = c.created_by
        where c.id = $1 and m.role = 'member'";
    let row = connection
        .query_one_raw(sql(text, [cluster.uuid().into()]))
        .await?;
    row.map(|row| row.try_get("", "user_id").map(UserId::from_uuid))
        .transpose()
}

/// At the end that a share has, if it has one.
pub(crate) async fn at_share_end<C: ConnectionTrait>(txn: &C, share: ShareId) -> Result<(), DbErr> {
    let text = "insert into due (kind, key, at) select $1, $2, expires_at from share
        where id = $3 and expires_at is not null
        on conflict (kind, key) do update set at = excluded.at, tries = 0";
    let values = [
        Kind::Share.as_str().into(),
        share.to_string().into(),
        share.uuid().into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}
