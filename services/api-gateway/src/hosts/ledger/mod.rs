//! A host's ledger after one more complete listing, and what of it may go now.

pub(crate) mod sql;

use std::collections::HashSet;

use api::{bus::Item, health::Check};
use domain::{
    ClusterId, HostId,
    ledger::{self, Entry, Reaping, Scene, Thing},
};
use sea_orm::DatabaseTransaction;

use crate::kernel::error::Error;

/// What an administrator reads about the ledger among a host's checks.
const CHECK: &str = "ledger";

/// What one listing led to.
pub(crate) struct Taken {
    /// Clusters whose things the host shall remove.
    pub(crate) remove: Vec<ClusterId>,
    pub(crate) check: Check,
}

/// Of an incomplete listing nothing is concluded.
pub(crate) fn incomplete() -> Taken {
    Taken {
        remove: Vec::new(),
        check: check(
            false,
            "the last listing was not complete; nothing is concluded from it",
        ),
    }
}

/// Counts a complete listing. The caller holds the host's row.
pub(crate) async fn take(
    txn: &DatabaseTransaction,
    host: &HostId,
    items: &[Item],
    locked: bool,
) -> Result<Taken, Error> {
    let known = sql::known(txn, items).await?;
    let before = sql::sightings(txn, host).await?;
    let entries = ledger::count(items.iter().map(thing), host, &known, &before);
    sql::write(txn, host, &entries).await?;
    let listed: HashSet<ClusterId> = items.iter().map(|item| item.cluster).collect();
    let scene = Scene {
        listed: listed.len(),
        locked,
        allowed: sql::may_be_reaped(txn, host).await?,
    };
    let reaping = ledger::reap(&entries, scene);
    let check = in_words(host, &entries, &reaping);
    let remove = match reaping {
        Reaping::Remove(gone) => gone,
        Reaping::Braked { .. } | Reaping::Locked => Vec::new(),
    };
    for cluster in &remove {
        tracing::warn!(%cluster, %host, "belongs to no cluster that lives; it is removed");
    }
    Ok(Taken { remove, check })
}

fn thing(item: &Item) -> Thing {
    Thing {
        cluster: item.cluster,
        generation: item.generation,
        role: item.role.clone(),
        name: item.name.clone(),
    }
}

fn in_words(host: &HostId, entries: &[Entry], reaping: &Reaping) -> Check {
    if entries.is_empty() {
        return check(true, "empty");
    }
    let clusters: HashSet<ClusterId> = entries.iter().map(|entry| entry.thing.cluster).collect();
    let (things, clusters) = (entries.len(), clusters.len());
    let facts = format!("{things} things of {clusters} clusters belong to no cluster that lives");
    match reaping {
        Reaping::Remove(_) => check(
            true,
            format!("{facts}; they are removed within minutes, what is of a living cluster stays"),
        ),
        Reaping::Locked => check(
            false,
            format!("{facts}; nothing is removed while the installation is locked"),
        ),
        Reaping::Braked { doomed, listed } => {
            tracing::error!(%host, doomed, listed, "so many clusters would go that none does");
            check(
                false,
                format!(
                    "{facts}; nothing is removed, because {doomed} of {listed} clusters would go at once. \
                     If that is right: api-gateway admin reap {host}"
                ),
            )
        }
    }
}

fn check(ok: bool, message: impl Into<String>) -> Check {
    Check {
        name: CHECK.to_owned(),
        ok,
        message: message.into(),
    }
}
