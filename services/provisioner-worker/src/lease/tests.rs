//! One lease against a scripted gateway and the fake driver.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{collections::VecDeque, sync::Arc};

use api::bus::{
    AcquireReply, AcquireRequest, InventoryReply, InventoryRequest, LeasedTask, ReleaseReply,
    ReleaseRequest, RenewReply, RenewRequest,
};
use bus::{CallError, seal::OpenKey};
use clap::Parser;
use domain::{Resources, TaskId, TaskKind};
use drivers::Driver;
use uuid::Uuid;

use super::*;
use crate::identity::Identity;

/// Judges as the real gateway does, unless the script says otherwise for the next report.
#[derive(Default)]
pub(super) struct Script {
    reports: Mutex<Vec<ReportRequest>>,
    verdicts: Mutex<VecDeque<Option<Verdict>>>,
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

struct World {
    worker: Worker<Arc<Script>, Driver>,
    script: Arc<Script>,
    folder: tempfile::TempDir,
    lease: Lease,
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
                .is_some_and(|told| told.step == step && told.outcome == StepOutcome::Began)
        })
    }
}

async fn world() -> World {
    world_with_steps_of(0).await
}

async fn world_with_steps_of(ms: u64) -> World {
    let folder = tempfile::tempdir().unwrap();
    let driver = driver_with_steps_of(&folder.path().join("fake"), ms).await;
    let script = Arc::new(Script::default());
    *script.desired.lock().unwrap() = Some((desired(Goal::Running), 1));
    let lease = lease();
    let identity = Identity::hold(&folder.path().join("state")).unwrap();
    let seal = OpenKey::from_seed([7; 32]).public();
    World {
        worker: Worker::new(4, 0, driver, script.clone(), identity, seal),
        script,
        folder,
        lease,
    }
}

impl World {
    async fn work(&self) -> Arc<Held> {
        let held = Arc::new(Held::new(self.lease.clone(), "test".into(), Instant::now()));
        let stop = CancellationToken::new();
        Holding {
            worker: &self.worker,
            held: &held,
            stop: &stop,
            notes: Notes::default(),
        }
        .run()
        .await;
        held
    }

    fn steps(&self) -> Vec<(Step, bool)> {
        let reports = self.script.reports.lock().unwrap();
        reports
            .iter()
            .filter_map(|report| report.step.as_ref())
            .map(|step| (step.step, matches!(step.outcome, StepOutcome::Ended)))
            .collect()
    }

    async fn things(&self) -> usize {
        self.worker.driver.inventory("test").await.items.len()
    }

    fn fail(&self, verbs: &[&str]) {
        std::fs::write(self.folder.path().join("fake/failures"), verbs.join("\n")).unwrap();
    }
}

#[tokio::test]
async fn a_create_takes_its_steps_in_order_and_seals_the_credential() {
    let world = world().await;
    world.work().await;
    let expected: Vec<(Step, bool)> = [Step::Prepare, Step::Create, Step::Start, Step::Ready]
        .into_iter()
        .flat_map(|step| [(step, false), (step, true)])
        .collect();
    assert_eq!(world.steps(), expected);
    let reports = world.script.reports.lock().unwrap();
    let sealed = reports
        .last()
        .unwrap()
        .admin
        .clone()
        .expect("sealed with the ready report");
    assert!(
        OpenKey::from_seed([7; 32])
            .open(&sealed)
            .unwrap()
            .starts_with(b"apiVersion")
    );
}

#[tokio::test]
async fn a_delete_in_the_middle_turns_the_holder_and_leaves_nothing() {
    let world = world().await;
    let turn = Verdict::Continue {
        lease_secs: 60,
        desired_rev: 2,
        desired: Some(desired(Goal::Deleted)),
    };
    // Prepare began, ended; create began: here the gateway has something new.
    *world.script.verdicts.lock().unwrap() = VecDeque::from([None, None, Some(turn)]);
    *world.script.desired.lock().unwrap() = Some((desired(Goal::Running), 1));
    let script = world.script.clone();
    let later = async move {
        loop {
            if script.reports.lock().unwrap().len() >= 3 {
                *script.desired.lock().unwrap() = Some((desired(Goal::Deleted), 2));
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(world.work(), later);
    assert_eq!(world.things().await, 0);
    assert_eq!(world.steps().last(), Some(&(Step::Remove, true)));
}

#[tokio::test]
async fn a_fenced_worker_touches_nothing_more() {
    let world = world().await;
    *world.script.verdicts.lock().unwrap() = VecDeque::from([Some(Verdict::Fenced)]);
    let held = world.work().await;
    assert!(held.state().lost);
    assert_eq!(world.things().await, 0);
    assert_eq!(world.script.reports.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_is_tried_again_and_goes_on_where_it_was() {
    let world = world().await;
    world.fail(&["create", "create", "ready"]);
    let held = world.work().await;
    assert!(held.state().done);
    assert!(
        world
            .worker
            .driver
            .observe(&held.spec())
            .await
            .unwrap()
            .ready
    );
    let failed = world
        .script
        .reports
        .lock()
        .unwrap()
        .iter()
        .filter(|report| failed_with(report, true))
        .count();
    assert_eq!(failed, 3);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_always_fails_is_given_up() {
    let world = world().await;
    world.fail(&["start"; 9]);
    // Renewals would come from the renewer: here the reports themselves renew.
    let held = world.work().await;
    assert!(held.state().done);
    let reports = world.script.reports.lock().unwrap();
    assert!(failed_with(reports.last().unwrap(), false));
    assert_eq!(
        reports
            .iter()
            .filter(|report| failed_with(report, true))
            .count(),
        TRIES_MAX as usize - 1
    );
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_never_given_up() {
    let mut world = world().await;
    world.work().await;
    world.script.reports.lock().unwrap().clear();
    world.fail(&["remove"; 12]);
    world.lease.desired = desired(Goal::Deleted);
    *world.script.desired.lock().unwrap() = Some((desired(Goal::Deleted), 1));
    world.work().await;
    assert_eq!(world.things().await, 0);
    assert!(
        world
            .script
            .reports
            .lock()
            .unwrap()
            .iter()
            .all(|report| !failed_with(report, false))
    );
}

#[tokio::test]
async fn whoever_comes_after_a_crash_goes_on_from_what_is_there() {
    let mut world = world().await;
    // The first worker died after the start: its last verdict never came.
    let spec = Spec {
        installation: "test".into(),
        cluster: world.lease.cluster,
        desired: desired(Goal::Running),
    };
    let driver = world.worker.driver.clone();
    let port = driver.prepare(&spec).await.unwrap();
    let placed = Spec {
        desired: Desired {
            api_port: Some(port),
            ..spec.desired.clone()
        },
        ..spec
    };
    driver.create(&placed).await.unwrap();
    driver.start(&placed).await.unwrap();
    world.lease.fence = 2;
    world.work().await;
    assert_eq!(world.steps(), [(Step::Ready, false), (Step::Ready, true)]);
    assert_eq!(world.things().await, 6);
}

fn failed_with(report: &ReportRequest, retry: bool) -> bool {
    matches!(&report.step, Some(StepReport { outcome: StepOutcome::Failed { retryable, .. }, .. }) if *retryable == retry)
}

#[tokio::test(start_paused = true)]
async fn a_step_that_outlasts_its_lease_is_left_at_the_instant_of_the_self_stop() {
    let world = world_with_steps_of(100_000).await;
    let began = Instant::now();
    // Its first report is the last that is heard: nobody renews.
    let held = world.work().await;
    assert!(held.over() && !held.state().done);
    assert_eq!(began.elapsed().as_secs(), SELF_STOP.as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_answer_read_late_renews_only_from_when_it_was_asked_for() {
    let held = Held::new(lease(), "test".into(), Instant::now());
    let asked = Instant::now();
    // The worker was stopped for longer than a lease; the answer lay in its socket meanwhile.
    tokio::time::advance(Duration::from_secs(70)).await;
    held.take(
        &Verdict::Continue {
            lease_secs: 60,
            desired_rev: 1,
            desired: None,
        },
        asked,
    );
    assert!(held.over(), "a lease that ran out was taken for a good one");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_once_when_the_goal_turns() {
    let world = world_with_steps_of(10_000).await;
    let began = Instant::now();
    let held = Held::new(world.lease.clone(), "test".into(), Instant::now());
    let stop = CancellationToken::new();
    let holding = Holding {
        worker: &world.worker,
        held: &held,
        stop: &stop,
        notes: Notes::default(),
    };
    let cancel = async {
        while !world.script.began(Step::Ready) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        *world.script.desired.lock().unwrap() = Some((desired(Goal::Stopped), 2));
        held.take(
            &Verdict::Continue {
                lease_secs: 60,
                desired_rev: 2,
                desired: Some(desired(Goal::Stopped)),
            },
            Instant::now(),
        );
    };
    tokio::join!(holding.run(), cancel);
    // Three steps up and the stop, ten seconds each; nothing of the wait.
    assert!(began.elapsed() < Duration::from_secs(42));
    assert!(held.state().done);
}

#[tokio::test(start_paused = true)]
async fn a_failed_try_is_told_in_the_steps_log() {
    let world = world().await;
    world.fail(&["create"]);
    world.work().await;
    let reports = world.script.reports.lock().unwrap();
    let failed = reports
        .iter()
        .find(|report| failed_with(report, true))
        .unwrap();
    let log = &failed.step.as_ref().unwrap().log;
    assert!(
        log.iter()
            .any(|line| line.starts_with("try 1 failed") && line.contains("told to fail")),
        "{log:?}"
    );
}
