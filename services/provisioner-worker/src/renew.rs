//! Renewal: one request for everything held, every 10 s and whenever a bell rings.

use std::{sync::Arc, time::Duration};

use api::bus::{LeaseRef, RenewRequest};
use crash::between;
use domain::limits;
use drivers::{Provision, Reach};
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{context::Context, gateway::Gateway};

const INTERVAL: Duration = Duration::from_secs(limits::LEASE_RENEW_SECS as u64);

pub(crate) async fn run<G: Gateway, D: Provision + Reach>(
    context: Arc<Context<G, D>>,
    stop: CancellationToken,
) {
    let mut tick = interval(INTERVAL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = tick.tick() => {}
            () = context.renew_now.notified() => {}
        }
        renew(&context).await;
    }
}

async fn renew<G: Gateway, D: Provision + Reach>(context: &Context<G, D>) {
    let held = context.leases.all();
    if held.is_empty() {
        return;
    }
    let leases = held
        .iter()
        .map(|held| LeaseRef {
            cluster: held.cluster,
            fence: held.fence,
            desired_rev: held.desired().1,
        })
        .collect();
    let request = RenewRequest {
        worker: context.identity.worker.clone(),
        boot_id: context.identity.boot_id,
        leases,
    };
    // Renewed from when it was asked: the answer may be read long after it was given.
    let asked = Instant::now();
    match between!(
        "worker.renew.before",
        context.gateway.renew(request),
        "worker.renew.after"
    ) {
        Ok(reply) => {
            for renewed in reply.leases {
                if let Some(held) = held.iter().find(|held| held.cluster == renewed.cluster) {
                    held.on_verdict(&renewed.verdict, asked);
                }
            }
        }
        Err(error) => tracing::warn!(%error, held = held.len(), "leases could not be renewed"),
    }
}
