//! Timed things: any gateway takes what is due by the database's clock; a kind is one file with one
//! function that may be run again.

mod command;
mod housekeeping;
mod idle;
mod partitions;
mod pool;
mod share;
pub(crate) mod silent;
mod ttl;
mod warning;

use std::{sync::Arc, time::Duration};

use api::cluster::Cluster;
use crash::crash_point;
use domain::{Backoff, HostId, Reason};
use sea_orm::{DatabaseTransaction, TransactionTrait};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{Error, cluster, installation};
use crate::{
    db::{self, due::DueRow},
    state::App,
};

/// The end of a cluster's life; the key is its ID.
pub(crate) const TTL: &str = "ttl";
/// The warnings before it; the key is the cluster's ID.
pub(crate) const WARNING: &str = "warning";
/// A cluster that nobody uses is stopped; the key is its ID.
pub(crate) const IDLE: &str = "idle";
/// What is kept for a time only goes; there is one.
pub(crate) const HOUSEKEEPING: &str = "housekeeping";
/// The log's partitions of the next days are made; there is one.
pub(crate) const PARTITIONS: &str = "partitions";
/// A host's warm pool is looked at; the key is the host.
pub(crate) const POOL: &str = "pool";
/// The end of a share; the key is its ID.
pub(crate) const SHARE: &str = "share";
/// A host may have been silent for too long; the key is the host.
pub(crate) const SILENT: &str = "silent";

/// A command whose end nobody wrote; the key is the number of its beginning in the audit.
pub(crate) const COMMAND: &str = "command";
/// Seconds after which whoever ran it must be gone: more than it may take, to begin and to end.
pub(crate) const COMMAND_SECS: u32 = 90;

/// A webhook has something to deliver, or tries again; the key is its ID. [`super::deliver`] does it,
/// since no transaction may wait for a stranger's server.
pub(crate) const WEBHOOK: &str = "webhook";

/// When a timed thing is looked at again that waits for a host's word or an administrator's.
const DOUBTED_SECS: u32 = 5;
const INTERVAL: Duration = Duration::from_millis(500);
/// How long until the next try.
const RETRY: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));

/// What became of a due thing.
enum Outcome {
    /// Done, or not needed any more.
    Done,
    /// Done, and a host has work with this cluster now.
    Wake(Box<Cluster>),
    /// Planned anew for another time.
    Planned,
    /// The same, and this host has work now.
    PlannedAndRing(HostId),
}

/// Why a cluster is deleted that nobody asked to delete.
pub(crate) fn expired() -> Reason {
    ttl::reason()
}

/// Does what is due until `stop`.
pub(crate) async fn run(app: Arc<App>, stop: CancellationToken) {
    for kind in [PARTITIONS, HOUSEKEEPING] {
        if let Err(error) = db::due::at_all(&app.machines, kind, "").await {
            tracing::warn!(%error, kind, "begins with the next start");
        }
    }
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        loop {
            match one(&app).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "timed things wait for the database"
                    );
                    break;
                }
            }
        }
    }
}

/// Takes one due thing and does it in the same transaction; false when nothing is due.
async fn one(app: &App) -> Result<bool, Error> {
    let txn = app.machines.begin().await?;
    let Some(row) = db::due::take(&txn).await? else {
        return Ok(false);
    };
    // What it writes is one trace.
    let span = tracing::info_span!("due", kind = row.kind);
    match act(app, &txn, &row).instrument(span).await {
        Ok(outcome) => {
            if !matches!(outcome, Outcome::Planned | Outcome::PlannedAndRing(_)) {
                db::due::done(&txn, &row.kind, &row.key).await?;
            }
            crash_point!("gateway.due.before_commit");
            txn.commit().await?;
            crash_point!("gateway.due.after_commit");
            app.appended.notify_one();
            match outcome {
                Outcome::Wake(changed) => cluster::ring(app, &changed).await,
                Outcome::PlannedAndRing(host) => app.bus.ring_host(&host).await,
                Outcome::Done | Outcome::Planned => {}
            }
        }
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                kind = row.kind,
                key = row.key,
                "will be tried again"
            );
            txn.rollback().await?;
            let failures = row.tries.unsigned_abs().saturating_add(1);
            let wait = RETRY.wait(failures, rand::random());
            db::due::again(&app.machines, &row, wait).await?;
        }
    }
    Ok(true)
}

/// The table of kinds.
async fn act(app: &App, txn: &DatabaseTransaction, row: &DueRow) -> Result<Outcome, Error> {
    // A database that went back in time may have forgotten an extend, a use or a new owner.
    if row.kind != SILENT && installation::may_be_doubted(app, txn, &row.key).await? {
        db::due::after(txn, &row.kind, &row.key, DOUBTED_SECS).await?;
        return Ok(Outcome::Planned);
    }
    match row.kind.as_str() {
        TTL => ttl::act(txn, &row.key).await,
        WARNING => warning::act(txn, &row.key).await,
        IDLE => idle::act(txn, &row.key).await,
        PARTITIONS => partitions::act(txn, &row.key).await,
        HOUSEKEEPING => housekeeping::act(app, txn, &row.key).await,
        POOL => pool::act(txn, &row.key).await,
        COMMAND => command::act(txn, &row.key).await,
        SHARE => share::act(txn, &row.key).await,
        SILENT => silent::act(txn, &row.key).await,
        other => {
            tracing::error!(kind = other, "a kind of a newer version; dropped");
            Ok(Outcome::Done)
        }
    }
}
