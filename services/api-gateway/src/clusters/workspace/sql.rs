//! Workspaces: rows as they are, what they hold and may hold, finders that go through membership.

use api::organization::{Quota, Used, WorkspaceDetail};
use domain::{ClusterStatus, OrganizationId, Reason, Role, UserId, WorkspaceId, WorkspaceStatus};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct WorkspaceRow {
    pub(crate) id: Uuid,
    pub(crate) organization_id: Uuid,
    pub(crate) name: String,
    created_at: DateTimeUtc,
    role: Word<Role>,
    quota_clusters: Option<i32>,
    quota_cpu_millis: Option<i32>,
    quota_memory_mib: Option<i32>,
    quota_cluster_hours: Option<i32>,
}

fn whole(value: Option<i32>) -> Option<u32> {
    value.map(i32::unsigned_abs)
}

impl WorkspaceRow {
    pub(crate) fn id(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.id)
    }

    pub(crate) fn organization(&self) -> OrganizationId {
        OrganizationId::from_uuid(self.organization_id)
    }

    pub(crate) fn role(&self) -> Role {
        self.role.0
    }

    pub(crate) fn quota(&self) -> Quota {
        Quota {
            clusters: whole(self.quota_clusters),
            cpu_millis: whole(self.quota_cpu_millis),
            memory_mib: whole(self.quota_memory_mib),
            cluster_hours: whole(self.quota_cluster_hours),
        }
    }

    pub(crate) fn public(
        &self,
        used: Used,
        status: WorkspaceStatus,
        full: Option<Reason>,
    ) -> Option<WorkspaceDetail> {
        Some(WorkspaceDetail {
            id: self.id(),
            organization_id: self.organization(),
            name: self.name.clone(),
            role: self.role(),
            status,
            full,
            quota: self.quota(),
            used,
            created_at: self.created_at.into(),
        })
    }
}

const FOUND: &str = "select w.*, m.role from workspace w
    join member m on m.organization_id = w.organization_id and m.user_id = $1
    join organization o on o.id = w.organization_id and w.deleted_at is null";

/// The workspaces a person may see, of one organization or of all.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    organization: Option<OrganizationId>,
) -> Result<Vec<WorkspaceRow>, DbErr> {
    let text = format!(
        "{FOUND} where $2::uuid is null or o.id = $2 order by o.personal desc, o.name, w.created_at, w.id"
    );
    let values = [
        user.uuid().into(),
        organization.map(OrganizationId::uuid).into(),
    ];
    WorkspaceRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// One workspace, if this person may see it; their own default one when none is named, a pipeline's the
/// first of its organization.
pub(crate) async fn find_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    workspace: Option<WorkspaceId>,
) -> Result<Option<WorkspaceRow>, DbErr> {
    let text = format!(
        r#"{FOUND} where w.id = $2 or ($2::uuid is null
            and (o.personal or o.id = (select u.service_of from "user" u where u.id = $1)))
            order by w.created_at limit 1"#
    );
    let values = [user.uuid().into(), workspace.map(WorkspaceId::uuid).into()];
    WorkspaceRow::find_by_statement(sql(&text, values))
        .one(connection)
        .await
}

/// A workspace of somebody's cluster, locked, so that what it holds is counted by one at a time.
pub(crate) async fn lock<C: ConnectionTrait>(txn: &C, id: WorkspaceId) -> Result<(), DbErr> {
    let text = "select 1 from workspace where id = $1 for update";
    txn.execute_raw(sql(text, [id.uuid().into()]))
        .await
        .map(drop)
}

/// Its name and quota, under its lock.
pub(crate) async fn quota<C: ConnectionTrait>(
    txn: &C,
    id: WorkspaceId,
) -> Result<Option<(String, Quota)>, DbErr> {
    let text = "select w.*, 'viewer' as role from workspace w where w.id = $1";
    let row = WorkspaceRow::find_by_statement(sql(text, [id.uuid().into()]))
        .one(txn)
        .await?;
    Ok(row.map(|row| (row.name.clone(), row.quota())))
}

/// What it holds, as its quota counts it.
pub(crate) async fn used<C: ConnectionTrait>(
    connection: &C,
    id: WorkspaceId,
) -> Result<Used, DbErr> {
    let text = "select * from workspace_used($1)";
    let Some(row) = connection
        .query_one_raw(sql(text, [id.uuid().into()]))
        .await?
    else {
        return Ok(Used::default());
    };
    let number = |name: &str| -> Result<u32, DbErr> {
        let value: i64 = row.try_get("", name)?;
        Ok(u32::try_from(value).unwrap_or(u32::MAX))
    };
    Ok(Used {
        clusters: number("clusters")?,
        cpu_millis: number("cpu_millis")?,
        memory_mib: number("memory_mib")?,
        cluster_hours: row.try_get("", "cluster_hours")?,
    })
}

/// Seconds until the next month begins, which counts its own hours; else until the first of its clusters
/// ends by itself, if it has one.
pub(crate) async fn more_in_secs<C: ConnectionTrait>(
    connection: &C,
    id: WorkspaceId,
    by_hours: bool,
) -> Result<Option<u64>, DbErr> {
    let text = match by_hours {
        true => {
            "select (date_trunc('month', now() at time zone 'UTC') + interval '1 month') at time zone 'UTC' as comes
             where $1::uuid is not null"
        }
        false => {
            "select min(expires_at) as comes from cluster where workspace_id = $1 and status not in ('DELETING', 'DELETED')"
        }
    };
    let text = format!(
        "select ceil(extract(epoch from greatest(comes - now(), interval '1 second')))::bigint as secs from ({text}) as next
         where comes is not null"
    );
    let row = connection
        .query_one_raw(sql(&text, [id.uuid().into()]))
        .await?;
    let secs = row.map(|row| row.try_get::<i64>("", "secs")).transpose()?;
    Ok(secs.map(i64::unsigned_abs))
}

/// The statuses that its clusters have, each once.
pub(crate) async fn statuses<C: ConnectionTrait>(
    connection: &C,
    id: WorkspaceId,
) -> Result<Vec<ClusterStatus>, DbErr> {
    let text =
        "select distinct status from cluster where workspace_id = $1 and status <> 'DELETED'";
    let rows = connection
        .query_all_raw(sql(text, [id.uuid().into()]))
        .await?;
    rows.iter()
        .map(|row| {
            let status: Word<ClusterStatus> = row.try_get("", "status")?;
            Ok(status.0)
        })
        .collect()
}

pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: WorkspaceId,
    organization: OrganizationId,
    name: &str,
) -> Result<(), DbErr> {
    let text = "insert into workspace (id, organization_id, name) values ($1, $2, $3)";
    let values = [id.uuid().into(), organization.uuid().into(), name.into()];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

pub(crate) async fn rename<C: ConnectionTrait>(
    txn: &C,
    id: WorkspaceId,
    name: &str,
) -> Result<(), DbErr> {
    let text = "update workspace set name = $2 where id = $1";
    txn.execute_raw(sql(text, [id.uuid().into(), name.into()]))
        .await
        .map(drop)
}

pub(crate) async fn set_quota<C: ConnectionTrait>(
    txn: &C,
    id: WorkspaceId,
    quota: Quota,
) -> Result<(), DbErr> {
    let text =
        "update workspace set quota_clusters = $2, quota_cpu_millis = $3, quota_memory_mib = $4,
            quota_cluster_hours = $5 where id = $1";
    let whole = |value: Option<u32>| -> Value {
        value
            .map(|value| i32::try_from(value).unwrap_or(i32::MAX))
            .into()
    };
    let values = [
        id.uuid().into(),
        whole(quota.clusters),
        whole(quota.cpu_millis),
        whole(quota.memory_mib),
        whole(quota.cluster_hours),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Whether a cluster is in it that is not deleted.
pub(crate) async fn in_use<C: ConnectionTrait>(txn: &C, id: WorkspaceId) -> Result<bool, DbErr> {
    let text = "select exists (select 1 from cluster where workspace_id = $1 and status <> 'DELETED') as found";
    let row = txn.query_one_raw(sql(text, [id.uuid().into()])).await?;
    row.map_or(Ok(false), |row| row.try_get("", "found"))
}

pub(crate) async fn delete<C: ConnectionTrait>(txn: &C, id: WorkspaceId) -> Result<(), DbErr> {
    let text = "update workspace set deleted_at = now() where id = $1";
    txn.execute_raw(sql(text, [id.uuid().into()]))
        .await
        .map(drop)
}

/// The webhooks of a workspace go with it.
pub(crate) async fn delete_webhooks<C: ConnectionTrait>(
    txn: &C,
    workspace: WorkspaceId,
) -> Result<(), DbErr> {
    let text = "delete from webhook where workspace_id = $1";
    txn.execute_raw(sql(text, [workspace.uuid().into()]))
        .await
        .map(drop)
}
