//! Warm clusters: rows without an owner, and how one becomes somebody's.

use domain::{ClusterId, ClusterStatus, HostId, Resources};
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::{
    clusters::cluster::sql::NewCluster,
    kernel::postgres::{Word, sql},
};

/// Gives the oldest warm cluster that answers to whom `new` names; its ID is the warm one's, not `new`'s.
pub(crate) async fn claim<C: ConnectionTrait>(
    txn: &C,
    new: &NewCluster<'_>,
    silent_secs: u32,
) -> Result<Option<ClusterId>, DbErr> {
    let text = "update cluster set organization_id = $1, workspace_id = $2, created_by = $3, name = $4,
            expires_at = now() + make_interval(secs => $5), auto_stop_minutes = $6, created_at = now(),
            used_at = now(), used_for = 'create', version = version + 1, updated_at = clock_timestamp()
        where id = (
            select c.id from cluster c join host h on h.id = c.host_id
            where c.organization_id is null and c.status = 'RUNNING' and c.goal = 'running' and c.health = 'OK'
              and c.k8s_version = $7 and c.driver = $8 and c.resources = $9
              and h.last_seen_at > now() - make_interval(secs => $10)
              and not exists (
                select 1 from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress'))
            order by c.id limit 1 for update of c skip locked)
        returning id";
    let resources =
        serde_json::to_value(new.resources).map_err(|error| DbErr::Custom(error.to_string()))?;
    let minutes = new
        .auto_stop_minutes
        .and_then(|minutes| i32::try_from(minutes).ok());
    let values: [Value; 10] = [
        new.organization.uuid().into(),
        new.workspace.uuid().into(),
        new.created_by.uuid().into(),
        new.name.into(),
        new.ttl_secs.into(),
        minutes.into(),
        new.k8s_version.into(),
        new.driver.into(),
        resources.into(),
        f64::from(silent_secs).into(),
    ];
    let row = txn.query_one_raw(sql(text, values)).await?;
    row.map(|row| Ok(ClusterId::from_uuid(row.try_get("", "id")?)))
        .transpose()
}

/// A new warm cluster on a host, as a row that a worker will make true.
pub(crate) async fn insert<C: ConnectionTrait>(
    txn: &C,
    id: ClusterId,
    host: &HostId,
    driver: &str,
    version: &str,
    resources: Resources,
) -> Result<(), DbErr> {
    let resources =
        serde_json::to_value(resources).map_err(|error| DbErr::Custom(error.to_string()))?;
    let text = "insert into cluster (id, status, k8s_version, driver, host_id, goal, resources)
        values ($1, 'PROVISIONING', $2, $3, $4, 'running', $5)";
    let values: [Value; 5] = [
        id.uuid().into(),
        version.into(),
        driver.into(),
        host.as_str().into(),
        resources.into(),
    ];
    txn.execute_raw(sql(text, values)).await.map(drop)
}

/// What a host has and wants of warm clusters.
pub(crate) struct Wish {
    pub(crate) driver: String,
    /// Of each version.
    pub(crate) wanted: i32,
    pub(crate) versions: Vec<String>,
    pub(crate) memory_free_mib: i64,
    /// The pool is paused, the host is silent, people's work waits for this driver, or the last try
    /// has just failed.
    pub(crate) held: bool,
}

/// Looks at a host whose pool is to be filled; `None` if it is not known.
pub(crate) async fn wish<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    silent_secs: u32,
) -> Result<Option<Wish>, DbErr> {
    let text = "select h.driver, h.pool_wanted, coalesce(h.facts -> 'versions', '[]') as versions, h.memory_free_mib,
            i.pool_paused or i.locked is not null or h.last_seen_at <= now() - make_interval(secs => $2)
                or exists (select 1 from work_queue q where q.driver = h.driver and q.builds and not q.warm)
                or exists (
                    select 1 from task t join cluster c on c.id = t.cluster_id and c.host_id = h.id
                    where t.status = 'failed' and t.organization_id is null
                      and t.ended_at > now() - interval '60 seconds') as held
        from host h, installation i where h.id = $1";
    let values = [host.as_str().into(), f64::from(silent_secs).into()];
    let Some(row) = txn.query_one_raw(sql(text, values)).await? else {
        return Ok(None);
    };
    let versions: serde_json::Value = row.try_get("", "versions")?;
    Ok(Some(Wish {
        driver: row.try_get("", "driver")?,
        wanted: row.try_get("", "pool_wanted")?,
        versions: serde_json::from_value(versions).unwrap_or_default(),
        memory_free_mib: row.try_get("", "memory_free_mib")?,
        held: row.try_get("", "held")?,
    }))
}

/// A warm cluster of a host, locked.
pub(crate) struct Warm {
    pub(crate) id: ClusterId,
    pub(crate) version: String,
    pub(crate) status: ClusterStatus,
}

/// The warm clusters of a host that are not going, newest first; those that somebody claims or
/// works on right now are left out, so this never waits.
pub(crate) async fn of_host<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
) -> Result<Vec<Warm>, DbErr> {
    let text = "select id, k8s_version, status from cluster
        where host_id = $1 and organization_id is null and goal <> 'deleted'
        order by id desc for update skip locked";
    let rows = txn.query_all_raw(sql(text, [host.as_str().into()])).await?;
    rows.iter()
        .map(|row| {
            let status: Word<ClusterStatus> = row.try_get("", "status")?;
            Ok(Warm {
                id: ClusterId::from_uuid(row.try_get("", "id")?),
                version: row.try_get("", "k8s_version")?,
                status: status.0,
            })
        })
        .collect()
}
