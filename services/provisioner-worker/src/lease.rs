//! One cluster in this worker's hands, until its goal is reached, given up or somebody else's.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::bus::{Lease, ReportRequest, Sealed, StepOutcome, StepReport, Verdict};
use domain::{ClusterId, Desired, Goal, Observed, Step, plan};
use drivers::{
    Error, Provision, Reach, Spec,
    notes::{self, Notes},
};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
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
/// How long the engine may take to say what is there.
const OBSERVE: Duration = Duration::from_secs(30);

/// What the worker knows of a lease it holds.
pub(crate) struct Held {
    pub(crate) cluster: ClusterId,
    pub(crate) fence: i64,
    installation: String,
    state: Mutex<State>,
    /// Rung when the goal turned or the lease is lost.
    turned: Notify,
    gone: CancellationToken,
}

struct State {
    desired: Desired,
    desired_rev: i64,
    /// The revision for which the host was last looked at.
    looked_at: i64,
    renewed: Instant,
    lost: bool,
    done: bool,
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

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn desired(&self) -> (Desired, i64) {
        let state = self.state();
        (state.desired.clone(), state.desired_rev)
    }

    /// What is observed from here on is told as seen under the present revision, however late.
    fn look(&self) -> i64 {
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
    fn over(&self) -> bool {
        let state = self.state();
        state.lost || state.done || state.renewed.elapsed() >= SELF_STOP
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
pub(crate) struct Holding<'a, G, D> {
    pub(crate) worker: &'a Worker<G, D>,
    pub(crate) held: &'a Held,
    pub(crate) stop: &'a CancellationToken,
    /// What was done since the last report, for the step's log.
    pub(crate) notes: Notes,
}

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    /// Step by step until there is nothing left to do, or nothing more may be done.
    pub(crate) async fn run(&self) {
        let mut tries = 0;
        while !self.held.over() && !self.stop.is_cancelled() {
            let goal = self.held.desired().0.goal;
            match self.advance(tries).await {
                Advanced::On => tries = 0,
                // Towards another goal nothing was tried yet.
                Advanced::Again if self.held.desired().0.goal != goal => tries = 0,
                Advanced::Again => {
                    tries += 1;
                    let wait = RETRY_FIRST
                        .saturating_mul(1 << tries.min(10))
                        .min(RETRY_MAX);
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => {}
                        () = self.held.turned.notified() => tries = 0,
                        () = sleep(wait) => {}
                    }
                }
            }
        }
        let state = self.held.state();
        if state.lost {
            tracing::warn!(cluster = %self.held.cluster, fence = self.held.fence, "fenced: touches nothing more");
        } else if !state.done && state.renewed.elapsed() >= SELF_STOP {
            tracing::warn!(cluster = %self.held.cluster, "nobody renewed the lease: stopped");
        }
    }

    /// What is there, if the engine says so in time.
    async fn observe(&self, spec: &Spec) -> Option<Observed> {
        let observing = within("observe", OBSERVE, self.worker.driver.observe(spec));
        let error = match self.interrupted(observing, Turns::Wait).await? {
            Ok(observed) => return Some(observed),
            Err(error) => error,
        };
        tracing::warn!(cluster = %spec.cluster, error = &error as &dyn std::error::Error, "not observed");
        self.notes.add(format!(
            "what is there could not be seen: {}",
            chain(&error)
        ));
        None
    }

    /// Observes and does the one next step.
    async fn advance(&self, tries: u32) -> Advanced {
        let rev = self.held.look();
        let spec = self.held.spec();
        let Some(observed) = self.observe(&spec).await else {
            return Advanced::Again;
        };
        self.held.keep_port(observed.api_port);
        let spec = self.held.spec();
        if self.held.desired().1 != rev {
            return Advanced::On;
        }
        let Some(step) = plan(&spec.desired, &observed) else {
            let admin = self.sealed_admin(&spec).await;
            self.report(None, observed, admin).await;
            // A gateway that sees it otherwise is asked again, not in a hurry.
            return if self.held.over() || self.held.desired().1 != rev {
                Advanced::On
            } else {
                Advanced::Again
            };
        };
        self.report_step(step, StepOutcome::Began, observed.clone(), None)
            .await;
        if self.held.over() || self.held.desired().1 != rev {
            return Advanced::On;
        }
        let began = Instant::now();
        let acted = self.act(&spec, step).await;
        let took = began.elapsed().as_millis();
        match acted {
            Acted::Done => {
                self.notes.add(format!("done in {took} ms"));
                self.ended(&spec, step).await
            }
            Acted::Turned => {
                self.notes.add(format!(
                    "left after {took} ms: something else is wanted, or another worker goes on"
                ));
                Advanced::On
            }
            Acted::Failed(error) => {
                let told = chain(&error);
                self.notes
                    .add(format!("try {} failed after {took} ms: {told}", tries + 1));
                self.failed(&spec, step, observed, &error, tries).await
            }
        }
    }

    /// Does a step, for so long as it may take. It is left at once when the lease is over; a mere
    /// wait also when the goal turns or the worker ends.
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
                Step::Remove => driver.remove(&spec.installation, spec.cluster).await,
            }
        };
        let doing = notes::gather(&self.notes, within(step.as_str(), time_for(step), doing));
        let turns = match step {
            Step::Ready => Turns::Leave,
            _ => Turns::Wait,
        };
        match self.interrupted(doing, turns).await {
            Some(Ok(())) => Acted::Done,
            Some(Err(error)) => Acted::Failed(error),
            None => Acted::Turned,
        }
    }

    /// Does some work until it is done or must not go on.
    async fn interrupted<T>(&self, work: impl Future<Output = T>, turns: Turns) -> Option<T> {
        tokio::pin!(work);
        loop {
            let self_stop = self.held.self_stop();
            tokio::select! {
                biased;
                () = self.stop.cancelled(), if turns == Turns::Leave => return None,
                () = self.held.turned.notified() => {
                    if turns == Turns::Leave || self.held.over() {
                        return None;
                    }
                }
                () = tokio::time::sleep_until(self_stop) => {
                    if self.held.over() {
                        return None;
                    }
                }
                result = &mut work => return Some(result),
            }
        }
    }

    async fn ended(&self, spec: &Spec, step: Step) -> Advanced {
        let spec = Spec {
            desired: self.held.desired().0,
            ..spec.clone()
        };
        let Some(observed) = self.observe(&spec).await else {
            return Advanced::Again;
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
        self.report_step(step, StepOutcome::Ended, observed, admin)
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
        // A goal that turned meanwhile is not what failed.
        let goal = self.held.desired().0.goal;
        let for_ever = goal == Goal::Deleted || goal != spec.desired.goal;
        let retryable = for_ever || (error.retryable() && tries + 1 < TRIES_MAX);
        let outcome = StepOutcome::Failed {
            reason: error.reason(),
            retryable,
        };
        self.report_step(step, outcome, observed, None).await;
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

    async fn report_step(
        &self,
        step: Step,
        outcome: StepOutcome,
        observed: Observed,
        admin: Option<Sealed>,
    ) {
        let report = StepReport {
            step,
            outcome,
            log: self.notes.take(),
        };
        self.report(Some(report), observed, admin).await;
    }

    /// Tells the gateway, again and again while the lease stands, and takes its word.
    async fn report(&self, step: Option<StepReport>, observed: Observed, admin: Option<Sealed>) {
        loop {
            let request = ReportRequest {
                worker: self.worker.identity.worker.clone(),
                life: self.worker.identity.life,
                cluster: self.held.cluster,
                fence: self.held.fence,
                desired_rev: self.held.state().looked_at,
                step: step.clone(),
                observed: observed.clone(),
                admin: admin.clone(),
            };
            let asked = Instant::now();
            match self.worker.gateway.report(request).await {
                Ok(verdict) => return self.held.take(&verdict, asked),
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

/// What a goal that turns does to the work under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turns {
    Leave,
    Wait,
}

/// An engine that hangs must not hang the task.
async fn within<T>(
    verb: &'static str,
    time: Duration,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let secs = time.as_secs();
    timeout(time, work)
        .await
        .unwrap_or(Err(Error::TimedOut { verb, secs }))
}

/// How long a step may take.
const fn time_for(step: Step) -> Duration {
    Duration::from_secs(match step {
        Step::Prepare | Step::Create | Step::Start | Step::Stop => 60,
        // Longer than the driver's own wait, which says what is missing.
        Step::Ready => 150,
        Step::Remove => 120,
    })
}

/// An error with all that caused it, in one line.
fn chain(error: &Error) -> String {
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
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
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod steps;
#[cfg(test)]
mod tests;
