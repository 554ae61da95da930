//! What the holder of a lease tells the gateway, and how often.

use std::time::Duration;

use api::bus::{ReportRequest, Sealed, StepOutcome, StepReport};
use crash::crash_point;
use domain::{Goal, Observed, Step};
use drivers::{Provision, Reach, Spec};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep, timeout};

use super::holding::Holding;
use crate::gateway::Gateway;

/// How soon a report that did not get through is sent again.
const RESEND: Duration = Duration::from_millis(500);
/// How long a cluster may take to show its credential.
const CREDENTIAL: Duration = Duration::from_secs(10);

impl<G: Gateway, D: Provision + Reach> Holding<'_, G, D> {
    /// The cluster's admin credential, readable by the gateway alone.
    pub(super) async fn sealed_admin(&self, spec: &Spec) -> Option<Sealed> {
        if spec.desired.goal != Goal::Running {
            return None;
        }
        let reading = Box::pin(self.context.driver.credential(spec.instance()));
        let credential = timeout(CREDENTIAL, reading).await.ok()?.ok()?;
        let text = credential.kubeconfig();
        self.context.seal.seal(text.expose_secret().as_bytes()).ok()
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
            generation: Some(self.lease.desired().0.generation),
            outcome,
            log: self.notes.drain(),
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
                worker: self.context.identity.worker.clone(),
                boot_id: self.context.identity.boot_id,
                cluster: self.lease.cluster,
                fence: self.lease.fence,
                desired_rev: self.lease.state().observed_rev,
                step: step.clone(),
                observed: observed.clone(),
                admin: admin.clone(),
            };
            let asked = Instant::now();
            about(&request, Moment::Before);
            match self.context.gateway.report(request.clone()).await {
                Ok(verdict) => {
                    self.lease.on_verdict(&verdict, asked);
                    return about(&request, Moment::After);
                }
                Err(error) if self.lease.over() || self.stop.is_cancelled() => {
                    tracing::warn!(%error, cluster = %self.lease.cluster, "a report did not get through");
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
