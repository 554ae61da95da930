//! What the host has, told to the gateway every 10 s and on change.

use std::{sync::Arc, time::Duration};

use api::{
    bus::{Capacity, InventoryRequest, Item},
    health::Check,
};
use drivers::Provision;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{gateway::Gateway, worker::Worker};

const INTERVAL: Duration = Duration::from_secs(10);
/// Items told in one message; more make the listing incomplete.
const ITEMS_MAX: usize = 1000;

pub(crate) async fn run<G: Gateway>(worker: Arc<Worker<G>>, stop: CancellationToken) {
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The gateway says the installation's ID with its first answer; until then nothing is ours.
    let mut installation = String::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
            () = worker.changed.notified() => {}
        }
        let request = look(&worker, &installation).await;
        match worker.gateway.inventory(request).await {
            Ok(reply) => {
                if installation != reply.installation {
                    installation = reply.installation;
                    worker.changed.notify_one();
                }
            }
            Err(error) => tracing::debug!(%error, "the inventory was not taken"),
        }
    }
}

async fn look<G: Gateway>(worker: &Worker<G>, installation: &str) -> InventoryRequest {
    let mut listed = worker.driver.inventory(installation).await;
    let (capacity, engine) = match worker.driver.capacity().await {
        Ok(capacity) => (capacity, check("engine", true, "answers".into())),
        Err(error) => (
            drivers::Capacity::default(),
            check("engine", false, error.reason().message),
        ),
    };
    let image = match listed.versions.as_slice() {
        [] => check(
            "node image",
            false,
            "no node image is here: run make node-image".into(),
        ),
        versions => check("node image", true, versions.join(", ")),
    };
    let complete = listed.complete && !installation.is_empty() && listed.items.len() <= ITEMS_MAX;
    listed.items.truncate(ITEMS_MAX);
    InventoryRequest {
        worker: worker.identity.worker.clone(),
        driver: worker.driver.name().to_owned(),
        slots: worker.slots,
        capacity: Capacity {
            cpu_millis: capacity.cpu_millis,
            memory_mib: capacity.memory_mib,
            memory_free_mib: capacity.memory_free_mib,
            disk_mib: capacity.disk_mib,
            disk_free_mib: capacity.disk_free_mib,
            load_hundredths: 0,
        },
        complete,
        items: listed
            .items
            .into_iter()
            .map(|found| Item {
                cluster: found.cluster,
                generation: found.generation,
                role: found.role,
                name: found.name,
                running: found.running,
            })
            .collect(),
        checks: vec![engine, image],
        versions: listed.versions,
        highest_fence: worker.identity.highest_fence(),
        pool: 0,
    }
}

fn check(name: &str, ok: bool, message: String) -> Check {
    Check {
        name: name.to_owned(),
        ok,
        message,
    }
}
