//! One cluster in this worker's hands, until its goal is reached, given up or somebody else's.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::bus::{Lease, ReportRequest, Sealed, StepOutcome, StepReport, Verdict};
use domain::{ClusterId, Desired, Goal, Observed, Step, plan};
use drivers::{Error, Provision, Reach, Spec};
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::Gateway,
    worker::{SELF_STOP, Worker},
};

/// Tries of one step before the task is given up; a removal is tried for ever.
const TRIES_MAX: u32 = 5;
const RETRY_FIRST: Duration = Duration::from_millis(500);
const RETRY_MAX: Duration = Duration::from_secs(15);
/// How soon a report that did not get through is sent again.
const RESEND: Duration = Duration::from_millis(500);

/// What the worker knows of a lease it holds.
pub(crate) struct Held {
    pub(crate) cluster: ClusterId,
    pub(crate) fence: i64,
    installation: String,
    state: Mutex<State>,
    /// Rung when the goal turned or the lease is lost.
    turned: Notify,
}

struct State {
    desired: Desired,
    desired_rev: i64,
    renewed: Instant,
    lost: bool,
    done: bool,
}

impl Held {
    pub(crate) fn new(lease: Lease, installation: String) -> Self {
        Self {
            cluster: lease.cluster,
            fence: lease.fence,
            installation,
            state: Mutex::new(State {
                desired: lease.desired,
                desired_rev: lease.desired_rev,
                renewed: Instant::now(),
                lost: false,
                done: false,
            }),
            turned: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn desired(&self) -> (Desired, i64) {
        let state = self.state();
        (state.desired.clone(), state.desired_rev)
    }

    /// Takes the gateway's word.
    pub(crate) fn take(&self, verdict: &Verdict) {
        let mut state = self.state();
        match verdict {
            Verdict::Continue {
                desired_rev,
                desired,
                ..
            } => {
                state.renewed = Instant::now();
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
    fn over(&self) -> bool {
        let state = self.state();
        state.lost || state.done || state.renewed.elapsed() > SELF_STOP
    }

    /// When the worker stops by itself if nobody renews.
    fn self_stop(&self) -> Instant {
        self.state().renewed + SELF_STOP
    }

    fn spec(&self) -> Spec {
        Spec {
            installation: self.installation.clone(),
            cluster: self.cluster,
            desired: self.desired().0,
        }
    }

    /// The port the host chose stays chosen.
    fn keep_port(&self, port: Option<u16>) {
        let mut state = self.state();
        if state.desired.api_port.is_none() {
            state.desired.api_port = port;
        }
    }
}

/// The work on one lease.
pub(crate) struct Holding<'a, G> {
    pub(crate) worker: &'a Worker<G>,
    pub(crate) held: &'a Held,
    pub(crate) stop: &'a CancellationToken,
}

impl<G: Gateway> Holding<'_, G> {
    /// Step by step until there is nothing left to do, or nothing more may be done.
    pub(crate) async fn run(&self) {
        let mut tries = 0;
        while !self.held.over() && !self.stop.is_cancelled() {
            match self.advance(tries).await {
                Advanced::On => tries = 0,
                Advanced::Again => {
                    tries += 1;
                    let wait = RETRY_FIRST
                        .saturating_mul(1 << tries.min(10))
                        .min(RETRY_MAX);
                    tokio::select! {
                        () = sleep(wait) => {}
                        () = self.held.turned.notified() => {}
                        () = self.stop.cancelled() => {}
                    }
                }
            }
        }
        let state = self.held.state();
        if state.lost {
            tracing::warn!(cluster = %self.held.cluster, fence = self.held.fence, "fenced: touches nothing more");
        } else if !state.done && state.renewed.elapsed() > SELF_STOP {
            tracing::warn!(cluster = %self.held.cluster, "nobody renewed the lease: stopped");
        }
    }

    /// Observes and does the one next step.
    async fn advance(&self, tries: u32) -> Advanced {
        let spec = self.held.spec();
        let observed = match self.worker.driver.observe(&spec).await {
            Ok(observed) => observed,
            Err(error) => {
                tracing::warn!(cluster = %spec.cluster, error = &error as &dyn std::error::Error, "not observed");
                return Advanced::Again;
            }
        };
        self.held.keep_port(observed.api_port);
        let spec = self.held.spec();
        let Some(step) = plan(&spec.desired, &observed) else {
            let admin = self.sealed_admin(&spec).await;
            self.report(None, observed, admin).await;
            return Advanced::On;
        };
        self.report(
            Some(StepReport {
                step,
                outcome: StepOutcome::Began,
                log: vec![],
            }),
            observed.clone(),
            None,
        )
        .await;
        if self.held.over() || self.held.spec().desired.goal != spec.desired.goal {
            return Advanced::On;
        }
        match self.act(&spec, step).await {
            Acted::Done => self.ended(&spec, step).await,
            Acted::Turned => Advanced::On,
            Acted::Failed(error) => self.failed(&spec, step, observed, &error, tries).await,
        }
    }

    /// Does a step; a long wait ends early when the goal turns or the lease is over.
    async fn act(&self, spec: &Spec, step: Step) -> Acted {
        let driver = &self.worker.driver;
        let doing = async {
            match step {
                Step::Prepare => driver
                    .prepare(spec)
                    .await
                    .map(|port| self.held.keep_port(Some(port))),
                Step::Create => driver.create(spec).await,
                Step::Start => driver.start(spec).await,
                Step::Ready => driver.ready(spec).await,
                Step::Stop => driver.stop(spec).await,
                Step::Remove => driver.remove(spec).await,
            }
        };
        let result = if step == Step::Ready {
            tokio::pin!(doing);
            loop {
                let self_stop = self.held.self_stop();
                tokio::select! {
                    result = &mut doing => break result,
                    () = self.held.turned.notified() => return Acted::Turned,
                    () = self.stop.cancelled() => return Acted::Turned,
                    () = tokio::time::sleep_until(self_stop) => {
                        if self.held.over() {
                            return Acted::Turned;
                        }
                    }
                }
            }
        } else {
            doing.await
        };
        match result {
            Ok(()) => Acted::Done,
            Err(error) => Acted::Failed(error),
        }
    }

    async fn ended(&self, spec: &Spec, step: Step) -> Advanced {
        let spec = Spec {
            desired: self.held.desired().0,
            ..spec.clone()
        };
        let observed = match self.worker.driver.observe(&spec).await {
            Ok(observed) => observed,
            Err(error) => {
                tracing::warn!(cluster = %spec.cluster, error = &error as &dyn std::error::Error, "not observed");
                return Advanced::Again;
            }
        };
        let observed = Observed {
            api_port: observed.api_port.or(spec.desired.api_port),
            ..observed
        };
        let admin = if observed.ready {
            self.sealed_admin(&spec).await
        } else {
            None
        };
        self.worker.changed.notify_one();
        self.report(
            Some(StepReport {
                step,
                outcome: StepOutcome::Ended,
                log: vec![],
            }),
            observed,
            admin,
        )
        .await;
        Advanced::On
    }

    async fn failed(
        &self,
        spec: &Spec,
        step: Step,
        observed: Observed,
        error: &Error,
        tries: u32,
    ) -> Advanced {
        tracing::warn!(cluster = %spec.cluster, step = step.as_str(), tries, error = error as &dyn std::error::Error, "step failed");
        let for_ever = spec.desired.goal == Goal::Deleted;
        let retryable = for_ever || (error.retryable() && tries + 1 < TRIES_MAX);
        let outcome = StepOutcome::Failed {
            reason: error.reason(),
            retryable,
        };
        self.report(
            Some(StepReport {
                step,
                outcome,
                log: vec![],
            }),
            observed,
            None,
        )
        .await;
        Advanced::Again
    }

    /// The cluster's admin credential, readable by the gateway alone.
    async fn sealed_admin(&self, spec: &Spec) -> Option<Sealed> {
        if spec.desired.goal != Goal::Running {
            return None;
        }
        let text = self
            .worker
            .driver
            .admin_kubeconfig(spec.instance())
            .await
            .ok()?;
        self.worker.seal.seal(text.as_bytes()).ok()
    }

    /// Tells the gateway, again and again while the lease stands, and takes its word.
    async fn report(&self, step: Option<StepReport>, observed: Observed, admin: Option<Sealed>) {
        loop {
            let request = ReportRequest {
                worker: self.worker.identity.worker.clone(),
                life: self.worker.identity.life,
                cluster: self.held.cluster,
                fence: self.held.fence,
                desired_rev: self.held.desired().1,
                step: step.clone(),
                observed: observed.clone(),
                admin: admin.clone(),
            };
            match self.worker.gateway.report(request).await {
                Ok(verdict) => return self.held.take(&verdict),
                Err(error) if self.held.over() || self.stop.is_cancelled() => {
                    tracing::warn!(%error, cluster = %self.held.cluster, "a report did not get through");
                    return;
                }
                Err(error) => {
                    tracing::debug!(%error, "a report is sent again");
                    sleep(RESEND).await;
                }
            }
        }
    }
}

enum Advanced {
    On,
    Again,
}

enum Acted {
    Done,
    Turned,
    Failed(Error),
}

#[cfg(test)]
mod tests;
