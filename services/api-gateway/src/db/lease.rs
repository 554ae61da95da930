//! Who may act on which cluster: leases, fences, and the order in which work is handed out.

use domain::{ClusterId, HostId, TaskId, WorkerId};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::sql;

/// A cluster whose open task waits for a worker.
pub(crate) struct Work {
    pub(crate) cluster: ClusterId,
    pub(crate) task: TaskId,
}

/// With so many leases run out at once, something larger than one worker is wrong.
const BRAKE_LEASES: i64 = 5;

/// Ends the leases of a worker's earlier lives.
pub(crate) async fn end_earlier_lives<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    worker: &WorkerId,
    life: u64,
) -> Result<u64, DbErr> {
    let text = "update cluster set lease_until = null
        where worker = $1 and host_id = $2 and worker_life <> $3 and lease_until is not null";
    let values = [
        worker.as_str().into(),
        host.as_str().into(),
        life.to_string().into(),
    ];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}

/// The best work for a host, its rows locked: stop and delete first, people before the pool, the
/// organization with least under way, then age. Nobody takes over while more than a third of the
/// live leases ran out within 30 s.
pub(crate) async fn next_work<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    driver: &str,
    new_allowed: bool,
    limit: u32,
) -> Result<Vec<Work>, DbErr> {
    let text = format!(
        "with brake as (
            select count(*) filter (where lease_until <= now() and lease_until > now() - interval '30 seconds') as ran_out,
                   count(*) filter (where lease_until > now()) as live
            from cluster where lease_until is not null
        )
        select c.id, t.id as task_id
        from cluster c join task t on t.cluster_id = c.id and t.status in ('pending', 'in_progress'), brake
        where c.driver = $1 and (c.host_id = $2 or (c.host_id is null and $3))
          and (c.lease_until is null or c.lease_until < now() - case
                when brake.ran_out >= {BRAKE_LEASES} and brake.ran_out * 3 > brake.live + brake.ran_out
                then interval '60 seconds' else interval '0' end)
        order by c.goal = 'running', c.organization_id is null,
            (select count(*) from cluster o where o.organization_id = c.organization_id and o.lease_until > now()),
            t.created_at
        limit $4 for update of c skip locked"
    );
    let values: [Value; 4] = [
        driver.into(),
        host.as_str().into(),
        new_allowed.into(),
        i64::from(limit).into(),
    ];
    let rows = txn.query_all_raw(sql(&text, values)).await?;
    rows.iter()
        .map(|row| {
            Ok(Work {
                cluster: ClusterId::from_uuid(row.try_get("", "id")?),
                task: TaskId::from_uuid(row.try_get("", "task_id")?),
            })
        })
        .collect()
}

/// Hands a cluster to a worker; gives the fence.
pub(crate) async fn grant<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    host: &HostId,
    worker: &WorkerId,
    life: u64,
    secs: u32,
) -> Result<i64, DbErr> {
    let text = "update cluster set fence = nextval('fence'), lease_until = now() + make_interval(secs => $5),
            worker = $3, worker_life = $4, host_id = $2
        where id = $1 returning fence";
    let values: [Value; 5] = [
        cluster.uuid().into(),
        host.as_str().into(),
        worker.as_str().into(),
        life.to_string().into(),
        f64::from(secs).into(),
    ];
    let row = txn
        .query_one_raw(sql(text, values))
        .await?
        .ok_or(DbErr::RecordNotUpdated)?;
    row.try_get("", "fence")
}

/// Renews one lease that still stands; gives the cluster's `desired_rev`.
pub(crate) async fn renew<C: ConnectionTrait>(
    connection: &C,
    cluster: ClusterId,
    host: &HostId,
    fence: i64,
    secs: u32,
) -> Result<Option<i64>, DbErr> {
    let text = "update cluster set lease_until = now() + make_interval(secs => $4)
        where id = $1 and host_id = $2 and fence = $3 and lease_until is not null returning desired_rev";
    let values: [Value; 4] = [
        cluster.uuid().into(),
        host.as_str().into(),
        fence.into(),
        f64::from(secs).into(),
    ];
    let row = connection.query_one_raw(sql(text, values)).await?;
    row.map(|row| row.try_get("", "desired_rev")).transpose()
}

/// Whether this fence still holds the cluster. The caller holds the row.
pub(crate) async fn holds<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    host: &HostId,
    fence: i64,
) -> Result<bool, DbErr> {
    let text = "select 1 as one from cluster where id = $1 and host_id = $2 and fence = $3 and lease_until is not null";
    let values = [cluster.uuid().into(), host.as_str().into(), fence.into()];
    Ok(txn.query_one_raw(sql(text, values)).await?.is_some())
}

pub(crate) async fn release<C: ConnectionTrait>(txn: &C, cluster: ClusterId) -> Result<(), DbErr> {
    let text =
        "update cluster set lease_until = null, worker = null, worker_life = null where id = $1";
    txn.execute_raw(sql(text, [cluster.uuid().into()]))
        .await
        .map(drop)
}
