//! Hosts as an administrator sees them.

pub(crate) mod http;
pub(crate) mod room;
pub(crate) mod sql;
pub(crate) mod view;

use api::{
    Page,
    host::{Host, HostCapacity, Orphan},
};
use domain::{Code, HostId, Reason, limits};
use sea_orm::DatabaseTransaction;

use crate::{
    hosts::{host::view::ViewRow, ledger},
    kernel::{actor::Actor, authorize, error::Error, installation, page, state::App},
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    after: Option<HostId>,
    limit: u64,
) -> Result<Page<Host>, Error> {
    authorize::installation(actor)?;
    let after = after.as_ref().map(HostId::as_str);
    let rows = page::rows(limit);
    let rows = view::list(&app.people, after, limits::HOST_SILENT_SECS, rows).await?;
    let locked = installation::frozen(&app.people).await?;
    let mut ledgers = ledger::sql::shown(&app.people).await?;
    let host = |row: ViewRow| {
        let ledger = ledgers.remove(&row.id).unwrap_or_default();
        shown(row, locked.clone(), ledger)
    };
    Ok(page::of(rows, limit, |row| row.id.clone(), host))
}

fn shown(row: ViewRow, locked: Option<Reason>, ledger: Vec<Orphan>) -> Option<Host> {
    let id: HostId = row.id.parse().ok()?;
    Some(Host {
        full: locked.or_else(|| full(&id, &row)),
        seen_at: row.last_seen_at.into(),
        reachable: row.reachable,
        slots: row.slots(),
        busy: row.busy(),
        clusters: row.clusters(),
        capacity: row.capacity(),
        reserved: row.reserved(),
        load: row.load(),
        checks: row.checks(),
        versions: row.versions(),
        pool: row.pool(),
        driver: row.driver,
        ledger,
        id,
    })
}

/// Tells administrators of a host, if there is something that they would see.
pub(crate) async fn tell(txn: &DatabaseTransaction, host: &HostId) -> Result<(), Error> {
    let Some(row) = view::one(txn, host.as_str(), limits::HOST_SILENT_SECS).await? else {
        return Ok(());
    };
    let ledger = ledger::sql::shown(txn)
        .await?
        .remove(host.as_str())
        .unwrap_or_default();
    let Some(host) = shown(row, installation::frozen(txn).await?, ledger) else {
        return Ok(());
    };
    if sql::told(txn, &host.id, &in_short(&host)).await? {
        installation::changed(txn, Some(&host.id)).await?;
    }
    Ok(())
}

/// Steps in which what is always moving is told of: parts of the whole.
const MEMORY_STEPS: u64 = 20;
const DISK_STEPS: u64 = 50;
const LOAD_STEPS: f64 = 4.0;

/// What of a host is worth telling: what moves all the time in steps, and no times.
fn in_short(host: &Host) -> String {
    let step = |free: u64, all: u64, steps: u64| free.saturating_mul(steps) / all.max(1);
    let HostCapacity {
        cpu_millis,
        memory_mib,
        memory_free_mib,
        disk_mib,
        disk_free_mib,
    } = host.capacity;
    let cpus = f64::from(cpu_millis.max(1000)) / 1000.0;
    serde_json::json!([
        host.driver,
        host.reachable,
        [host.slots, host.busy, host.clusters],
        [cpu_millis, memory_mib],
        disk_mib,
        step(memory_free_mib.into(), memory_mib.into(), MEMORY_STEPS),
        step(disk_free_mib, disk_mib, DISK_STEPS),
        (host.load / cpus * LOAD_STEPS).round(),
        host.reserved,
        host.full.as_ref().map(|reason| reason.code),
        host.checks
            .iter()
            .map(|check| (&check.name, check.ok))
            .collect::<Vec<_>>(),
        host.versions,
        host.pool,
        host.ledger
            .iter()
            .map(|orphan| &orphan.name)
            .collect::<Vec<_>>(),
    ])
    .to_string()
}

/// Why a host takes no new clusters.
fn full(host: &HostId, row: &ViewRow) -> Option<Reason> {
    if row.reachable {
        return room::shortage(host, &row.room());
    }
    let secs = limits::HOST_SILENT_SECS;
    Some(Reason::with_fix(
        Code::HostUnreachable,
        format!("{host} has not been heard of for {secs} s."),
        "Check that the host is up and its provisioner-worker is running.",
    ))
}
