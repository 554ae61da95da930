//! The installation as its administrators see it: switches, self-checks, and the lock that falls when
//! the database turns out to be older than its hosts.

pub(crate) mod http;
pub(crate) mod sql;

use std::{sync::Arc, time::Duration};

use api::{
    event::{Audience, Changed, kind},
    host::{Installation, Invariant, PoolSwitch},
};
use domain::{Code, Cursor, HostId, Reason, limits};
use sea_orm::{AccessMode, ConnectionTrait, DbErr, IsolationLevel, TransactionTrait};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::kernel::{
    actor::Actor,
    authorize,
    error::Error,
    idempotency::{Repeat, once},
    log::{self, event::signal},
    person,
    state::App,
};

/// Rows of a view that are shown.
const EXAMPLES: u32 = 5;
/// How often the self-checks are measured.
const WATCH_INTERVAL: Duration = Duration::from_secs(30);

/// Why nothing is removed and nothing created right now.
pub(crate) async fn frozen<C: ConnectionTrait>(connection: &C) -> Result<Option<Reason>, Error> {
    Ok(sql::switches(connection).await?.locked)
}

/// Refuses what would build while the database is doubted.
pub(crate) async fn check_not_frozen<C: ConnectionTrait>(connection: &C) -> Result<(), Error> {
    frozen(connection)
        .await?
        .map_or(Ok(()), |reason| Err(Error::Refused(reason)))
}

/// Whether nothing timed may befall what a key names, a cluster or a host: the database is doubted, or
/// this gateway has just begun and the host that could raise a doubt has not spoken yet.
pub(crate) async fn may_be_doubted<C: ConnectionTrait>(
    app: &App,
    connection: &C,
    key: &str,
) -> Result<bool, Error> {
    let silent = limits::HOST_SILENT_SECS;
    let just_begun = app.started.elapsed() < Duration::from_secs(silent.into());
    if just_begun && sql::owes_a_word(connection, key, silent).await? {
        return Ok(true);
    }
    Ok(frozen(connection).await?.is_some())
}

/// What a host's fences say about the database.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fences {
    /// The highest that the host has seen.
    pub(crate) seen: i64,
    /// The last that this database has given to anybody.
    pub(crate) given: i64,
    /// The highest that this database knows the host to have seen; 0 when it knows of none.
    pub(crate) known: i64,
}

/// Facts that prove the database to be older than a host. A sequence may jump ahead when a replica
/// takes over, so what was given to the host itself is looked at too.
fn from_the_future(host: &HostId, fences: Fences) -> Option<String> {
    let Fences { seen, given, known } = fences;
    if seen > given {
        Some(format!(
            "The host {host} has seen the fence {seen}; this database has given none above {given}."
        ))
    } else if known > 0 && seen > known {
        Some(format!(
            "The host {host} has seen the fence {seen}; this database has given it none above {known}."
        ))
    } else {
        None
    }
}

/// Locks the installation if a host has seen what this database has not given yet.
pub(crate) async fn compare_fences<C: ConnectionTrait>(
    txn: &C,
    host: &HostId,
    seen: i64,
) -> Result<(), Error> {
    let given = sql::last_fence(txn).await?;
    let known = sql::known_fence(txn, host).await?;
    match from_the_future(host, Fences { seen, given, known }) {
        Some(facts) => lock(txn, facts, seen).await,
        None => Ok(()),
    }
}

/// Locks the installation: a hub has seen a place of this life of the log that is not there.
pub(crate) async fn compare_positions(app: &App, seen: Cursor, at: Cursor) -> Result<(), Error> {
    if seen.incarnation != at.incarnation || seen.position <= at.position {
        return Ok(());
    }
    let txn = app.machines.begin().await?;
    let facts = format!(
        "An events-gateway has seen the event {}; this database has only {}.",
        seen.position, at.position
    );
    lock(&txn, facts, 0).await?;
    txn.commit().await?;
    Ok(())
}

/// The lock itself, and fences that nobody has seen from here on.
async fn lock<C: ConnectionTrait>(txn: &C, facts: String, seen: i64) -> Result<(), Error> {
    let reason = Reason::new(Code::ReaperLocked, facts);
    let highest = sql::highest_fence_seen(txn).await?;
    sql::lift_fence(txn, highest.max(seen)).await?;
    if sql::lock(txn, &reason).await? {
        changed(txn, None).await?;
        tracing::error!(
            facts = reason.message,
            "locked: the database went back in time; {}",
            reason.fix
        );
    }
    Ok(())
}

pub(crate) async fn get(app: &App, actor: &Actor) -> Result<Installation, Error> {
    authorize::installation(actor)?;
    let txn = app
        .people
        .begin_with_config(
            Some(IsolationLevel::RepeatableRead),
            Some(AccessMode::ReadOnly),
        )
        .await?;
    let installation = read(app, &txn).await?;
    txn.commit().await?;
    Ok(installation)
}

pub(crate) async fn switch_pool(
    app: &App,
    actor: &Actor,
    repeat: &Repeat,
    wanted: PoolSwitch,
) -> Result<Installation, Error> {
    authorize::installation(actor)?;
    let installation = once(app, actor, repeat, async |txn| {
        sql::pause_pool(txn, wanted.paused).await?;
        changed(txn, None).await?;
        read(app, txn).await
    })
    .await?;
    tracing::info!(user = %actor.user, paused = wanted.paused, "the warm pool was switched");
    Ok(installation)
}

async fn read<C: ConnectionTrait>(app: &App, connection: &C) -> Result<Installation, Error> {
    let switches = sql::switches(connection).await?;
    Ok(Installation {
        id: app.installation.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        pool_paused: switches.pool_paused,
        locked: switches.locked,
        invariants: invariants(connection).await?,
    })
}

/// What must always hold, each with how often it does not.
async fn invariants<C: ConnectionTrait>(connection: &C) -> Result<Vec<Invariant>, Error> {
    let mut invariants = Vec::new();
    for view in sql::views(connection).await? {
        let (violations, examples) = sql::violations(connection, &view, EXAMPLES).await?;
        invariants.push(Invariant {
            name: view.name,
            what: view.what,
            violations,
            examples,
        });
    }
    Ok(invariants)
}

/// Measures the self-checks until `stop`.
pub(crate) async fn watch(app: Arc<App>, stop: CancellationToken) {
    let mut tick = interval(WATCH_INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut known = None;
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        if let Err(error) = measure(&app, &mut known).await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "the self-checks wait for the database"
            );
        }
    }
}

/// `known`: how often what must hold did not, the last time.
async fn measure(app: &App, known: &mut Option<Vec<u64>>) -> Result<(), Error> {
    let invariants = invariants(&app.machines).await?;
    let now: Vec<u64> = invariants.iter().map(|one| one.violations).collect();
    if known.replace(now.clone()).is_some_and(|known| known != now) {
        changed(&app.machines, None).await?;
    }
    for invariant in invariants {
        #[allow(clippy::cast_precision_loss)]
        let violations = invariant.violations as f64;
        metrics::gauge!("labyard_broken", "view" => invariant.name.clone()).set(violations);
        if invariant.violations > 0 {
            let (view, examples) = (invariant.name, invariant.examples);
            tracing::error!(
                view,
                violations,
                ?examples,
                "what must always hold does not"
            );
        }
    }
    let switches = sql::switches(&app.machines).await?;
    let locked = f64::from(u8::from(switches.locked.is_some()));
    metrics::gauge!("labyard_locked").set(locked);
    Ok(())
}

/// A host changed, or the installation: to each of its administrators.
pub(crate) async fn changed<C: ConnectionTrait>(
    txn: &C,
    host: Option<&HostId>,
) -> Result<(), DbErr> {
    let changed = Changed {
        host: host.cloned(),
        ..Changed::default()
    };
    for user_id in person::administrators(txn).await? {
        let event = signal(kind::HOST_CHANGED, None, &changed)?;
        log::append(txn, Audience::User { user_id }, event).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_fence_from_the_future_is_one_that_was_not_given() {
        let host: HostId = "h1".parse().unwrap();
        let doubted =
            |seen, given, known| from_the_future(&host, Fences { seen, given, known }).is_some();
        for (seen, given, known) in [(0, 0, 0), (7, 7, 7), (7, 9, 7), (5, 9, 7), (7, 9, 0)] {
            assert!(!doubted(seen, given, known), "{seen} {given} {known}");
        }
        assert!(doubted(1, 0, 0), "an empty database");
        assert!(doubted(8, 7, 7), "an old copy");
        assert!(
            doubted(8, 40, 7),
            "an old copy whose sequence went on since"
        );
    }
}
