//! Which hosts could take a cluster, and what is reserved on them.

use domain::{HostId, Resources};
use sea_orm::{ConnectionTrait, DbErr};

use crate::kernel::postgres::sql;

/// Whether there ever was a host of a driver.
pub(crate) async fn any_known<C: ConnectionTrait>(txn: &C, driver: &str) -> Result<bool, DbErr> {
    let text = "select 1 as one from host where driver = $1 limit 1";
    let row = txn.query_one_raw(sql(text, [driver.into()])).await?;
    Ok(row.is_some())
}

/// Whether any host of a driver is large enough, if its hosts are known at all.
pub(crate) async fn any_could_take<C: ConnectionTrait>(
    txn: &C,
    driver: &str,
    resources: Resources,
) -> Result<bool, DbErr> {
    let text = "select coalesce(bool_or(memory_mib >= $2), true) as any from host
        where driver = $1 and memory_mib > 0 and last_seen_at > now() - interval '1 hour'";
    let values = [driver.into(), i64::from(resources.memory_mib).into()];
    let row = txn.query_one_raw(sql(text, values)).await?;
    row.map_or(Ok(true), |row| row.try_get("", "any"))
}

pub(crate) async fn reserve<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    resources: Resources,
) -> Result<(), DbErr> {
    book(
        txn,
        host.as_str(),
        i64::from(resources.cpu_millis),
        i64::from(resources.memory_mib),
    )
    .await
}

pub(crate) async fn free<C: ConnectionTrait>(
    txn: &C,
    host: &str,
    resources: Resources,
) -> Result<(), DbErr> {
    book(
        txn,
        host,
        -i64::from(resources.cpu_millis),
        -i64::from(resources.memory_mib),
    )
    .await
}

async fn book<C: ConnectionTrait>(
    txn: &C,
    host: &str,
    cpu_millis: i64,
    memory_mib: i64,
) -> Result<(), DbErr> {
    let text = "update host set reserved_cpu_millis = greatest(0, reserved_cpu_millis + $2),
            reserved_memory_mib = greatest(0, reserved_memory_mib + $3)
        where id = $1";
    txn.execute_raw(sql(
        text,
        [host.into(), cpu_millis.into(), memory_mib.into()],
    ))
    .await
    .map(drop)
}

/// The Kubernetes versions that hosts heard of lately can make.
pub(crate) async fn versions<C: ConnectionTrait>(connection: &C) -> Result<Vec<String>, DbErr> {
    let text = "select distinct v as version from host, jsonb_array_elements_text(facts -> 'versions') as v
        where last_seen_at > now() - interval '1 hour' order by v desc";
    let rows = connection.query_all_raw(sql(text, [])).await?;
    rows.iter().map(|row| row.try_get("", "version")).collect()
}
