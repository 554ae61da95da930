//! What the host has, reported to the gateway every 10 s and on change; and what the gateway then says
//! is nobody's any more, removed.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use api::{
    bus::{Capacity, InventoryRequest, Item},
    health::Check,
};
use crash::between;
use domain::ClusterId;
use drivers::{Error, Finding, Provision, Reach};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{context::Context, gateway::Gateway};

const INTERVAL: Duration = Duration::from_secs(10);
/// Items in one message; more make the listing incomplete.
const ITEMS_MAX: usize = 1000;
/// Clusters whose rest is removed after one answer, one after the other; more come with the next.
const REMOVALS_MAX: usize = 8;
const REMOVAL: Duration = Duration::from_secs(60);
/// How long the engine may take to be inspected.
const INSPECT: Duration = Duration::from_secs(20);
/// A host needs this much for one more lab.
const MEMORY_LOW_MIB: u32 = 1024;
const DISK_LOW_PERCENT: u64 = 15;

pub(crate) async fn run<G: Gateway, D: Provision + Reach>(
    context: Arc<Context<G, D>>,
    stop: CancellationToken,
) {
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The gateway says the installation's ID with its first answer; until then nothing is ours.
    let mut installation = String::new();
    let mut removing = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            Some(_) = removing.join_next(), if !removing.is_empty() => continue,
            _ = tick.tick() => {}
            () = context.host_changed.notified() => {}
        }
        let Ok(request) = timeout(INSPECT, inspect(&context, &installation)).await else {
            tracing::warn!("the host could not be looked over in time");
            continue;
        };
        let answer = between!(
            "worker.inventory.before",
            context.gateway.inventory(request),
            "worker.inventory.after"
        );
        match answer {
            Ok(reply) => {
                if installation != reply.installation {
                    installation = reply.installation;
                    context.host_changed.notify_one();
                } else if removing.is_empty() && !reply.remove.is_empty() {
                    let orphans = reply.remove.into_iter().take(REMOVALS_MAX).collect();
                    removing.spawn(remove(context.clone(), installation.clone(), orphans));
                }
            }
            Err(error) => tracing::debug!(%error, "the inventory was not taken"),
        }
    }
}

/// Removes what bears the labels of clusters that are gone for good. What this worker holds is
/// never touched, whatever the gateway says.
async fn remove<G: Gateway, D: Provision + Reach>(
    context: Arc<Context<G, D>>,
    installation: String,
    mut orphans: VecDeque<ClusterId>,
) {
    while let Some(cluster) = orphans.pop_front() {
        let leases = context.leases.all();
        if leases.iter().any(|lease| lease.cluster == cluster) {
            tracing::warn!(%cluster, "is said to be gone and is held here: left alone");
            continue;
        }
        let removal = context.driver.remove(&installation, cluster);
        match timeout(REMOVAL, removal).await {
            Ok(Ok(())) => tracing::info!(%cluster, "what was left of it is removed"),
            Ok(Err(error)) => {
                tracing::warn!(%cluster, error = &error as &dyn std::error::Error, "what is left of it stays for now");
            }
            Err(_) => tracing::warn!(%cluster, "what is left of it was not removed in time"),
        }
    }
    context.host_changed.notify_one();
}

async fn inspect<G: Gateway, D: Provision + Reach>(
    context: &Context<G, D>,
    installation: &str,
) -> InventoryRequest {
    let mut listed = context.driver.inventory(installation).await;
    let measured = context.driver.capacity().await;
    let mut checks: Vec<Check> = context
        .driver
        .checks()
        .await
        .into_iter()
        .map(check)
        .collect();
    checks.extend(room(&measured));
    let capacity = measured.unwrap_or_default();
    let complete = listed.complete && !installation.is_empty() && listed.items.len() <= ITEMS_MAX;
    listed.items.truncate(ITEMS_MAX);
    let fences = context.identity.fences();
    InventoryRequest {
        worker: context.identity.worker.clone(),
        driver: context.driver.name().to_owned(),
        slots: context.slots,
        capacity: Capacity {
            cpu_millis: capacity.cpu_millis,
            memory_mib: capacity.memory_mib,
            memory_free_mib: capacity.memory_free_mib,
            disk_mib: capacity.disk_mib,
            disk_free_mib: capacity.disk_free_mib,
            load_hundredths: capacity.load_hundredths,
        },
        complete,
        items: listed
            .items
            .into_iter()
            .map(|found| Item {
                cluster: found.cluster,
                generation: found.generation,
                role: found.role.as_str().to_owned(),
                name: found.name,
                running: found.running,
            })
            .collect(),
        checks,
        versions: listed.versions,
        highest_fence: fences.of_nobody(),
        fences: fences.by_installation(),
        pool: context.pool,
    }
}

/// Memory and disk, each with what to do when there is too little.
fn room(measured: &Result<drivers::Capacity, Error>) -> Vec<Check> {
    let Ok(capacity) = measured else {
        let unknown = |name| Finding::bad(name, "not known while the engine does not answer");
        return vec![check(unknown("memory")), check(unknown("disk"))];
    };
    let memory = format!(
        "{} of {} MiB are free",
        capacity.memory_free_mib, capacity.memory_mib
    );
    let memory = if capacity.memory_free_mib >= MEMORY_LOW_MIB {
        Finding::good("memory", memory)
    } else {
        Finding::bad(
            "memory",
            format!(
                "{memory}, and new clusters wait below {MEMORY_LOW_MIB}: stop or delete clusters here, or give the host more"
            ),
        )
    };
    let percent = 100 * capacity.disk_free_mib / capacity.disk_mib.max(1);
    let disk = format!(
        "{} of {} MiB ({percent} %) are free",
        capacity.disk_free_mib, capacity.disk_mib
    );
    let disk = if percent >= DISK_LOW_PERCENT {
        Finding::good("disk", disk)
    } else {
        Finding::bad(
            "disk",
            format!(
                "{disk}, and new clusters wait below {DISK_LOW_PERCENT} %: delete clusters here, or prune the engine's unused images"
            ),
        )
    };
    vec![check(memory), check(disk)]
}

fn check(finding: Finding) -> Check {
    Check {
        name: finding.name.to_owned(),
        ok: finding.ok,
        message: finding.message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_short_of_room_says_what_to_do() {
        let short = drivers::Capacity {
            memory_mib: 4096,
            memory_free_mib: 100,
            disk_mib: 1000,
            disk_free_mib: 100,
            ..drivers::Capacity::default()
        };
        for check in room(&Ok(short)) {
            assert!(!check.ok && check.message.contains(": "), "{check:?}");
        }
        let well = drivers::Capacity {
            memory_free_mib: 4096,
            disk_free_mib: 900,
            ..short
        };
        assert!(room(&Ok(well)).iter().all(|check| check.ok));
        assert!(room(&Err(Error::NoPort)).iter().all(|check| !check.ok));
    }
}
