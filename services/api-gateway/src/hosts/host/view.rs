//! Hosts as an administrator sees them: one query over what each reported and what stands on it.

use api::{
    health::Check,
    host::{HostCapacity, HostPool, Reserved},
};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Value, prelude::DateTimeUtc};

use crate::{hosts::host::sql::HostRow, kernel::postgres::sql};

#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct ViewRow {
    pub(crate) id: String,
    pub(crate) driver: String,
    pub(crate) last_seen_at: DateTimeUtc,
    pub(crate) reachable: bool,
    slots: i32,
    busy: i64,
    clusters: i64,
    cpu_millis: i64,
    memory_mib: i64,
    memory_free_mib: i64,
    disk_mib: i64,
    disk_free_mib: i64,
    reserved_cpu_millis: i64,
    reserved_memory_mib: i64,
    load_hundredths: i32,
    checks: serde_json::Value,
    versions: serde_json::Value,
    pool_wanted: i32,
    pool_ready: i64,
    pool_filling: i64,
}

fn small(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

impl ViewRow {
    pub(crate) fn slots(&self) -> u32 {
        small(self.slots.into())
    }
    pub(crate) fn busy(&self) -> u32 {
        small(self.busy)
    }
    pub(crate) fn clusters(&self) -> u32 {
        small(self.clusters)
    }
    pub(crate) fn load(&self) -> f64 {
        f64::from(self.load_hundredths) / 100.0
    }
    pub(crate) fn checks(&self) -> Vec<Check> {
        serde_json::from_value(self.checks.clone()).unwrap_or_default()
    }
    pub(crate) fn versions(&self) -> Vec<String> {
        serde_json::from_value(self.versions.clone()).unwrap_or_default()
    }
    pub(crate) fn capacity(&self) -> HostCapacity {
        HostCapacity {
            cpu_millis: small(self.cpu_millis),
            memory_mib: small(self.memory_mib),
            memory_free_mib: small(self.memory_free_mib),
            disk_mib: self.disk_mib.unsigned_abs(),
            disk_free_mib: self.disk_free_mib.unsigned_abs(),
        }
    }
    pub(crate) fn reserved(&self) -> Reserved {
        Reserved {
            cpu_millis: self.reserved_cpu_millis.unsigned_abs(),
            memory_mib: self.reserved_memory_mib.unsigned_abs(),
        }
    }
    pub(crate) fn pool(&self) -> HostPool {
        HostPool {
            wanted: small(self.pool_wanted.into()),
            ready: small(self.pool_ready),
            filling: small(self.pool_filling),
        }
    }
    /// What its shortage is judged by.
    pub(crate) fn room(&self) -> HostRow {
        HostRow {
            memory_free_mib: self.memory_free_mib,
            disk_mib: self.disk_mib,
            disk_free_mib: self.disk_free_mib,
        }
    }
}

/// Hosts by name, from after one on.
pub(crate) async fn list<C: ConnectionTrait>(
    connection: &C,
    after: Option<&str>,
    silent_secs: u32,
    limit: u64,
) -> Result<Vec<ViewRow>, DbErr> {
    let text = format!("{VIEW} where $1::text is null or h.id > $1 order by h.id limit $3");
    let values: [Value; 3] = [
        after.map(str::to_owned).into(),
        f64::from(silent_secs).into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    ViewRow::find_by_statement(sql(&text, values))
        .all(connection)
        .await
}

pub(crate) async fn one<C: ConnectionTrait>(
    connection: &C,
    host: &str,
    silent_secs: u32,
) -> Result<Option<ViewRow>, DbErr> {
    let text = format!("{VIEW} where h.id = $1");
    let values: [Value; 2] = [host.into(), f64::from(silent_secs).into()];
    ViewRow::find_by_statement(sql(&text, values))
        .one(connection)
        .await
}

/// `$2`: seconds after which a host counts as silent.
const VIEW: &str = "select h.id, h.driver, h.last_seen_at, h.last_seen_at > now() - make_interval(secs => $2) as reachable,
            h.slots, h.cpu_millis, h.memory_mib, h.memory_free_mib, h.disk_mib, h.disk_free_mib,
            h.reserved_cpu_millis, h.reserved_memory_mib, h.load_hundredths,
            coalesce(h.facts -> 'checks', '[]') as checks, coalesce(h.facts -> 'versions', '[]') as versions,
            h.pool_wanted, n.busy, n.clusters, n.pool_ready, n.pool_filling
        from host h, lateral (
            select count(*) filter (where c.lease_until > now()) as busy, count(*) as clusters,
                count(*) filter (where c.organization_id is null and c.goal = 'running' and c.status = 'RUNNING')
                    as pool_ready,
                count(*) filter (where c.organization_id is null and c.goal = 'running'
                    and c.status in ('PROVISIONING', 'STARTING')) as pool_filling
            from cluster c where c.host_id = h.id and c.status <> 'DELETED') as n";
