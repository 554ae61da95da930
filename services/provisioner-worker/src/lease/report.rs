//! What the holder of a lease tells the gateway, and how often.

use std::time::Duration;

use api::bus::{ReportRequest, Sealed, StepOutcome, StepReport};
use crash::crash_point;
use domain::{Goal, Observed, Step};
use drivers::{Error, Provision, Reach, Spec};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep, timeout};

use super::{Advanced, Holding};
use crate::gateway::Gateway;

/// Tries of one step before the task is given up; a removal is tried for ever.
pub(super) const TRIES_MAX: u32 = 5;
/// How soon a report that did not get through is sent again.
const RESEND: Duration = Duration::from_millis(500);
/// How long a cluster may take to show its credential.
const CREDENTIAL: Duration = Duration::from_secs(10);

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    pub(super) async fn ended(&self, spec: &Spec, step: Step) -> Advanced {
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

    pub(super) async fn failed(
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
    pub(super) async fn sealed_admin(&self, spec: &Spec) -> Option<Sealed> {
        if spec.desired.goal != Goal::Running {
            return None;
        }
        let reading = Box::pin(self.worker.driver.credential(spec.instance()));
        let credential = timeout(CREDENTIAL, reading).await.ok()?.ok()?;
        let text = credential.kubeconfig();
        self.worker.seal.seal(text.expose_secret().as_bytes()).ok()
    }

    pub(super) async fn report_step(
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
    pub(super) async fn report(
        &self,
        step: Option<StepReport>,
        observed: Observed,
        admin: Option<Sealed>,
    ) {
        loop {
            let request = ReportRequest {
                worker: self.worker.identity.worker.clone(),
                boot_id: self.worker.identity.boot_id,
                cluster: self.held.cluster,
                fence: self.held.fence,
                desired_rev: self.held.state().looked_at,
                step: step.clone(),
                observed: observed.clone(),
                admin: admin.clone(),
            };
            let asked = Instant::now();
            about(&request, Moment::Before);
            match self.worker.gateway.report(request.clone()).await {
                Ok(verdict) => {
                    self.held.take(&verdict, asked);
                    return about(&request, Moment::After);
                }
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

/// An error with all that caused it, in one line.
pub(super) fn chain(error: &Error) -> String {
    let mut told = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        told = format!("{told}: {cause}");
        source = cause.source();
    }
    told
}

#[derive(Clone, Copy)]
enum Moment {
    Before,
    After,
}

/// Where a worker may be told to die around a report.
fn about(request: &ReportRequest, moment: Moment) {
    let outcome = request.step.as_ref().map(|step| &step.outcome);
    match (outcome, moment) {
        (Some(StepOutcome::Began), Moment::Before) => crash_point!("worker.report.began.before"),
        (Some(StepOutcome::Began), Moment::After) => crash_point!("worker.report.began.after"),
        (_, Moment::Before) => crash_point!("worker.report.ended.before"),
        (_, Moment::After) => crash_point!("worker.report.ended.after"),
    }
}
