//! The worker's loop: asks for work when a bell rings, a slot frees, or some time has passed.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use api::bus::AcquireRequest;
use bus::{Doorbells, seal::SealKey};
use domain::limits;
use drivers::Driver;
use futures_util::StreamExt;
use tokio::{sync::Notify, time::interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    gateway::Gateway,
    identity::Identity,
    inventory,
    lease::{Held, Holding},
    renew,
};

/// Bells may be lost: so long without one, the worker asks by itself.
const POLL: Duration = Duration::from_secs(5);
/// A question that did not get through is asked again so soon.
const RETRY: Duration = Duration::from_millis(250);
/// How long the steps under way may take once the worker is asked to end.
const DRAIN: Duration = Duration::from_secs(25);

pub(crate) struct Worker<G> {
    pub(crate) slots: u32,
    pub(crate) driver: Driver,
    pub(crate) gateway: G,
    pub(crate) identity: Identity,
    pub(crate) seal: SealKey,
    /// Every cluster in this worker's hands.
    pub(crate) held: Mutex<Vec<Arc<Held>>>,
    /// Rung when a slot frees.
    pub(crate) freed: Notify,
    /// Rung when something on the host changed.
    pub(crate) changed: Notify,
    /// Rung when the gateway has something new for what is held.
    pub(crate) asked: Notify,
}

impl<G: Gateway> Worker<G> {
    pub(crate) fn new(
        slots: u32,
        driver: Driver,
        gateway: G,
        identity: Identity,
        seal: SealKey,
    ) -> Self {
        Self {
            slots,
            driver,
            gateway,
            identity,
            seal,
            held: Mutex::default(),
            freed: Notify::new(),
            changed: Notify::new(),
            asked: Notify::new(),
        }
    }

    /// Works until `stop`, then lets what is under way finish. What does not is handed over by
    /// the end of its lease; no task fails by it.
    pub(crate) async fn run(self: Arc<Self>, mut bells: Doorbells, stop: CancellationToken) {
        let helpers = CancellationToken::new();
        let renewing = tokio::spawn(renew::run(self.clone(), helpers.clone()));
        let listing = tokio::spawn(inventory::run(self.clone(), helpers.clone()));
        let leases = TaskTracker::new();
        let mut poll = interval(POLL);
        let mut heard = true;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = poll.tick() => {}
                () = tokio::time::sleep(RETRY), if !heard => {}
                () = self.freed.notified() => {}
                bell = bells.next() => {
                    if bell.is_none() {
                        tracing::error!("the doorbells' subscription ended; polling goes on");
                        stop.run_until_cancelled(tokio::time::sleep(POLL)).await;
                    }
                    self.asked.notify_one();
                }
            }
            heard = self.acquire(&leases, &stop).await;
        }
        leases.close();
        if tokio::time::timeout(DRAIN, leases.wait()).await.is_err() {
            tracing::warn!(
                left = self.held().len(),
                "clusters are handed over by the end of their leases"
            );
        }
        helpers.cancel();
        for helper in [renewing, listing] {
            if let Err(error) = helper.await {
                tracing::error!(%error, "a helper ended badly");
            }
        }
    }

    pub(crate) fn held(&self) -> Vec<Arc<Held>> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks for as much work as there are free slots; false when the question did not get through.
    async fn acquire(self: &Arc<Self>, leases: &TaskTracker, stop: &CancellationToken) -> bool {
        let free = self
            .slots
            .saturating_sub(u32::try_from(self.held().len()).unwrap_or(u32::MAX));
        let request = AcquireRequest {
            worker: self.identity.worker.clone(),
            life: self.identity.life,
            driver: self.driver.name().to_owned(),
            free_slots: free,
        };
        if free == 0 {
            return true;
        }
        let reply = match self.gateway.acquire(request).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::debug!(%error, "no work could be asked for");
                return false;
            }
        };
        for lease in reply.leases {
            self.identity.saw(lease.fence);
            tracing::info!(cluster = %lease.cluster, fence = lease.fence, goal = ?lease.desired.goal, "took up");
            let held = Arc::new(Held::new(lease, reply.installation.clone()));
            self.held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(held.clone());
            let (worker, stop) = (self.clone(), stop.clone());
            leases.spawn(async move {
                Holding {
                    worker: &worker,
                    held: &held,
                    stop: &stop,
                }
                .run()
                .await;
                worker
                    .held
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .retain(|other| !Arc::ptr_eq(other, &held));
                worker.freed.notify_one();
                worker.changed.notify_one();
            });
        }
        true
    }
}

/// A worker stops itself well before anyone else may take over.
pub(crate) const SELF_STOP: Duration = Duration::from_secs(limits::LEASE_SELF_STOP_SECS as u64);
