//! What this worker holds: each lease as its holder knows it (what is wanted now, and whether anything may still be done
//! under it), and all of them.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::bus::{Lease, Verdict};
use domain::{ClusterId, Desired, Endpoint, limits};
use drivers::Spec;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

/// A worker stops itself well before anyone else may take over.
pub(crate) const SELF_STOP: Duration = Duration::from_secs(limits::LEASE_SELF_STOP_SECS as u64);

/// What the worker knows of a lease it holds.
pub(crate) struct LeaseState {
    pub(crate) cluster: ClusterId,
    pub(crate) fence: i64,
    installation: String,
    state: Mutex<State>,
    /// Rung when the goal changed or nothing more may be done.
    pub(crate) interrupt: Notify,
    gone: CancellationToken,
}

pub(crate) struct State {
    desired: Desired,
    desired_rev: i64,
    /// The revision for which the host was last observed.
    pub(crate) observed_rev: i64,
    /// Where the cluster's API answers or will answer, as the host said.
    endpoint: Option<Endpoint>,
    pub(crate) renewed: Instant,
    pub(crate) lost: bool,
    pub(crate) done: bool,
}

impl LeaseState {
    /// A lease, good from when it was asked for.
    pub(crate) fn new(lease: Lease, installation: String, asked: Instant) -> Self {
        Self {
            cluster: lease.cluster,
            fence: lease.fence,
            installation,
            state: Mutex::new(State {
                desired: lease.desired,
                desired_rev: lease.desired_rev,
                observed_rev: lease.desired_rev,
                endpoint: None,
                renewed: asked,
                lost: false,
                done: false,
            }),
            interrupt: Notify::new(),
            gone: CancellationToken::new(),
        }
    }

    /// The lease has ended and a later one has taken its place.
    pub(crate) fn lose(&self) {
        self.state().lost = true;
        self.interrupt.notify_one();
    }

    /// Nothing is done under this lease any more.
    pub(crate) fn leave(&self) {
        self.gone.cancel();
    }

    pub(crate) async fn gone(&self) {
        self.gone.cancelled().await;
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn desired(&self) -> (Desired, i64) {
        let state = self.state();
        (state.desired.clone(), state.desired_rev)
    }

    /// What is observed from here on is reported as seen under the present revision, however late.
    pub(crate) fn begin_observing(&self) -> i64 {
        let mut state = self.state();
        state.observed_rev = state.desired_rev;
        state.observed_rev
    }

    /// The gateway's word on a question asked at that time.
    pub(crate) fn on_verdict(&self, verdict: &Verdict, asked: Instant) {
        let mut state = self.state();
        match verdict {
            Verdict::Continue {
                desired_rev,
                desired,
                ..
            } => {
                state.renewed = state.renewed.max(asked);
                if let Some(desired) = desired
                    && *desired_rev > state.desired_rev
                {
                    tracing::info!(cluster = %self.cluster, goal = ?desired.goal, "the goal turned");
                    let changed = desired.goal != state.desired.goal;
                    state.desired = desired.clone();
                    state.desired_rev = *desired_rev;
                    if changed {
                        self.interrupt.notify_one();
                    }
                }
            }
            Verdict::Done => {
                state.done = true;
                self.interrupt.notify_one();
            }
            Verdict::Fenced => {
                state.lost = true;
                self.interrupt.notify_one();
            }
        }
    }

    /// Nothing more may be done: somebody else holds it, it is done, or nobody renewed in time.
    pub(crate) fn over(&self) -> bool {
        let state = self.state();
        state.lost || state.done || state.renewed.elapsed() >= SELF_STOP
    }

    /// When the worker stops by itself if nobody renews.
    pub(crate) fn self_stop(&self) -> Instant {
        self.state().renewed + SELF_STOP
    }

    pub(crate) fn spec(&self) -> Spec {
        Spec {
            installation: self.installation.clone(),
            cluster: self.cluster,
            desired: self.desired().0,
        }
    }

    /// The endpoint the host chose, or has, stays chosen.
    pub(crate) fn keep_endpoint(&self, endpoint: &Endpoint) {
        let mut state = self.state();
        state.desired.api_port.get_or_insert(endpoint.port);
        state.endpoint.get_or_insert_with(|| endpoint.clone());
    }

    pub(crate) fn endpoint(&self) -> Option<Endpoint> {
        self.state().endpoint.clone()
    }
}

/// Every lease in this worker's hands, one of each cluster.
#[derive(Default)]
pub(crate) struct Leases(Mutex<Vec<Arc<LeaseState>>>);

impl Leases {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<LeaseState>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<Arc<LeaseState>> {
        self.lock().clone()
    }

    /// Takes the place of an earlier lease of the same cluster, which ran out unnoticed.
    pub(crate) fn put(&self, lease: &Arc<LeaseState>) -> Option<Arc<LeaseState>> {
        let mut all = self.lock();
        let earlier = all
            .iter()
            .position(|other| other.cluster == lease.cluster)
            .map(|at| all.remove(at));
        all.push(lease.clone());
        earlier
    }

    /// Nothing more is done under it.
    pub(crate) fn remove(&self, lease: &Arc<LeaseState>) {
        self.lock().retain(|other| !Arc::ptr_eq(other, lease));
    }
}
