//! What a host has, compared with what it should have. Nothing is concluded from an incomplete
//! listing, or from one alone.

use std::collections::HashSet;

use api::bus::{InventoryReply, InventoryRequest, Item};
use crash::crash_point;
use domain::{ClusterId, Code, HostId, Reason, Verb, limits};
use sea_orm::TransactionTrait;

use super::{
    Error,
    due::{self, silent},
    installation, ledger,
    turn::{self, Asked},
};
use crate::{db, state::App};

/// A listing may have been made before the last change of a cluster: one that changed since is
/// looked at later.
const SETTLED_SECS: u32 = 20;
/// Clusters repaired after one inventory; the rest follow with the next.
const REPAIRS_MAX: usize = 16;
const NODE: &str = "node";

pub(crate) async fn take(
    app: &App,
    host: &HostId,
    inventory: InventoryRequest,
) -> Result<InventoryReply, Error> {
    let written = write_down(app, host, &inventory).await?;
    let name = host.as_str();
    db::due::at_all(&app.machines, due::POOL, name).await?;
    db::due::after(&app.machines, due::SILENT, name, limits::HOST_SILENT_SECS).await?;
    silent::heard(app, host).await?;
    if written.was_silent {
        app.bus.ring_host(host).await;
    }
    if let Some(before) = written.before.filter(|_| inventory.complete) {
        let nodes = [running_nodes(&before), running_nodes(&inventory.items)];
        let settled = db::host::settled(&app.machines, host, SETTLED_SECS).await?;
        let down = settled
            .into_iter()
            .filter(|cluster| nodes.iter().all(|nodes| !nodes.contains(cluster)));
        for (cluster, _) in down.take(REPAIRS_MAX) {
            repair(app, host, cluster).await?;
        }
    }
    Ok(InventoryReply {
        installation: app.installation.clone(),
        remove: written.remove,
    })
}

/// What an inventory left behind.
struct Written {
    /// The listing before it, if nothing speaks against comparing the two.
    before: Option<Vec<Item>>,
    remove: Vec<ClusterId>,
    /// It was given nothing for as long as it said nothing.
    was_silent: bool,
}

/// Keeps what the host says of itself, and what follows for its ledger, in one transaction.
async fn write_down(
    app: &App,
    host: &HostId,
    inventory: &InventoryRequest,
) -> Result<Written, Error> {
    let txn = app.machines.begin().await?;
    db::host::ensure(&txn, host, &inventory.driver).await?;
    db::host::lock(&txn, host).await?;
    installation::compare_fences(&txn, host, inventory.highest_fence).await?;
    let locked = installation::locked(&txn).await?.is_some();
    let was_silent =
        db::silence::owes_a_word(&txn, host.as_str(), limits::HOST_SILENT_SECS).await?;
    let before = db::host::latest_items(&txn, host).await?;
    let taken = if inventory.complete {
        ledger::take(&txn, host, &inventory.items, locked).await?
    } else {
        ledger::incomplete()
    };
    let mut checks = inventory.checks.clone();
    checks.push(taken.check);
    db::host::report(&txn, host, inventory, &checks).await?;
    crash_point!("gateway.inventory.before_commit");
    txn.commit().await?;
    crash_point!("gateway.inventory.after_commit");
    Ok(Written {
        before: before.filter(|_| !locked),
        remove: taken.remove,
        was_silent,
    })
}

fn running_nodes(items: &[Item]) -> HashSet<(ClusterId, u32)> {
    items
        .iter()
        .filter(|item| item.role == NODE && item.running)
        .map(|item| (item.cluster, item.generation))
        .collect()
}

/// Its node is down twice: it is started again, if nobody has decided anything else meanwhile.
async fn repair(app: &App, host: &HostId, id: ClusterId) -> Result<(), Error> {
    let txn = app.machines.begin().await?;
    let reason = Reason::new(Code::Down, "The cluster's node was found down on its host.");
    let asked = Asked {
        reason: Some(&reason),
        ..Asked::default()
    };
    match turn::apply(&txn, id, Verb::Repair, asked).await {
        Ok(_) => {}
        Err(Error::Refused(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    txn.commit().await?;
    app.appended.notify_one();
    app.bus.ring_host(host).await;
    tracing::warn!(cluster = %id, %host, "its node is down; it is started again");
    Ok(())
}
