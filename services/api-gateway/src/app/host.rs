//! Hosts as an administrator sees them.

use api::{Page, host::Host};
use domain::{HostId, limits};

use super::{
    Error,
    authorize::{self, Actor},
    lease,
};
use crate::{db, state::App};

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
    let mut ledgers = db::orphan::shown(&app.people).await?;
    let host = |row: db::host_view::ViewRow| {
        let id: HostId = row.id.parse().ok()?;
        let ledger = ledgers.remove(&row.id).unwrap_or_default();
        Some(Host {
            full: lease::shortage(&id, &row.room()),
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
