//! The worker's loop: asks for work when a bell rings, a slot frees, or some time has passed.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::bus::{AcquireRequest, Lease, ReleaseRequest};
use bus::seal::SealKey;
use crash::crash_point;
use domain::limits;
use drivers::{Provision, Reach, notes::Notes};
use futures_util::{Stream, StreamExt};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

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
/// How long a worker that ends tries to say that others may take over.
const HAND_OVER: Duration = Duration::from_secs(4);

/// A worker stops itself well before anyone else may take over.
pub(crate) const SELF_STOP: Duration = Duration::from_secs(limits::LEASE_SELF_STOP_SECS as u64);

pub struct Worker<G, D> {
    pub(crate) slots: u32,
    /// Warm clusters that the host's operator wants there of each version.
    pub(crate) pool: u32,
    pub(crate) driver: D,
    pub(crate) gateway: G,
    pub(crate) identity: Identity,
    pub(crate) seal: SealKey,
    /// How often work was asked for since this boot.
    acquires: AtomicU64,
    /// Every cluster in this worker's hands.
    pub(crate) held: Mutex<Vec<Arc<Held>>>,
    /// Rung when something on the host changed.
    pub(crate) changed: Notify,
    /// Rung when the gateway has something new for what is held.
    pub(crate) asked: Notify,
}

impl<G: Gateway, D: Provision + Reach> Worker<G, D> {
    pub fn new(
        slots: u32,
        pool: u32,
        driver: D,
        gateway: G,
        identity: Identity,
        seal: SealKey,
    ) -> Self {
        Self {
            slots,
            pool,
            driver,
            gateway,
            identity,
            seal,
            acquires: AtomicU64::new(0),
            held: Mutex::default(),
            changed: Notify::new(),
            asked: Notify::new(),
        }
    }

    /// Works until `stop`, then lets what is under way finish and hands over the rest; no task
    /// fails by it. Everything the worker does ends at once when this future is dropped.
    pub async fn run(
        self: Arc<Self>,
        mut bells: impl Stream<Item = ()> + Unpin + Send,
        stop: CancellationToken,
    ) {
        let ended = CancellationToken::new();
        let mut helpers = JoinSet::new();
        helpers.spawn(renew::run(self.clone(), ended.clone()));
        helpers.spawn(inventory::run(self.clone(), ended.clone()));
        let mut leases = JoinSet::new();
        let mut poll = interval(POLL);
        let (mut heard, mut rings) = (true, true);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                Some(_) = leases.join_next(), if !leases.is_empty() => {}
                bell = bells.next(), if rings => {
                    if bell.is_none() {
                        tracing::error!("the doorbells' subscription ended; polling goes on");
                        rings = false;
                    }
                    self.asked.notify_one();
                }
                _ = poll.tick() => {}
                () = sleep(RETRY), if !heard => {}
            }
            heard = self.acquire(&mut leases, &stop).await;
        }
        self.drain(&mut leases).await;
        ended.cancel();
        while let Some(helper) = helpers.join_next().await {
            if let Err(error) = helper {
                tracing::error!(%error, "a helper ended badly");
            }
        }
        self.hand_over().await;
    }

    pub(crate) fn held(&self) -> Vec<Arc<Held>> {
        self.held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks for as much work as there are free slots; false when the question did not get through.
    async fn acquire(self: &Arc<Self>, leases: &mut JoinSet<()>, stop: &CancellationToken) -> bool {
        let free = self
            .slots
            .saturating_sub(u32::try_from(leases.len()).unwrap_or(u32::MAX));
        if free == 0 {
            return true;
        }
        let request = AcquireRequest {
            worker: self.identity.worker.clone(),
            boot_id: self.identity.boot_id,
            driver: self.driver.name().to_owned(),
            free_slots: free,
            acquire_seq: self.acquires.fetch_add(1, Ordering::Relaxed) + 1,
            held: self.held().iter().map(|held| held.fence).collect(),
        };
        // The leases run from before the answer was on its way, whenever it is read.
        let asked = Instant::now();
        let reply = match self.gateway.acquire(request).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::debug!(%error, "no work could be asked for");
                return false;
            }
        };
        if let Some(highest) = reply.leases.iter().map(|lease| lease.fence).max() {
            crash_point!("worker.acquire.answered");
            self.identity.saw(&reply.installation, highest);
            crash_point!("worker.acquire.kept");
        }
        for lease in reply.leases {
            self.take_up(lease, &reply.installation, asked, leases, stop);
        }
        true
    }

    fn take_up(
        self: &Arc<Self>,
        lease: Lease,
        installation: &str,
        asked: Instant,
        leases: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        tracing::info!(cluster = %lease.cluster, fence = lease.fence, goal = ?lease.desired.goal, "took up");
        let held = Arc::new(Held::new(lease, installation.to_owned(), asked));
        let earlier = self.hold(&held);
        let (worker, stop) = (self.clone(), stop.clone());
        leases.spawn(async move {
            // One cluster is in one pair of hands, in this worker too.
            if let Some(earlier) = earlier {
                earlier.lose();
                earlier.gone().await;
            }
            Holding {
                worker: &worker,
                held: &held,
                stop: &stop,
                notes: Notes::default(),
            }
            .run()
            .await;
            worker
                .held
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .retain(|other| !Arc::ptr_eq(other, &held));
            held.leave();
            worker.changed.notify_one();
        });
    }

    /// Takes the place of an earlier lease of the same cluster, which ran out unnoticed.
    fn hold(&self, held: &Arc<Held>) -> Option<Arc<Held>> {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = all
            .iter()
            .position(|other| other.cluster == held.cluster)
            .map(|at| all.remove(at));
        all.push(held.clone());
        earlier
    }

    /// Lets the steps under way finish, for so long; what does not is dropped before it is handed over.
    async fn drain(&self, leases: &mut JoinSet<()>) {
        let finishing = async { while leases.join_next().await.is_some() {} };
        if timeout(DRAIN, finishing).await.is_err() {
            tracing::warn!(left = leases.len(), "steps are left to whoever takes over");
            leases.shutdown().await;
        }
    }

    /// Says that others may have what this life held. If nobody hears it, the leases run out.
    async fn hand_over(&self) {
        let request = ReleaseRequest {
            worker: self.identity.worker.clone(),
            boot_id: self.identity.boot_id,
        };
        let telling = async {
            loop {
                match self.gateway.release(request.clone()).await {
                    Ok(reply) => return tracing::info!(reply.released, "handed over"),
                    Err(error) => tracing::debug!(%error, "nobody heard of the hand-over"),
                }
                sleep(RETRY).await;
            }
        };
        if timeout(HAND_OVER, telling).await.is_err() {
            tracing::warn!("what is left is handed over by the end of its leases");
        }
    }
}

#[cfg(test)]
mod tests;
