//! A host that has been silent for too long makes its clusters UNREACHABLE; heard again, they are OK.
//! The key is the host. Health alone moves, never the status.

pub(crate) mod sql;

use api::event::kind;
use domain::{ClusterHealth, Code, HostId, Reason, limits};
use sea_orm::{DatabaseTransaction, TransactionTrait};

use crate::{
    clusters::{events, transition},
    hosts::{host, lease},
    kernel::{
        due::{self, Outcome, Rule, kind::Kind},
        error::Error,
        state::App,
    },
};

/// Clusters told of by one transaction.
const BATCH: u32 = 100;
/// Transactions after one inventory; the rest follows with the next.
const BATCHES_MAX: u32 = 10;
/// Looked at so late that no gateway was there to hear the host meanwhile: it gets this long to speak.
const LATE_SECS: u32 = 10;
const GRACE_SECS: u32 = 15;
/// When those are looked at again that somebody else held, or that wait meanwhile.
const AGAIN_SECS: u32 = 5;
/// Nobody waits for a host that was silent for so long.
const GIVEN_UP_SECS: u32 = 3600;

pub(crate) const RULE: Rule =
    Rule::new(Kind::Silent, |_, txn, key| Box::pin(act(txn, key))).in_doubt_too();

async fn act(txn: &DatabaseTransaction, key: &str) -> Result<Outcome, Error> {
    let Ok(host) = key.parse::<HostId>() else {
        return Ok(Outcome::Done);
    };
    match sql::is_silent(txn, &host, limits::HOST_SILENT_SECS).await? {
        None => return Ok(Outcome::Done),
        Some(false) => {
            due::sql::after(txn, Kind::Silent, key, limits::HOST_SILENT_SECS).await?;
            return Ok(Outcome::Planned);
        }
        Some(true) => {}
    }
    if due::sql::is_late(txn, Kind::Silent, key, LATE_SECS).await? {
        due::sql::after(txn, Kind::Silent, key, GRACE_SECS).await?;
        return Ok(Outcome::Planned);
    }
    host::tell(txn, &host).await?;
    let told = tell(txn, &host, ClusterHealth::Unreachable).await?;
    if told > 0 {
        tracing::warn!(%host, told, "silent: its clusters cannot be reached");
    }
    let waits = say_that_nobody_is_there(txn, &host).await?;
    if !waits && !sql::has_other_health(txn, &host, ClusterHealth::Unreachable).await? {
        return Ok(Outcome::Done);
    }
    due::sql::after(txn, Kind::Silent, key, AGAIN_SECS).await?;
    Ok(Outcome::Planned)
}

/// Tells those that wait for a host that none is there; false when it need not be said again.
async fn say_that_nobody_is_there(txn: &DatabaseTransaction, host: &HostId) -> Result<bool, Error> {
    let silent = limits::HOST_SILENT_SECS;
    let Some(driver) = sql::driver_without_hosts(txn, host, silent, GIVEN_UP_SECS).await? else {
        return Ok(false);
    };
    let facts = format!("No contact with any host with driver {driver} for {silent} s.");
    let fix = "The cluster continues when a host is back. Ask your administrator to check provisioner-worker on the hosts.";
    let reason = Reason::with_fix(Code::Queued, facts, fix);
    lease::say_why_they_wait(txn, &driver, &reason).await?;
    Ok(true)
}

/// A host was heard: what could not be reached can be.
pub(crate) async fn heard(app: &App, host: &HostId) -> Result<(), Error> {
    for _ in 0..BATCHES_MAX {
        let txn = app.machines.begin().await?;
        let told = tell(&txn, host, ClusterHealth::Ok).await?;
        txn.commit().await?;
        if told > 0 {
            tracing::info!(%host, told, "heard again: its clusters can be reached");
            app.appended.notify_one();
        }
        if told < BATCH as usize {
            break;
        }
    }
    Ok(())
}

async fn tell(
    txn: &DatabaseTransaction,
    host: &HostId,
    health: ClusterHealth,
) -> Result<usize, Error> {
    let clusters = sql::set_health(txn, host, health, BATCH).await?;
    for cluster in &clusters {
        let row = transition::locked(txn, *cluster).await?;
        events::cluster(txn, &row, kind::CLUSTER_CHANGED).await?;
    }
    Ok(clusters.len())
}
