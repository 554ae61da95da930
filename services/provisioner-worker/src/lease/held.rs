//! A lease as its holder knows it: what is wanted now, and whether anything may still be done under it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use api::bus::{Lease, Verdict};
use domain::{ClusterId, Desired};
use drivers::Spec;
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::worker::SELF_STOP;

/// What the worker knows of a lease it holds.
pub(crate) struct Held {
    pub(crate) cluster: ClusterId,
    pub(crate) fence: i64,
    installation: String,
    state: Mutex<State>,
    /// Rung when the goal turned or the lease is lost.
    pub(super) turned: Notify,
    gone: CancellationToken,
}

pub(super) struct State {
    desired: Desired,
    desired_rev: i64,
    /// The revision for which the host was last looked at.
    pub(super) looked_at: i64,
    pub(super) renewed: Instant,
    pub(super) lost: bool,
    pub(super) done: bool,
}

impl Held {
    /// A lease, good from when it was asked for.
    pub(crate) fn new(lease: Lease, installation: String, asked: Instant) -> Self {
        Self {
            cluster: lease.cluster,
            fence: lease.fence,
            installation,
            state: Mutex::new(State {
                desired: lease.desired,
                desired_rev: lease.desired_rev,
                looked_at: lease.desired_rev,
                renewed: asked,
                lost: false,
                done: false,
            }),
            turned: Notify::new(),
            gone: CancellationToken::new(),
        }
    }

    /// The lease has ended and a later one has taken its place.
    pub(crate) fn lose(&self) {
        self.state().lost = true;
        self.turned.notify_one();
    }

    /// Nothing is done under this lease any more.
    pub(crate) fn leave(&self) {
        self.gone.cancel();
    }

    pub(crate) async fn gone(&self) {
        self.gone.cancelled().await;
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn desired(&self) -> (Desired, i64) {
        let state = self.state();
        (state.desired.clone(), state.desired_rev)
    }

    /// What is observed from here on is told as seen under the present revision, however late.
    pub(super) fn look(&self) -> i64 {
        let mut state = self.state();
        state.looked_at = state.desired_rev;
        state.looked_at
    }

    /// Takes the gateway's word on a question asked at that time.
    pub(crate) fn take(&self, verdict: &Verdict, asked: Instant) {
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
                    let turned = desired.goal != state.desired.goal;
                    state.desired = desired.clone();
                    state.desired_rev = *desired_rev;
                    if turned {
                        self.turned.notify_one();
                    }
                }
            }
            Verdict::Done => {
                state.done = true;
                self.turned.notify_one();
            }
            Verdict::Fenced => {
                state.lost = true;
                self.turned.notify_one();
            }
        }
    }

    /// Nothing more may be done: somebody else holds it, it is done, or nobody renewed in time.
    pub(super) fn over(&self) -> bool {
        let state = self.state();
        state.lost || state.done || state.renewed.elapsed() >= SELF_STOP
    }

    /// When the worker stops by itself if nobody renews.
    pub(super) fn self_stop(&self) -> Instant {
        self.state().renewed + SELF_STOP
    }

    pub(super) fn spec(&self) -> Spec {
        Spec {
            installation: self.installation.clone(),
            cluster: self.cluster,
            desired: self.desired().0,
        }
    }

    /// The port the host chose stays chosen.
    pub(super) fn keep_port(&self, port: Option<u16>) {
        let mut state = self.state();
        if state.desired.api_port.is_none() {
            state.desired.api_port = port;
        }
    }
}
