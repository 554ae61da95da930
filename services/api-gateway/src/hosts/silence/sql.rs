//! How long hosts have been silent, and what that makes of their clusters' health.

use domain::{ClusterHealth, ClusterId, HostId};
use sea_orm::{ConnectionTrait, DbErr, Value};

use crate::kernel::postgres::sql;

/// Whether a host has been silent for so long; `None` if it is not known.
pub(crate) async fn is_silent<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    secs: u32,
) -> Result<Option<bool>, DbErr> {
    let text = "select last_seen_at <= now() - make_interval(secs => $2) as silent from host where id = $1";
    let values = [host.as_str().into(), f64::from(secs).into()];
    let row = connection.query_one_raw(sql(text, values)).await?;
    row.map(|row| row.try_get("", "silent")).transpose()
}

/// The driver of a host while no host of it is heard of, for as long as this one was not given up:
/// it was heard within `known_secs`.
pub(crate) async fn driver_without_hosts<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    silent_secs: u32,
    known_secs: u32,
) -> Result<Option<String>, DbErr> {
    let text = "select h.driver from host h
        where h.id = $1 and h.last_seen_at > now() - make_interval(secs => $3) and not exists (
            select 1 from host o where o.driver = h.driver and o.last_seen_at > now() - make_interval(secs => $2))";
    let values: [Value; 3] = [
        host.as_str().into(),
        f64::from(silent_secs).into(),
        f64::from(known_secs).into(),
    ];
    let row = connection.query_one_raw(sql(text, values)).await?;
    row.map(|row| row.try_get("", "driver")).transpose()
}

/// Gives the clusters of a host another health, those that somebody changes right now left out; at
/// most `limit`. Each counts as a change of the cluster, its row locked.
pub(crate) async fn set_health<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    health: ClusterHealth,
    limit: u32,
) -> Result<Vec<ClusterId>, DbErr> {
    let text =
        "update cluster set health = $2, version = version + 1, updated_at = clock_timestamp()
        where id in (
            select id from cluster where host_id = $1 and status <> 'DELETED' and health <> $2
            order by id limit $3 for update skip locked)
        returning id";
    let values: [Value; 3] = [
        host.as_str().into(),
        health.as_str().into(),
        i64::from(limit).into(),
    ];
    let rows = txn.query_all_raw(sql(text, values)).await?;
    rows.iter()
        .map(|row| Ok(ClusterId::from_uuid(row.try_get("", "id")?)))
        .collect()
}

/// Whether a cluster of a host has another health than this.
pub(crate) async fn has_other_health<C: ConnectionTrait>(
    connection: &C,
    host: &HostId,
    health: ClusterHealth,
) -> Result<bool, DbErr> {
    let text = "select 1 as one from cluster where host_id = $1 and status <> 'DELETED' and health <> $2 limit 1";
    let values = [host.as_str().into(), health.as_str().into()];
    Ok(connection.query_one_raw(sql(text, values)).await?.is_some())
}
