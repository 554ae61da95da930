//! Who may act on which cluster: leases, fences, and the order in which work is handed out.

use api::bus::AcquireRequest;
use domain::{ClusterId, HostId, WorkerId};
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::sql;

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

/// Ends what earlier asks of the worker's present life were given and never heard of. A late or
/// doubled ask ends nothing that a later one was given.
pub(crate) async fn end_unheard<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    request: &AcquireRequest,
) -> Result<u64, DbErr> {
    let text = "update cluster set lease_until = null
        where worker = $1 and host_id = $2 and worker_life = $3 and lease_until is not null and worker_ask < $4
          and fence not in (select held::bigint from jsonb_array_elements_text($5) as held)";
    let values: [Value; 5] = [
        request.worker.as_str().into(),
        host.as_str().into(),
        request.boot_id.to_string().into(),
        ask(request).into(),
        serde_json::json!(request.held).into(),
    ];
    Ok(txn.execute_raw(sql(text, values)).await?.rows_affected())
}

fn ask(request: &AcquireRequest) -> i64 {
    i64::try_from(request.acquire_seq).unwrap_or(i64::MAX)
}

/// Ends the leases of a worker's present life; gives how many.
pub(crate) async fn end_life<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    worker: &WorkerId,
    life: u64,
) -> Result<u64, DbErr> {
    let text = "update cluster set lease_until = null
        where worker = $1 and host_id = $2 and worker_life = $3 and lease_until is not null";
    let values = [
        worker.as_str().into(),
        host.as_str().into(),
        life.to_string().into(),
    ];
    Ok(connection
        .execute_raw(sql(text, values))
        .await?
        .rows_affected())
}

/// What a host is given of the work there is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// False: only what stops or deletes.
    pub(crate) builds: bool,
    /// At most so much of what is new to every host.
    pub(crate) room: i64,
    pub(crate) limit: u32,
}

/// The best work for a host, its rows locked, in the order of the view `work_queue`. When more than a third of the live leases ran out
/// within 30 s, nobody takes over for 60 s more. What is open on a cluster is to be read under its
/// lock: the join's tasks may be older than the rows that are locked here.
pub(crate) async fn next_work<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    driver: &str,
    wanted: Wanted,
) -> Result<Vec<ClusterId>, DbErr> {
    let text = format!(
        "with ran_out as (
            select lease_until,
                count(*) over (order by lease_until range between interval '30 seconds' preceding and current row)
                    as together
            from cluster where lease_until <= now() and lease_until > now() - interval '90 seconds'
        ), brake as (
            select exists (
                select 1 from ran_out where lease_until > now() - interval '60 seconds'
                    and together >= {BRAKE_LEASES}
                    and together * 3 > together + (select count(*) from cluster where lease_until > now())
            ) as pulled
        ), ready as (
            select q.cluster_id, q.place,
                q.host_id is not null or count(*) filter (where q.host_id is null) over (order by q.place) <= $3 as fits
            from work_queue q, brake
            where q.driver = $1 and (q.host_id = $2 or q.host_id is null) and ($5 or not q.builds)
              and (q.lease_until is null
                or q.lease_until < now() - case when brake.pulled then interval '60 seconds' else interval '0' end)
        )
        select c.id from cluster c join ready r on r.cluster_id = c.id
        where r.fits and (c.lease_until is null or c.lease_until <= now())
        order by r.place
        limit $4 for update of c skip locked"
    );
    let values: [Value; 5] = [
        driver.into(),
        host.as_str().into(),
        wanted.room.into(),
        i64::from(wanted.limit).into(),
        wanted.builds.into(),
    ];
    let rows = txn.query_all_raw(sql(&text, values)).await?;
    rows.iter()
        .map(|row| Ok(ClusterId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// Clusters that no host has taken and that have not been told why they wait, their rows locked.
pub(crate) async fn waiting<C: ConnectionTrait>(
    txn: &C,
    driver: &str,
    limit: u32,
) -> Result<Vec<ClusterId>, DbErr> {
    let text = "select c.id from cluster c
        where c.driver = $1 and c.host_id is null and c.goal = 'running' and c.lease_until is null
          and c.status = 'PROVISIONING' and (c.reason is null or c.reason ->> 'code' = 'no_host')
        order by c.id limit $2 for update skip locked";
    let rows = txn
        .query_all_raw(sql(text, [driver.into(), i64::from(limit).into()]))
        .await?;
    rows.iter()
        .map(|row| Ok(ClusterId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// Hands a cluster to a worker; gives the fence.
pub(crate) async fn grant<C: ConnectionTrait>(
    txn: &C,
    cluster: ClusterId,
    host: &HostId,
    request: &AcquireRequest,
    secs: u32,
) -> Result<i64, DbErr> {
    let text = "update cluster set fence = nextval('fence'), lease_until = now() + make_interval(secs => $5),
            worker = $3, worker_life = $4, worker_ask = $6, host_id = $2
        where id = $1 returning fence";
    let values: [Value; 6] = [
        cluster.uuid().into(),
        host.as_str().into(),
        request.worker.as_str().into(),
        request.boot_id.to_string().into(),
        f64::from(secs).into(),
        ask(request).into(),
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
        where id = $1 and host_id = $2 and (fence = $3 or $5) and lease_until is not null returning desired_rev";
    let values: [Value; 5] = [
        cluster.uuid().into(),
        host.as_str().into(),
        fence.into(),
        f64::from(secs).into(),
        (!crash::fences_checked()).into(),
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

/// Says with which fence this transaction writes, to whoever looks on in a test of faults.
#[cfg(feature = "chaos")]
pub(crate) async fn say_fence<C: ConnectionTrait>(txn: &C, fence: i64) -> Result<(), DbErr> {
    let text = "select set_config('labyard.fence', $1, true)";
    txn.execute_raw(sql(text, [fence.to_string().into()]))
        .await
        .map(drop)
}
