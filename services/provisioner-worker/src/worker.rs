//! The worker's loop: asks for work when a bell rings, a slot frees, or some time has passed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use api::bus::{AcquireRequest, Lease, ReleaseRequest};
use bus::seal::SealKey;
use crash::crash_point;
use drivers::{Provision, Reach, notes::Notes};
use futures_util::{Stream, StreamExt};
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    context::Context,
    gateway::Gateway,
    held::{LeaseState, Leases},
    identity::Identity,
    inventory,
    lease::Holding,
    renew,
};

/// Bells may be lost: so long without one, the worker asks by itself.
const POLL: Duration = Duration::from_secs(5);
/// A question that did not get through is asked again so soon.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// How long the steps under way may take once the worker is asked to end.
const DRAIN: Duration = Duration::from_secs(25);
/// How long a worker that ends tries to say that others may take over.
const HAND_OVER: Duration = Duration::from_secs(4);

pub struct Worker<G, D> {
    context: Arc<Context<G, D>>,
    /// How often this life has asked for work.
    acquires: AtomicU64,
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
            context: Arc::new(Context {
                slots,
                pool,
                driver,
                gateway,
                identity,
                seal,
                leases: Leases::default(),
                host_changed: Notify::new(),
                renew_now: Notify::new(),
            }),
            acquires: AtomicU64::new(0),
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
        helpers.spawn(renew::run(self.context.clone(), ended.clone()));
        helpers.spawn(inventory::run(self.context.clone(), ended.clone()));
        let mut leases = JoinSet::new();
        let mut poll = interval(POLL);
        let (mut answered, mut rings) = (true, true);
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
                    self.context.renew_now.notify_one();
                }
                _ = poll.tick() => {}
                () = sleep(ASK_AGAIN), if !answered => {}
            }
            answered = self.acquire(&mut leases, &stop).await;
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

    /// Asks for as much work as there are free slots; false when the question did not get through.
    async fn acquire(&self, leases: &mut JoinSet<()>, stop: &CancellationToken) -> bool {
        let free = self
            .context
            .slots
            .saturating_sub(u32::try_from(leases.len()).unwrap_or(u32::MAX));
        if free == 0 {
            return true;
        }
        let request = AcquireRequest {
            worker: self.context.identity.worker.clone(),
            boot_id: self.context.identity.boot_id,
            driver: self.context.driver.name().to_owned(),
            free_slots: free,
            acquire_seq: self.acquires.fetch_add(1, Ordering::Relaxed) + 1,
            held: self
                .context
                .leases
                .all()
                .iter()
                .map(|held| held.fence)
                .collect(),
        };
        // The leases run from before the answer was on its way, whenever it is read.
        let asked = Instant::now();
        let reply = match self.context.gateway.acquire(request).await {
            Ok(reply) => reply,
            Err(error) => {
                tracing::debug!(%error, "no work could be asked for");
                return false;
            }
        };
        if let Some(highest) = reply.leases.iter().map(|lease| lease.fence).max() {
            crash_point!("worker.acquire.answered");
            self.context.identity.saw(&reply.installation, highest);
            crash_point!("worker.acquire.kept");
        }
        for lease in reply.leases {
            self.take_up(lease, &reply.installation, asked, leases, stop);
        }
        true
    }

    fn take_up(
        &self,
        lease: Lease,
        installation: &str,
        asked: Instant,
        leases: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) {
        tracing::info!(cluster = %lease.cluster, fence = lease.fence, goal = ?lease.desired.goal, "took up");
        let held = Arc::new(LeaseState::new(lease, installation.to_owned(), asked));
        let earlier = self.context.leases.put(&held);
        let (context, stop) = (self.context.clone(), stop.clone());
        leases.spawn(async move {
            // One cluster is in one pair of hands, in this worker too.
            if let Some(earlier) = earlier {
                earlier.lose();
                earlier.gone().await;
            }
            Holding {
                context: &context,
                lease: &held,
                stop: &stop,
                notes: Notes::default(),
            }
            .run()
            .await;
            context.leases.remove(&held);
            held.leave();
            context.host_changed.notify_one();
        });
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
            worker: self.context.identity.worker.clone(),
            boot_id: self.context.identity.boot_id,
        };
        let handing_over = async {
            loop {
                match self.context.gateway.release(request.clone()).await {
                    Ok(reply) => return tracing::info!(reply.released, "handed over"),
                    Err(error) => tracing::debug!(%error, "nobody heard of the hand-over"),
                }
                sleep(ASK_AGAIN).await;
            }
        };
        if timeout(HAND_OVER, handing_over).await.is_err() {
            tracing::warn!("what is left is handed over by the end of its leases");
        }
    }
}

#[cfg(test)]
mod tests;
