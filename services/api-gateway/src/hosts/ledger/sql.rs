//! The ledger: what was found on hosts and belongs to no cluster that lives.

use std::collections::HashMap;

use api::{bus::Item, host::Orphan};
use domain::{
    ClusterId, ClusterStatus, HostId,
    ledger::{Entry, Known},
};
use sea_orm::{ConnectionTrait, DbErr, prelude::DateTimeUtc};
use uuid::Uuid;

use crate::kernel::postgres::{Word, sql};

/// What is known of the clusters that a listing names.
pub(crate) async fn known<C: ConnectionTrait>(
    connection: &C,
    items: &[Item],
) -> Result<HashMap<ClusterId, Known>, DbErr> {
    let mut ids: Vec<String> = items
        .iter()
        .map(|item| item.cluster.uuid().to_string())
        .collect();
    ids.sort();
    ids.dedup();
    let text = "select c.id, c.status, c.host_id, c.generation, c.data_generation,
            exists (select 1 from task t where t.cluster_id = c.id and t.status in ('pending', 'in_progress')) as open
        from cluster c where c.id in (select jsonb_array_elements_text($1)::uuid)";
    let rows = connection
        .query_all_raw(sql(text, [serde_json::json!(ids).into()]))
        .await?;
    rows.iter()
        .map(|row| {
            let (status, host): (Word<ClusterStatus>, Option<String>) =
                (row.try_get("", "status")?, row.try_get("", "host_id")?);
            let (generation, data): (i32, i32) = (
                row.try_get("", "generation")?,
                row.try_get("", "data_generation")?,
            );
            let known = Known {
                status: status.0,
                host: host.and_then(|host| host.parse().ok()),
                generation: generation.unsigned_abs(),
                data_generation: data.unsigned_abs(),
                open: row.try_get("", "open")?,
            };
            Ok((ClusterId::from_uuid(row.try_get("", "id")?), known))
        })
        .collect()
}

/// How often each name of a host's ledger was seen, and how many seconds ago first.
pub(crate) async fn sightings<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
) -> Result<HashMap<String, (u32, u64)>, DbErr> {
    let text = "select name, seen, extract(epoch from now() - first_seen_at)::bigint as age
        from orphan where host_id = $1";
    let rows = connection
        .query_all_raw(sql(text, [host.as_str().into()]))
        .await?;
    rows.iter()
        .map(|row| {
            let (seen, age): (i32, i64) = (row.try_get("", "seen")?, row.try_get("", "age")?);
            let age = u64::try_from(age).unwrap_or_default();
            Ok((row.try_get("", "name")?, (seen.unsigned_abs(), age)))
        })
        .collect()
}

/// Makes a host's ledger these entries. The caller holds the host's row.
pub(crate) async fn write<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    entries: &[Entry],
) -> Result<(), DbErr> {
    let rows: Vec<serde_json::Value> = entries
        .iter()
        .map(|entry| {
            serde_json::json!({
                "name": entry.thing.name,
                "role": entry.thing.role,
                "cluster": entry.thing.cluster.uuid(),
                "seen": entry.seen,
            })
        })
        .collect();
    let rows = serde_json::Value::from(rows);
    let text = "delete from orphan where host_id = $1
        and name not in (select e ->> 'name' from jsonb_array_elements($2) as e)";
    txn.execute_raw(sql(text, [host.as_str().into(), rows.clone().into()]))
        .await?;
    let text = "insert into orphan (host_id, name, role, cluster_id, seen)
        select distinct on (e ->> 'name')
            $1, e ->> 'name', e ->> 'role', (e ->> 'cluster')::uuid, (e ->> 'seen')::integer
        from jsonb_array_elements($2) as e
        on conflict (host_id, name) do update set role = excluded.role, cluster_id = excluded.cluster_id,
            seen = excluded.seen, last_seen_at = now()";
    txn.execute_raw(sql(text, [host.as_str().into(), rows.into()]))
        .await
        .map(drop)
}

/// Forgets how long anything has been there: the counting begins anew.
pub(crate) async fn forget<C: ConnectionTrait>(txn: &C) -> Result<(), DbErr> {
    txn.execute_raw(sql("delete from orphan", []))
        .await
        .map(drop)
}

/// Entries shown of one host; the rest are counted only.
const SHOWN_MAX: i64 = 200;

/// What the ledgers of all hosts show, oldest first.
pub(crate) async fn shown<C: ConnectionTrait>(
    connection: &C,
) -> Result<HashMap<String, Vec<Orphan>>, DbErr> {
    let text = "select host_id, name, role, cluster_id, first_seen_at, seen from (
            select o.*, row_number() over (partition by host_id order by first_seen_at, name) as n from orphan o
        ) as o where n <= $1 order by host_id, n";
    let mut ledgers: HashMap<String, Vec<Orphan>> = HashMap::new();
    for row in connection
        .query_all_raw(sql(text, [SHOWN_MAX.into()]))
        .await?
    {
        let (first, seen): (DateTimeUtc, i32) =
            (row.try_get("", "first_seen_at")?, row.try_get("", "seen")?);
        let cluster: Uuid = row.try_get("", "cluster_id")?;
        ledgers
            .entry(row.try_get("", "host_id")?)
            .or_default()
            .push(Orphan {
                name: row.try_get("", "name")?,
                role: row.try_get("", "role")?,
                cluster_id: ClusterId::from_uuid(cluster),
                first_seen_at: first.into(),
                seen: seen.unsigned_abs(),
            });
    }
    Ok(ledgers)
}

/// Whether an administrator lets all of its ledger go.
pub(crate) async fn may_be_reaped<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
) -> Result<bool, DbErr> {
    let text = "select 1 as one from host where id = $1 and reap_until > now()";
    let row = connection
        .query_one_raw(sql(text, [host.as_str().into()]))
        .await?;
    Ok(row.is_some())
}

/// Lets all of a host's ledger go for so long; false when there is no such host.
pub(crate) async fn let_reap<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    secs: u32,
) -> Result<bool, DbErr> {
    let text = "update host set reap_until = now() + make_interval(secs => $2) where id = $1";
    let values = [host.as_str().into(), f64::from(secs).into()];
    let done = connection.execute_raw(sql(text, values)).await?;
    Ok(done.rows_affected() == 1)
}
