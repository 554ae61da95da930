//! Hosts: what they reported, what is reserved on them; and the installation's ID.

use api::{
    bus::{InventoryRequest, Item},
    health::Check,
};
use domain::{ClusterId, Components, HostId};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value};

use crate::{clusters::cluster, kernel::postgres::sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct HostRow {
    pub(crate) memory_free_mib: i64,
    pub(crate) disk_mib: i64,
    pub(crate) disk_free_mib: i64,
}

/// A host that asks for work and has not reported yet is known by its name alone.
pub(crate) async fn ensure<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    driver: &str,
) -> Result<(), DbErr> {
    let text = "insert into host (id, driver) values ($1, $2) on conflict (id) do nothing";
    txn.execute_raw(sql(text, [host.as_str().into(), driver.into()]))
        .await
        .map(drop)
}

/// The host's row, locked: whoever holds it may reserve.
pub(crate) async fn lock<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
) -> Result<Option<HostRow>, DbErr> {
    let text = "select memory_free_mib, disk_mib, disk_free_mib from host where id = $1 for update";
    HostRow::find_by_statement(sql(text, [host.as_str().into()]))
        .one(txn)
        .await
}

/// What a host keeps free; below it takes no new clusters.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) memory_mib: i64,
    pub(crate) disk_percent: i64,
}

/// Whether another host of this driver, heard of lately, has room.
pub(crate) async fn room_elsewhere<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    driver: &str,
    kept: Kept,
) -> Result<bool, DbErr> {
    let text = "select 1 as one from host where id <> $1 and driver = $2
        and last_seen_at > now() - interval '30 seconds'
        and (disk_mib = 0 or (memory_free_mib >= $3 and 100 * disk_free_mib / disk_mib >= $4)) limit 1";
    let values: [Value; 4] = [
        host.as_str().into(),
        driver.into(),
        kept.memory_mib.into(),
        kept.disk_percent.into(),
    ];
    Ok(txn.query_one_raw(sql(text, values)).await?.is_some())
}

/// What a host's latest inventory said of its nodes, if that was complete.
pub(crate) async fn latest_items<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
) -> Result<Option<Vec<Item>>, DbErr> {
    let text = "select facts -> 'items' as items from host where id = $1 and (facts -> 'complete')::boolean";
    let row = connection
        .query_one_raw(sql(text, [host.as_str().into()]))
        .await?;
    let items: Option<serde_json::Value> = row.map(|row| row.try_get("", "items")).transpose()?;
    Ok(items.and_then(|items| serde_json::from_value(items).ok()))
}

/// A cluster on which nobody has worked for a while, and what its host should have of it.
pub(crate) struct Settled {
    pub(crate) cluster: ClusterId,
    pub(crate) generation: u32,
    pub(crate) runs: bool,
    /// How its parts were, as last known.
    pub(crate) components: Option<Components>,
}

/// Clusters of a host that rest where they should, running or stopped.
pub(crate) async fn settled<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    quiet_secs: u32,
) -> Result<Vec<Settled>, DbErr> {
    let text = "select c.id, c.generation, c.status = 'RUNNING' as runs, c.components from cluster c
        where c.host_id = $1 and (c.status, c.goal) in (('RUNNING', 'running'), ('STOPPED', 'stopped'))
          and not exists (select 1 from task t where t.cluster_id = c.id
            and (t.status in ('pending', 'in_progress') or t.ended_at > now() - make_interval(secs => $2)))
        order by c.id";
    let values = [host.as_str().into(), f64::from(quiet_secs).into()];
    let rows = connection.query_all_raw(sql(text, values)).await?;
    rows.iter()
        .map(|row| {
            let generation: i32 = row.try_get("", "generation")?;
            Ok(Settled {
                cluster: ClusterId::from_uuid(row.try_get("", "id")?),
                generation: generation.unsigned_abs(),
                runs: row.try_get("", "runs")?,
                components: cluster::sql::read_components(row.try_get("", "components")?),
            })
        })
        .collect()
}

/// What a host says of itself.
pub(crate) async fn report<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    inventory: &InventoryRequest,
    checks: &[Check],
    fence: i64,
) -> Result<(), DbErr> {
    let facts = serde_json::json!({
        "worker": inventory.worker,
        "checks": checks,
        "versions": inventory.versions,
        "items": inventory.items,
        "complete": inventory.complete,
    });
    let text = "insert into host (id, driver, last_seen_at, slots, cpu_millis, memory_mib, memory_free_mib, disk_mib,
            disk_free_mib, highest_fence, facts, load_hundredths, pool_wanted)
        values ($1, $2, now(), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (id) do update set driver = excluded.driver, last_seen_at = now(), slots = excluded.slots,
            cpu_millis = excluded.cpu_millis, memory_mib = excluded.memory_mib,
            memory_free_mib = excluded.memory_free_mib, disk_mib = excluded.disk_mib,
            disk_free_mib = excluded.disk_free_mib,
            highest_fence = greatest(host.highest_fence, excluded.highest_fence),
            facts = excluded.facts || jsonb_build_object('told', host.facts -> 'told'),
            load_hundredths = excluded.load_hundredths, pool_wanted = excluded.pool_wanted";
    let large = |mib: u64| Value::from(i64::try_from(mib).unwrap_or(i64::MAX));
    let capacity = inventory.capacity;
    let values: [Value; 12] = [
        host.as_str().into(),
        inventory.driver.as_str().into(),
        i32::try_from(inventory.slots).unwrap_or(i32::MAX).into(),
        large(capacity.cpu_millis.into()),
        large(capacity.memory_mib.into()),
        large(capacity.memory_free_mib.into()),
        large(capacity.disk_mib),
        large(capacity.disk_free_mib),
        fence.into(),
        facts.into(),
        i32::try_from(capacity.load_hundredths)
            .unwrap_or(i32::MAX)
            .into(),
        i32::try_from(inventory.pool).unwrap_or(i32::MAX).into(),
    ];
    connection.execute_raw(sql(text, values)).await.map(drop)
}

/// Keeps what administrators are told of a host; false when they were told just that.
pub(crate) async fn told<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    words: &str,
) -> Result<bool, DbErr> {
    // One that never reported has no facts: their absence says so.
    let text = "update host set facts = jsonb_set(facts, '{told}', to_jsonb($2::text))
        where id = $1 and facts <> '{}' and facts ->> 'told' is distinct from $2";
    let done = txn
        .execute_raw(sql(text, [host.as_str().into(), words.into()]))
        .await?;
    Ok(done.rows_affected() == 1)
}
