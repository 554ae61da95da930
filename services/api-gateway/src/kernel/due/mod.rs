//! Timed things: any gateway takes what is due by the database's clock and does it in one transaction. Each noun hands out
//! its rules, `timed.rs` lists them.

pub(crate) mod kind;
pub(crate) mod sql;

use std::{sync::Arc, time::Duration};

use api::cluster::Cluster;
use crash::crash_point;
use domain::{Backoff, HostId};
use futures_util::future::BoxFuture;
use sea_orm::{DatabaseTransaction, TransactionTrait};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::kernel::{
    doorbell,
    due::{kind::Kind, sql::DueRow},
    error::Error,
    installation,
    state::App,
};

/// When a timed thing is looked at again that waits for a host's word or an administrator's.
const DOUBTED_SECS: u32 = 5;
const INTERVAL: Duration = Duration::from_millis(500);
/// How long until the next try.
const RETRY: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(300));

/// What became of a due thing.
pub(crate) enum Outcome {
    /// Done, or not needed any more.
    Done,
    /// Done, and a host has work with this cluster now.
    Wake(Box<Cluster>),
    /// Planned anew for another time.
    Planned,
    /// The same, and this host has work now.
    PlannedAndRing(HostId),
}

/// What is done when something of a kind is due; it may be done again.
pub(crate) type Act =
    for<'a> fn(&'a App, &'a DatabaseTransaction, &'a str) -> BoxFuture<'a, Result<Outcome, Error>>;

/// One kind's rule.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) kind: Kind,
    act: Act,
    /// Whether it holds while the database is doubted too.
    in_doubt: bool,
    /// Whether there is one, which every start plans.
    standing: bool,
}

impl Rule {
    pub(crate) const fn new(kind: Kind, act: Act) -> Self {
        Self {
            kind,
            act,
            in_doubt: false,
            standing: false,
        }
    }

    pub(crate) const fn in_doubt_too(mut self) -> Self {
        self.in_doubt = true;
        self
    }

    pub(crate) const fn standing(mut self) -> Self {
        self.standing = true;
        self
    }
}

/// Does what is due by these rules until `stop`.
pub(crate) async fn run(app: Arc<App>, rules: &'static [Rule], stop: CancellationToken) {
    for Rule { kind, .. } in rules.iter().filter(|rule| rule.standing) {
        if let Err(error) = sql::at_all(&app.machines, *kind, "").await {
            tracing::warn!(%error, %kind, "begins with the next start");
        }
    }
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        loop {
            match one(&app, rules).await {
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
async fn one(app: &App, rules: &[Rule]) -> Result<bool, Error> {
    let kinds: Vec<Kind> = rules.iter().map(|rule| rule.kind).collect();
    let txn = app.machines.begin().await?;
    let Some(row) = sql::take(&txn, &kinds).await? else {
        return Ok(false);
    };
    let Some(rule) = rules.iter().find(|rule| rule.kind == row.kind) else {
        return Ok(false);
    };
    // What it writes is one trace.
    let span = tracing::info_span!("due", kind = %row.kind);
    match act(app, &txn, rule, &row).instrument(span).await {
        Ok(outcome) => {
            if !matches!(outcome, Outcome::Planned | Outcome::PlannedAndRing(_)) {
                sql::done(&txn, row.kind, &row.key).await?;
            }
            crash_point!("gateway.due.before_commit");
            txn.commit().await?;
            crash_point!("gateway.due.after_commit");
            app.appended.notify_one();
            match outcome {
                Outcome::Wake(changed) => doorbell::ring(app, &changed).await,
                Outcome::PlannedAndRing(host) => app.bus.ring_host(&host).await,
                Outcome::Done | Outcome::Planned => {}
            }
        }
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                kind = %row.kind,
                key = row.key,
                "will be tried again"
            );
            txn.rollback().await?;
            let failures = row.tries.unsigned_abs().saturating_add(1);
            let wait = RETRY.wait(failures, rand::random());
            sql::again(&app.machines, &row, wait).await?;
        }
    }
    Ok(true)
}

async fn act(
    app: &App,
    txn: &DatabaseTransaction,
    rule: &Rule,
    row: &DueRow,
) -> Result<Outcome, Error> {
    // A database that went back in time may have forgotten an extend, a use or a new owner.
    if !rule.in_doubt && installation::may_be_doubted(app, txn, &row.key).await? {
        sql::after(txn, row.kind, &row.key, DOUBTED_SECS).await?;
        return Ok(Outcome::Planned);
    }
    (rule.act)(app, txn, &row.key).await
}
