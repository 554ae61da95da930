//! Hosts as an administrator sees them.

use api::{Page, host::Host};
use domain::{Code, HostId, Reason, limits};

use super::{
    Error,
    authorize::{self, Actor},
    installation, lease,
};
use crate::{
    db::{self, host_view::ViewRow},
    state::App,
};

pub(crate) async fn list(
    app: &App,
    actor: &Actor,
    after: Option<HostId>,
    limit: u64,
) -> Result<Page<Host>, Error> {
    authorize::installation(actor)?;
    let after = after.as_ref().map(HostId::as_str);
    let mut rows =
        db::host_view::list(&app.people, after, limits::HOST_SILENT_SECS, limit + 1).await?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| more).map(|row| row.id.clone());
    let locked = installation::locked(&app.people).await?;
    let mut ledgers = db::orphan::shown(&app.people).await?;
    let host = |row: ViewRow| {
        let id: HostId = row.id.parse().ok()?;
        let ledger = ledgers.remove(&row.id).unwrap_or_default();
        Some(Host {
            full: locked.clone().or_else(|| full(&id, &row)),
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
    };
    Ok(Page {
        items: rows.into_iter().filter_map(host).collect(),
        next_cursor,
    })
}

/// Why a host takes no new clusters.
fn full(host: &HostId, row: &ViewRow) -> Option<Reason> {
    if row.reachable {
        return lease::shortage(host, &row.room());
    }
    let secs = limits::HOST_SILENT_SECS;
    Some(Reason::with_fix(
        Code::HostUnreachable,
        format!("{host} has not been heard of for {secs} s."),
        "Look whether the host is up and its provisioner-worker runs there.",
    ))
}
