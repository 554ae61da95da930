//! Clusters: rows as they are, finders that go through membership, and the few ways a row changes.

use api::cluster::{Cluster, Idle};
use domain::{
    ClusterHealth, ClusterId, ClusterStatus, Components, Desired, Goal, OrganizationId, Reason,
    Resources, Rights, Standing, TaskId, TaskKind, UserId, WorkspaceId,
};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::{
    access::{self, RIGHTS, within},
    postgres::{Word, read_reason, reason_value, sql},
};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct ClusterRow {
    pub(crate) id: Uuid,
    /// This and the next three are absent while it is warm: claimed by nobody.
    pub(crate) organization_id: Option<Uuid>,
    pub(crate) workspace_id: Option<Uuid>,
    pub(crate) created_by: Option<Uuid>,
    name: Option<String>,
    status: Word<ClusterStatus>,
    reason: Option<serde_json::Value>,
    pub(crate) k8s_version: String,
    pub(crate) driver: String,
    pub(crate) host_id: Option<String>,
    pub(crate) generation: i32,
    pub(crate) data_generation: i32,
    goal: Word<Goal>,
    resources: serde_json::Value,
    pub(crate) desired_rev: i64,
    pub(crate) api_port: Option<i32>,
    pub(crate) expires_at: Option<DateTimeUtc>,
    health: Word<ClusterHealth>,
    components: Option<serde_json::Value>,
    auto_stop_minutes: Option<i32>,
    used_at: DateTimeUtc,
    used_for: String,
    pub(crate) version: i64,
    pub(crate) created_at: DateTimeUtc,
    pub(crate) updated_at: DateTimeUtc,
    pub(crate) deleted_at: Option<DateTimeUtc>,
    task_id: Option<Uuid>,
    task_kind: Option<Word<TaskKind>>,
    /// What the asker holds on it, where the finder was asked for one.
    rights: Option<serde_json::Value>,
}

const COLUMNS: &str = "c.id, c.organization_id, c.workspace_id, c.created_by, c.name, c.status, c.reason,
    c.k8s_version, c.driver, c.host_id, c.generation, c.data_generation, c.goal, c.resources, c.desired_rev,
    c.api_port, c.expires_at, c.health, c.components, c.auto_stop_minutes, c.used_at, c.used_for, c.version, c.created_at,
    c.updated_at, c.deleted_at,
    (select t.id from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress')) as task_id,
    (select t.kind from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress')) as task_kind";

impl ClusterRow {
    pub(crate) fn id(&self) -> ClusterId {
        ClusterId::from_uuid(self.id)
    }
    /// `None` while it is warm.
    pub(crate) fn organization(&self) -> Option<OrganizationId> {
        self.organization_id.map(OrganizationId::from_uuid)
    }
    /// Its name, or what is said of one that has none yet.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("(warm)")
    }
    pub(crate) fn status(&self) -> ClusterStatus {
        self.status.0
    }
    pub(crate) fn open_task(&self) -> Option<TaskId> {
        self.task_id.map(TaskId::from_uuid)
    }
    /// Where it stands, for the rules.
    pub(crate) fn standing(&self) -> Standing {
        Standing {
            status: self.status(),
            open: self.task_kind.map(|kind| kind.0),
        }
    }
    pub(crate) fn rights(&self) -> Result<Rights, DbErr> {
        access::parse(self.rights.clone())
    }
    pub(crate) fn reason(&self) -> Option<Reason> {
        read_reason(self.reason.clone())
    }

    pub(crate) fn desired(&self) -> Desired {
        Desired {
            goal: self.goal.0,
            generation: self.generation.unsigned_abs(),
            data_generation: self.data_generation.unsigned_abs(),
            k8s_version: self.k8s_version.clone(),
            resources: self.resources(),
            api_port: self.api_port.and_then(|port| u16::try_from(port).ok()),
        }
    }

    pub(crate) fn resources(&self) -> Resources {
        serde_json::from_value(self.resources.clone()).unwrap_or_default()
    }

    /// As the API shows it; a warm one is shown to nobody.
    pub(crate) fn public(&self) -> Option<Cluster> {
        Some(Cluster {
            id: self.id(),
            organization_id: self.organization()?,
            workspace_id: self.workspace_id.map(WorkspaceId::from_uuid)?,
            name: self.name.clone()?,
            status: self.status(),
            reason: self.reason(),
            k8s_version: self.k8s_version.clone(),
            driver: self.driver.clone(),
            host: self.host_id.as_deref().and_then(|host| host.parse().ok()),
            generation: self.generation.unsigned_abs(),
            resources: self.resources(),
            created_by: self.created_by.map(UserId::from_uuid)?,
            created_at: self.created_at.into(),
            expires_at: self.expires_at?.into(),
            health: self.health.0,
            components: self.components(),
            auto_stop_minutes: self.auto_stop_minutes.map(i32::unsigned_abs),
            idle: self.idle(),
            deleted_at: self.deleted_at.map(Into::into),
            task_id: self.open_task(),
            version: self.version,
        })
    }

    /// What is known of its parts: nothing can be said of those of a silent host.
    fn components(&self) -> Option<Components> {
        let known = read_components(self.components.clone())?;
        match self.health.0 {
            _ if self.status() == ClusterStatus::Deleted => None,
            ClusterHealth::Ok => Some(known),
            _ => Some(Components::default()),
        }
    }

    /// Since when nobody uses it, where that has consequences.
    fn idle(&self) -> Option<Idle> {
        let minutes = self.auto_stop_minutes?;
        let stops_at = self.used_at + chrono::TimeDelta::minutes(minutes.into());
        (self.status() == ClusterStatus::Running).then(|| Idle {
            since: self.used_at.into(),
            because: self.used_for.clone(),
            stops_at: stops_at.into(),
        })
    }
}

pub(crate) fn read_components(column: Option<serde_json::Value>) -> Option<Components> {
    column.and_then(|json| serde_json::from_value(json).ok())
}

pub(crate) struct NewCluster<'a> {
    pub(crate) id: ClusterId,
    pub(crate) organization: OrganizationId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) created_by: UserId,
    pub(crate) name: &'a str,
    pub(crate) k8s_version: &'a str,
    pub(crate) driver: &'a str,
    pub(crate) resources: Resources,
    pub(crate) ttl_secs: f64,
    pub(crate) auto_stop_minutes: Option<u32>,
}

pub(crate) async fn insert<C: ConnectionTrait>(txn: &C, new: NewCluster<'_>) -> Result<(), DbErr> {
    let resources =
        serde_json::to_value(new.resources).map_err(|error| DbErr::Custom(error.to_string()))?;
    let text = "insert into cluster (id, organization_id, workspace_id, created_by, name, status, k8s_version, driver,
            goal, resources, expires_at, auto_stop_minutes)
        values ($1, $2, $3, $4, $5, 'PROVISIONING', $6, $7, 'running', $8, now() + make_interval(secs => $9), $10)";
    let values: [Value; 10] = [
        new.id.uuid().into(),
        new.organization.uuid().into(),
        new.workspace.uuid().into(),
        new.created_by.uuid().into(),
        new.name.into(),
        new.k8s_version.into(),
        new.driver.into(),
        resources.into(),
        new.ttl_secs.into(),
        new.auto_stop_minutes
            .and_then(|minutes| i32::try_from(minutes).ok())
            .into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// A cluster, if this person holds anything on it.
pub(crate) async fn find_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    cluster: ClusterId,
) -> Result<Option<ClusterRow>, DbErr> {
    let text = format!(
        "select {COLUMNS}, {RIGHTS} from cluster c where c.id = $2 and {}",
        within("c.organization_id", "c.id")
    );
    ClusterRow::find_by_statement(sql(&text, [user.uuid().into(), cluster.uuid().into()]))
        .one(connection)
        .await
}

/// The clusters in a person's own organization that are not on their way out.
pub(crate) async fn live_in_personal<C: ConnectionTrait>(
    txn: &C,
    user: UserId,
) -> Result<Vec<ClusterId>, DbErr> {
    let text =
        "select c.id from cluster c join organization o on o.id = c.organization_id and o.personal
        join member m on m.organization_id = o.id and m.user_id = $1
        where c.status not in ('DELETING', 'DELETED') order by c.id";
    let rows = txn.query_all_raw(sql(text, [user.uuid().into()])).await?;
    rows.iter()
        .map(|row| row.try_get("", "id").map(ClusterId::from_uuid))
        .collect()
}

/// What a list is narrowed to.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub(crate) name: Option<String>,
    pub(crate) workspace: Option<WorkspaceId>,
    /// The organization that a token is limited to.
    pub(crate) only: Option<OrganizationId>,
    pub(crate) deleted_too: bool,
    /// Only what is older than this one.
    pub(crate) before: Option<ClusterId>,
    pub(crate) limit: u64,
}

/// The clusters a person holds anything on, newest first: by when each became somebody's, since one
/// from the warm pool is older than its owner.
pub(crate) async fn list_for<C: ConnectionTrait>(
    connection: &C,
    user: UserId,
    filter: &Filter,
) -> Result<Vec<ClusterRow>, DbErr> {
    let text = format!(
        "select {COLUMNS}, null::jsonb as rights from cluster c
         where {} and ($2::text is null or c.name = $2) and ($3::uuid is null or c.workspace_id = $3)
           and ($4 or c.status <> 'DELETED') and ($7::uuid is null or c.organization_id = $7)
           and ($5::uuid is null or (c.created_at, c.id) < (select o.created_at, o.id from cluster o where o.id = $5))
         order by c.created_at desc, c.id desc limit $6",
        within("c.organization_id", "c.id")
    );
    let values: [Value; 7] = [
        user.uuid().into(),
        filter.name.clone().into(),
        filter.workspace.map(WorkspaceId::uuid).into(),
        filter.deleted_too.into(),
        filter.before.map(ClusterId::uuid).into(),
        i64::try_from(filter.limit).unwrap_or(i64::MAX).into(),
        filter.only.map(OrganizationId::uuid).into(),
    ];
    ClusterRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

/// A cluster, locked until the transaction ends. Only for those who have been authorized, or machines.
/// It is read by a statement of its own: one that had to wait for the lock would see the cluster as
/// it now is and its tasks as they were before the wait.
pub(crate) async fn lock<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
) -> Result<Option<ClusterRow>, DbErr> {
    let id: Value = cluster.uuid().into();
    let text = "select 1 from cluster where id = $1 for update";
    txn.execute_raw(sql(text, [id.clone()])).await?;
    let text = format!("select {COLUMNS}, null::jsonb as rights from cluster c where c.id = $1");
    ClusterRow::find_by_statement(sql(&text, [id]))
        .one(txn)
        .await
}

/// Moves the status, with the reason for it. The caller holds the row and has asked `may_become`.
/// With the deletion goes the cluster's key: no copy of its credential opens any more.
pub(crate) async fn set_status<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    status: ClusterStatus,
    reason: Option<&Reason>,
) -> Result<(), DbErr> {
    let text = "with shredded as (delete from cluster_key where cluster_id = $1 and $2 = 'DELETED')
        update cluster set status = $2, reason = $3, version = version + 1, updated_at = clock_timestamp(),
            deleted_at = case when $2 = 'DELETED' then now() else deleted_at end,
            admin_sealed = case when $2 = 'DELETED' then null else admin_sealed end
        where id = $1";
    let values = [
        cluster.uuid().into(),
        status.as_str().into(),
        reason_value(reason),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// Writes why it waits, without moving it.
pub(crate) async fn set_reason<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    reason: Option<&Reason>,
) -> Result<(), DbErr> {
    let text = "update cluster set reason = $2, version = version + 1, updated_at = clock_timestamp() where id = $1";
    txn.execute_raw(sql(text, [cluster.uuid().into(), reason_value(reason)]))
        .await
        .map(drop)
}

/// A new intent: the holder of the lease learns of it by its revision.
pub(crate) async fn set_goal<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    goal: Goal,
) -> Result<(), DbErr> {
    let text = "update cluster set goal = $2, desired_rev = desired_rev + 1 where id = $1";
    txn.execute_raw(sql(text, [cluster.uuid().into(), goal.as_str().into()]))
        .await
        .map(drop)
}

/// Adds to a cluster's life; false when the end would be too far away.
pub(crate) async fn extend<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    secs: f64,
    max_secs: f64,
) -> Result<bool, DbErr> {
    let text = "update cluster set expires_at = expires_at + make_interval(secs => $2), version = version + 1,
            updated_at = clock_timestamp()
        where id = $1 and expires_at + make_interval(secs => $2) <= now() + make_interval(secs => $3)";
    let done = txn
        .execute_raw(sql(
            text,
            [cluster.uuid().into(), secs.into(), max_secs.into()],
        ))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Keeps how its parts are; tells whether that is news. The caller holds the row.
pub(crate) async fn set_components<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    components: Components,
) -> Result<bool, DbErr> {
    let text =
        "update cluster set components = $2 where id = $1 and components is distinct from $2";
    let json =
        serde_json::to_value(components).map_err(|error| DbErr::Custom(error.to_string()))?;
    let done = txn
        .execute_raw(sql(text, [cluster.uuid().into(), json.into()]))
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A change that nothing else makes: a new version, for those who compare.
pub(crate) async fn touch<C: ConnectionTrait>(txn: &C, cluster: ClusterId) -> Result<(), DbErr> {
    let text =
        "update cluster set version = version + 1, updated_at = clock_timestamp() where id = $1";
    txn.execute_raw(sql(text, [cluster.uuid().into()]))
        .await
        .map(drop)
}

pub(crate) async fn set_api_port<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    port: u16,
) -> Result<(), DbErr> {
    let text = "update cluster set api_port = $2 where id = $1 and api_port is null";
    txn.execute_raw(sql(text, [cluster.uuid().into(), i32::from(port).into()]))
        .await
        .map(drop)
}

/// A person's number inside a cluster, given on first use. The caller holds the cluster's row.
pub(crate) async fn person_number<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    user: UserId,
) -> Result<u32, DbErr> {
    let values: [Value; 2] = [cluster.uuid().into(), user.uuid().into()];
    let text = "insert into cluster_person (cluster_id, user_id, number)
        values ($1, $2, (select coalesce(max(number) + 1, 0) from cluster_person where cluster_id = $1))
        on conflict (cluster_id, user_id) do nothing";
    txn.execute_raw(sql(text, values.clone())).await?;
    let text = "select number from cluster_person where cluster_id = $1 and user_id = $2";
    let row = txn
        .query_one_raw(sql(text, values))
        .await?
        .ok_or(DbErr::RecordNotInserted)?;
    let number: i32 = row.try_get("", "number")?;
    Ok(number.unsigned_abs())
}
