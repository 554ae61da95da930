//! The loop of one lease: observe, plan, do the one next step, report; and again while another try may help.

use std::time::Duration;

use api::bus::StepOutcome;
use domain::{Backoff, Goal, Observed, Step, plan};
use drivers::{Error, Provision, Reach, Spec};
use rand::{Rng, SeedableRng, rngs::StdRng};
use tokio::time::{Instant, sleep};

use super::{
    act::Acted,
    holding::{Holding, chain},
};
use crate::{gateway::Gateway, held::SELF_STOP};

/// Tries of one step before the task is given up; a removal is tried for ever.
pub(super) const TRIES_MAX: u32 = 5;
const STEP_RETRY: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));

enum Advanced {
    On,
    Again,
}

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    /// Step by step until there is nothing left to do, or nothing more may be done.
    pub(crate) async fn run(&self) {
        let mut tries = 0;
        // Whoever chooses the boot and the fence, as a simulation does, chooses the waits.
        let seed = self.context.identity.boot_id ^ self.lease.fence.cast_unsigned();
        let mut random = StdRng::seed_from_u64(seed);
        while !self.lease.over() && !self.stop.is_cancelled() {
            let goal = self.lease.desired().0.goal;
            match self.advance(tries).await {
                Advanced::On => tries = 0,
                // Towards another goal nothing was tried yet.
                Advanced::Again if self.lease.desired().0.goal != goal => tries = 0,
                Advanced::Again => {
                    tries += 1;
                    let wait = STEP_RETRY.wait(tries, random.random());
                    tokio::select! {
                        biased;
                        () = self.stop.cancelled() => {}
                        () = self.lease.interrupt.notified() => tries = 0,
                        () = sleep(wait) => {}
                    }
                }
            }
        }
        let state = self.lease.state();
        if state.lost {
            tracing::warn!(cluster = %self.lease.cluster, fence = self.lease.fence, "fenced: touches nothing more");
        } else if !state.done && state.renewed.elapsed() >= SELF_STOP {
            tracing::warn!(cluster = %self.lease.cluster, "nobody renewed the lease: stopped");
        }
    }

    /// Observes and does the one next step.
    async fn advance(&self, tries: u32) -> Advanced {
        let rev = self.lease.begin_observing();
        let spec = self.lease.spec();
        let Some(observed) = self.observe(&spec).await else {
            return Advanced::Again;
        };
        if let Some(endpoint) = &observed.endpoint {
            self.lease.keep_endpoint(endpoint);
        }
        let spec = self.lease.spec();
        if self.lease.desired().1 != rev {
            return Advanced::On;
        }
        let Some(step) = plan(&spec.desired, &observed) else {
            let admin = self.sealed_admin(&spec).await;
            self.report(None, observed, admin).await;
            // A gateway that sees it otherwise is asked again, not in a hurry.
            return if self.lease.over() || self.lease.desired().1 != rev {
                Advanced::On
            } else {
                Advanced::Again
            };
        };
        self.report_step(step, StepOutcome::Began, observed.clone(), None)
            .await;
        if self.lease.over() || self.lease.desired().1 != rev {
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
            Acted::Left => {
                self.notes.add(format!(
                    "left after {took} ms: something else is wanted, or another worker goes on"
                ));
                Advanced::On
            }
            Acted::Failed(error) => {
                let why = chain(&error);
                self.notes
                    .add(format!("try {} failed after {took} ms: {why}", tries + 1));
                self.failed(&spec, step, observed, &error, tries).await
            }
        }
    }

    async fn ended(&self, spec: &Spec, step: Step) -> Advanced {
        let spec = Spec {
            desired: self.lease.desired().0,
            ..spec.clone()
        };
        let Some(observed) = self.observe(&spec).await else {
            return Advanced::Again;
        };
        // What is only chosen yet is to be seen nowhere on the host.
        let observed = Observed {
            endpoint: observed.endpoint.or_else(|| self.lease.endpoint()),
            ..observed
        };
        let admin = if observed.ready {
            self.sealed_admin(&spec).await
        } else {
            None
        };
        self.context.host_changed.notify_one();
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
        let goal = self.lease.desired().0.goal;
        let for_ever = goal == Goal::Deleted || goal != spec.desired.goal;
        let retryable = for_ever || (error.retryable() && tries + 1 < TRIES_MAX);
        let outcome = StepOutcome::Failed {
            reason: error.reason(),
            retryable,
        };
        self.report_step(step, outcome, observed, None).await;
        Advanced::Again
    }
}
