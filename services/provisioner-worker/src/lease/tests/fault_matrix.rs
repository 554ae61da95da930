//! Every step of every kind of task: done twice, failing before and after its effect, hanging past
//! its time; then cancelled and deleted. Nothing may be left. A new kind of task is in it by itself.

use std::sync::atomic::{AtomicU32, Ordering};

use api::bus::{Lease, Verdict};
use domain::{ClusterId, Endpoint, Goal, Observed, Step, TaskKind, plan, plan::steps};
use drivers::{
    Capacity, Command, Credential, Error, Finding, Inspected, Instance, Inventory, Provision,
    Reach, ReachError, Running, Spec, notes::Notes,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::fixture::{Script, context, desired, driver, lease};
use crate::{context::Context, held::LeaseState, identity::Identity, lease::holding::Holding};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Refused, nothing done.
    Before,
    /// Done, and the answer was an error.
    After,
    /// Done, and there never was an answer.
    Hang,
    /// Done twice.
    Twice,
}

const FAULTS: [Fault; 4] = [Fault::Before, Fault::After, Fault::Hang, Fault::Twice];
const EVER: u32 = u32::MAX;

/// The fake driver with a fault at one step, so many times.
#[derive(Clone)]
struct Faulty {
    inner: drivers::Driver,
    at: Step,
    fault: Fault,
    left: std::sync::Arc<AtomicU32>,
}

impl Faulty {
    async fn act<T, F: Future<Output = Result<T, Error>>>(
        &self,
        step: Step,
        act: impl Fn() -> F,
    ) -> Result<T, Error> {
        let due = self.left.load(Ordering::Relaxed);
        if step != self.at || due == 0 {
            return act().await;
        }
        self.left.store(due - 1, Ordering::Relaxed);
        match self.fault {
            Fault::Before => {}
            Fault::Twice => {
                act().await?;
                return act().await;
            }
            Fault::After => drop(act().await?),
            Fault::Hang => {
                act().await?;
                std::future::pending::<()>().await;
            }
        }
        Err(Error::Refused(format!("{step:?} was told to fail")))
    }
}

impl Provision for Faulty {
    fn name(&self) -> &'static str {
        self.inner.name()
    }
    async fn observe(&self, spec: &Spec) -> Result<Observed, Error> {
        self.inner.observe(spec).await
    }
    async fn prepare(&self, spec: &Spec) -> Result<Endpoint, Error> {
        self.act(Step::Prepare, || self.inner.prepare(spec)).await
    }
    async fn create(&self, spec: &Spec) -> Result<(), Error> {
        self.act(Step::Create, || self.inner.create(spec)).await
    }
    async fn start(&self, spec: &Spec) -> Result<(), Error> {
        self.act(Step::Start, || self.inner.start(spec)).await
    }
    async fn ready(&self, spec: &Spec) -> Result<(), Error> {
        self.act(Step::Ready, || self.inner.ready(spec)).await
    }
    async fn stop(&self, spec: &Spec) -> Result<(), Error> {
        self.act(Step::Stop, || self.inner.stop(spec)).await
    }
    async fn remove(&self, installation: &str, cluster: ClusterId) -> Result<(), Error> {
        self.act(Step::Remove, || self.inner.remove(installation, cluster))
            .await
    }
    async fn inventory(&self, installation: &str) -> Inventory {
        self.inner.inventory(installation).await
    }
    async fn capacity(&self) -> Result<Capacity, Error> {
        self.inner.capacity().await
    }
    async fn checks(&self) -> Vec<Finding> {
        self.inner.checks().await
    }
}

impl Reach for Faulty {
    async fn inspect(&self, instance: Instance) -> Result<Inspected, ReachError> {
        self.inner.inspect(instance).await
    }
    async fn credential(&self, instance: Instance) -> Result<Credential, ReachError> {
        self.inner.credential(instance).await
    }
    async fn exec(&self, instance: Instance, command: Command) -> Result<Running, ReachError> {
        self.inner.exec(instance, command).await
    }
}

struct Bench {
    context: Context<std::sync::Arc<Script>, Faulty>,
    script: std::sync::Arc<Script>,
    lease: Lease,
    _folder: tempfile::TempDir,
}

/// A cluster as it is before a task of this kind, and a fault in wait.
async fn before(kind: TaskKind, at: Step, fault: Fault, times: u32) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let driver = Faulty {
        inner: driver(&folder.path().join("fake")).await,
        at,
        fault,
        left: std::sync::Arc::new(AtomicU32::new(0)),
    };
    let script = std::sync::Arc::new(Script::default());
    let identity = Identity::hold(&folder.path().join("state")).unwrap();
    let bench = Bench {
        context: context(driver, script.clone(), identity),
        script,
        lease: lease(),
        _folder: folder,
    };
    match kind {
        TaskKind::Create | TaskKind::Unknown => {}
        TaskKind::Stop | TaskKind::Delete => {
            assert!(bench.task(Goal::Running).await, "not made");
        }
        TaskKind::Start => {
            assert!(bench.task(Goal::Running).await, "not made");
            assert!(bench.task(Goal::Stopped).await, "not stopped");
        }
    }
    bench.context.driver.left.store(times, Ordering::Relaxed);
    bench
}

impl Bench {
    /// Works towards a goal until the gateway says it is over; true when the goal was reached.
    async fn task(&self, goal: Goal) -> bool {
        let mut lease = self.lease.clone();
        lease.desired = desired(goal);
        *self.script.desired.lock().unwrap() = Some((lease.desired.clone(), lease.desired_rev));
        let stop = CancellationToken::new();
        // What a worker gives up by its own clock is taken up again.
        for _ in 0..4 {
            let held = LeaseState::new(lease.clone(), "test".into(), Instant::now());
            let holding = Holding {
                context: &self.context,
                lease: &held,
                stop: &stop,
                notes: Notes::default(),
            };
            holding.run().await;
            if held.state().done {
                break;
            }
        }
        let spec = LeaseState::new(lease.clone(), "test".into(), Instant::now()).spec();
        let observed = self.context.driver.observe(&spec).await.unwrap();
        plan(&lease.desired, &observed).is_none()
    }

    async fn left(&self) -> usize {
        self.context.driver.inventory("test").await.items.len()
    }

    /// A delete, whatever came before it: nothing is left.
    async fn nothing_is_left_after_a_delete(&self, of: &str) {
        self.context.driver.left.store(0, Ordering::Relaxed);
        assert!(self.task(Goal::Deleted).await, "{of}: not deleted");
        assert_eq!(self.left().await, 0, "{of}: something is left");
    }
}

fn goal_of(kind: TaskKind) -> Goal {
    kind.goal().unwrap()
}

fn every_step() -> impl Iterator<Item = (TaskKind, Step, Fault)> {
    TaskKind::ALL.into_iter().flat_map(|kind| {
        let steps = steps(goal_of(kind)).iter();
        steps.flat_map(move |step| FAULTS.map(|fault| (kind, *step, fault)))
    })
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_once_in_any_way_does_not_keep_a_task_from_its_goal() {
    for (kind, step, fault) in every_step() {
        let of = format!("{kind:?}, {step:?}, {fault:?}");
        let bench = before(kind, step, fault, 1).await;
        assert!(bench.task(goal_of(kind)).await, "{of}: not reached");
        bench.nothing_is_left_after_a_delete(&of).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_that_fails_at_any_step_can_be_deleted_and_leaves_nothing() {
    for (kind, step, fault) in every_step() {
        // A removal is tried for ever: it cannot fail for good.
        if kind == TaskKind::Delete {
            continue;
        }
        let of = format!("{kind:?}, {step:?}, {fault:?}");
        let bench = before(kind, step, fault, EVER).await;
        bench.task(goal_of(kind)).await;
        bench.nothing_is_left_after_a_delete(&of).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_task_cancelled_at_any_step_leaves_nothing() {
    for (kind, step, fault) in every_step() {
        let of = format!("{kind:?}, {step:?}, {fault:?}");
        let bench = before(kind, step, fault, 1).await;
        let stop = CancellationToken::new();
        let mut lease = bench.lease.clone();
        lease.desired = desired(goal_of(kind));
        *bench.script.desired.lock().unwrap() = Some((lease.desired.clone(), 1));
        let held = LeaseState::new(lease, "test".into(), Instant::now());
        let holding = Holding {
            context: &bench.context,
            lease: &held,
            stop: &stop,
            notes: Notes::default(),
        };
        let cancel = async {
            // In the middle of the step that is at fault.
            while !bench.script.began(step) {
                tokio::task::yield_now().await;
            }
            *bench.script.desired.lock().unwrap() = Some((desired(Goal::Deleted), 2));
            held.on_verdict(
                &Verdict::Continue {
                    lease_secs: 60,
                    desired_rev: 2,
                    desired: Some(desired(Goal::Deleted)),
                },
                Instant::now(),
            );
        };
        tokio::join!(holding.run(), cancel);
        bench.nothing_is_left_after_a_delete(&of).await;
    }
}
