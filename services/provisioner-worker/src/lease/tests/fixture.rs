//! What the tests of a lease work with: a gateway that says what it was told to, and the fake driver.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use api::bus::{
    AcquireReply, AcquireRequest, InventoryReply, InventoryRequest, Lease, LeasedTask,
    ReleaseReply, ReleaseRequest, RenewReply, RenewRequest, ReportRequest, StepOutcome, StepReport,
    Verdict,
};
use bus::{CallError, seal::OpenKey};
use clap::Parser;
use domain::{ClusterId, Desired, Goal, Resources, Step, TaskId, TaskKind, plan};
use drivers::{Driver, Provision, notes::Notes};
use tokio::{sync::Notify, time::Instant};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    context::Context,
    gateway::Gateway,
    held::{LeaseState, Leases},
    identity::Identity,
    lease::holding::Holding,
};

/// Judges as the real gateway does, unless the script says otherwise for the next report.
#[derive(Default)]
pub(super) struct Script {
    pub(super) reports: Mutex<Vec<ReportRequest>>,
    pub(super) verdicts: Mutex<VecDeque<Option<Verdict>>>,
    pub(super) desired: Mutex<Option<(Desired, i64)>>,
}

impl Gateway for Arc<Script> {
    async fn acquire(&self, _: AcquireRequest) -> Result<AcquireReply, CallError> {
        Err(CallError::NoResponder)
    }
    async fn renew(&self, _: RenewRequest) -> Result<RenewReply, CallError> {
        Err(CallError::NoResponder)
    }
    async fn release(&self, _: ReleaseRequest) -> Result<ReleaseReply, CallError> {
        Err(CallError::NoResponder)
    }
    async fn inventory(&self, _: InventoryRequest) -> Result<InventoryReply, CallError> {
        Err(CallError::NoResponder)
    }
    async fn report(&self, request: ReportRequest) -> Result<Verdict, CallError> {
        let (desired, rev) = self.desired.lock().unwrap().clone().unwrap();
        self.reports.lock().unwrap().push(request.clone());
        if let Some(scripted) = self.verdicts.lock().unwrap().pop_front().flatten() {
            return Ok(scripted);
        }
        if let Some(StepReport {
            outcome: StepOutcome::Failed {
                retryable: false, ..
            },
            ..
        }) = request.step
        {
            return Ok(Verdict::Done);
        }
        if plan(&desired, &request.observed).is_none() {
            return Ok(Verdict::Done);
        }
        let newer = (rev > request.desired_rev).then_some(desired);
        Ok(Verdict::Continue {
            lease_secs: 60,
            desired_rev: rev,
            desired: newer,
        })
    }
}

pub(super) struct World {
    pub(super) context: Context<Arc<Script>, Driver>,
    pub(super) script: Arc<Script>,
    folder: tempfile::TempDir,
    pub(super) lease: Lease,
}

pub(super) fn desired(goal: Goal) -> Desired {
    Desired {
        goal,
        generation: 1,
        data_generation: 1,
        k8s_version: "v1.34.4".into(),
        resources: Resources::default(),
        api_port: None,
    }
}

#[derive(Parser)]
struct Only {
    #[command(flatten)]
    driver: drivers::Options,
}

pub(super) async fn driver(folder: &std::path::Path) -> Driver {
    driver_with_steps_of(folder, 0).await
}

async fn driver_with_steps_of(folder: &std::path::Path, ms: u64) -> Driver {
    let ms = ms.to_string();
    let folder = folder.to_str().unwrap();
    let options = Only::parse_from([
        "test",
        "--driver",
        "fake",
        "--fake-dir",
        folder,
        "--fake-step-ms",
        &ms,
    ]);
    options.driver.connect().await.unwrap()
}

/// A worker's, as it is at its start.
pub(super) fn context<D>(
    driver: D,
    gateway: Arc<Script>,
    identity: Identity,
) -> Context<Arc<Script>, D> {
    Context {
        slots: 4,
        pool: 0,
        driver,
        gateway,
        identity,
        seal: OpenKey::from_seed([7; 32]).public(),
        leases: Leases::default(),
        host_changed: Notify::new(),
        renew_now: Notify::new(),
    }
}

pub(super) fn lease() -> Lease {
    Lease {
        cluster: ClusterId::from_uuid(Uuid::now_v7()),
        fence: 1,
        lease_secs: 60,
        desired: desired(Goal::Running),
        desired_rev: 1,
        task: LeasedTask {
            id: TaskId::from_uuid(Uuid::now_v7()),
            kind: TaskKind::Create,
        },
    }
}

impl Script {
    pub(super) fn began(&self, step: Step) -> bool {
        let reports = self.reports.lock().unwrap();
        reports.iter().any(|report| {
            report
                .step
                .as_ref()
                .is_some_and(|report| report.step == step && report.outcome == StepOutcome::Began)
        })
    }
}

pub(super) async fn world() -> World {
    world_with_steps_of(0).await
}

pub(super) async fn world_with_steps_of(ms: u64) -> World {
    let folder = tempfile::tempdir().unwrap();
    let driver = driver_with_steps_of(&folder.path().join("fake"), ms).await;
    let script = Arc::new(Script::default());
    *script.desired.lock().unwrap() = Some((desired(Goal::Running), 1));
    let lease = lease();
    let identity = Identity::hold(&folder.path().join("state")).unwrap();
    World {
        context: context(driver, script.clone(), identity),
        script,
        folder,
        lease,
    }
}

impl World {
    pub(super) async fn work(&self) -> Arc<LeaseState> {
        let held = Arc::new(LeaseState::new(
            self.lease.clone(),
            "test".into(),
            Instant::now(),
        ));
        let stop = CancellationToken::new();
        Holding {
            context: &self.context,
            lease: &held,
            stop: &stop,
            notes: Notes::default(),
        }
        .run()
        .await;
        held
    }

    pub(super) fn steps(&self) -> Vec<(Step, bool)> {
        let reports = self.script.reports.lock().unwrap();
        reports
            .iter()
            .filter_map(|report| report.step.as_ref())
            .map(|step| (step.step, matches!(step.outcome, StepOutcome::Ended)))
            .collect()
    }

    pub(super) async fn things(&self) -> usize {
        self.context.driver.inventory("test").await.items.len()
    }

    pub(super) fn fail(&self, verbs: &[&str]) {
        std::fs::write(self.folder.path().join("fake/failures"), verbs.join("\n")).unwrap();
    }
}

pub(super) fn failed_with(report: &ReportRequest, retry: bool) -> bool {
    matches!(&report.step, Some(StepReport { outcome: StepOutcome::Failed { retryable, .. }, .. }) if *retryable == retry)
}
