//! What a host has, compared with what it should have. Nothing is concluded from an incomplete
//! listing, or from one alone.

use std::collections::HashSet;

use api::{
    bus::{InventoryReply, InventoryRequest, Item},
    event::kind,
};
use crash::crash_point;
use domain::{ClusterId, Code, Goal, HostId, Reason, Verb, limits};
use sea_orm::TransactionTrait;

use crate::{
    clusters::{
        cluster::{self, sql::ClusterRow},
        events,
        transition::{self, Cause},
    },
    hosts::{
        host::{self, sql::Settled},
        ledger, silence,
    },
    kernel::{
        due::{self, kind::Kind},
        error::Error,
        installation,
        state::App,
    },
};

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
    due::sql::at_all(&app.machines, Kind::Pool, name).await?;
    due::sql::after(&app.machines, Kind::Silent, name, limits::HOST_SILENT_SECS).await?;
    silence::heard(app, host).await?;
    if written.was_silent {
        app.bus.ring_host(host).await;
    }
    if let Some(before) = written.before.filter(|_| inventory.complete) {
        let nodes = [running_nodes(&before), running_nodes(&inventory.items)];
        let settled = host::sql::settled(&app.machines, host, SETTLED_SECS).await?;
        tell_of_nodes(app, &settled, &nodes[1]).await?;
        // Otherwise than it should be, in both listings.
        let otherwise = settled.into_iter().filter(|settled| {
            let node = (settled.cluster, settled.generation);
            nodes
                .iter()
                .all(|nodes| nodes.contains(&node) != settled.runs)
        });
        for settled in otherwise.take(REPAIRS_MAX) {
            repair(app, host, &settled).await?;
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
    host::sql::ensure(&txn, host, &inventory.driver).await?;
    host::sql::lock(&txn, host).await?;
    let fence = fence_seen(app, inventory);
    installation::compare_fences(&txn, host, fence).await?;
    let locked = installation::frozen(&txn).await?.is_some();
    let was_silent =
        installation::sql::owes_a_word(&txn, host.as_str(), limits::HOST_SILENT_SECS).await?;
    let before = host::sql::latest_items(&txn, host).await?;
    let taken = if inventory.complete {
        ledger::take(&txn, host, &inventory.items, locked).await?
    } else {
        ledger::incomplete()
    };
    let mut checks = inventory.checks.clone();
    checks.push(taken.check);
    host::sql::report(&txn, host, inventory, &checks, fence).await?;
    host::tell(&txn, host).await?;
    crash_point!("gateway.inventory.before_commit");
    txn.commit().await?;
    crash_point!("gateway.inventory.after_commit");
    Ok(Written {
        before: before.filter(|_| !locked),
        remove: taken.remove,
        was_silent,
    })
}

/// The highest fence a host has seen of this installation. What it has seen of another, from whose database its
/// worker's folder comes, says nothing.
fn fence_seen(app: &App, inventory: &InventoryRequest) -> i64 {
    let ours = inventory.fences.get(&app.installation).copied();
    ours.unwrap_or_default().max(inventory.highest_fence)
}

fn running_nodes(items: &[Item]) -> HashSet<(ClusterId, u32)> {
    items
        .iter()
        .filter(|item| item.role == NODE && item.running)
        .map(|item| (item.cluster, item.generation))
        .collect()
}

/// Clusters at rest whose node is otherwise than it was last known: said at once, repaired later.
async fn tell_of_nodes(
    app: &App,
    settled: &[Settled],
    running: &HashSet<(ClusterId, u32)>,
) -> Result<(), Error> {
    let news = settled.iter().filter_map(|settled| {
        let known = settled.components?;
        let runs = running.contains(&(settled.cluster, settled.generation));
        let now = known.with_node(runs, settled.runs);
        (now != known).then_some((settled.cluster, now))
    });
    for (cluster, now) in news.take(REPAIRS_MAX) {
        let txn = app.machines.begin().await?;
        transition::locked(&txn, cluster).await?;
        if cluster::sql::set_components(&txn, cluster, now).await? {
            cluster::sql::touch(&txn, cluster).await?;
            let row = transition::locked(&txn, cluster).await?;
            events::cluster(&txn, &row, kind::CLUSTER_CHANGED).await?;
        }
        txn.commit().await?;
        app.appended.notify_one();
    }
    Ok(())
}

/// Its node was found otherwise twice: it is started again or stopped again, if nobody has decided
/// anything else meanwhile.
async fn repair(app: &App, host: &HostId, settled: &Settled) -> Result<(), Error> {
    let id = settled.cluster;
    let txn = app.machines.begin().await?;
    let (goal, reason) = match settled.runs {
        true => (Goal::Running, was_down()),
        false => (
            Goal::Stopped,
            still_running(&transition::locked(&txn, id).await?),
        ),
    };
    let asked = Cause {
        reason: Some(&reason),
        ..Cause::default()
    };
    match transition::apply(&txn, id, Verb::Repair(goal), asked).await {
        Ok(_) => {}
        Err(Error::Refused(_)) => return Ok(()),
        Err(error) => return Err(error),
    }
    txn.commit().await?;
    app.appended.notify_one();
    app.bus.ring_host(host).await;
    tracing::warn!(cluster = %id, %host, ?goal, "its node is not as it should be; it is repaired");
    Ok(())
}

fn was_down() -> Reason {
    Reason::new(Code::Down, "The cluster's node was down on its host.")
}

/// Why labyard stopped it in the first place stays to be read.
fn still_running(row: &ClusterRow) -> Reason {
    let idle = row.reason().filter(|reason| reason.code == Code::Idle);
    idle.unwrap_or_else(|| {
        let facts = "The stopped cluster's node was running on its host.";
        Reason::new(Code::StillRunning, facts)
    })
}
