//! The end of a worker: what is under way finishes or is left, and others may take over at once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use api::bus::{
    AcquireReply, InventoryReply, InventoryRequest, ReleaseReply, RenewReply, RenewRequest,
    ReportRequest, Verdict,
};
use bus::{CallError, seal::OpenKey};
use clap::Parser;
use domain::{Desired, Goal, Resources, TaskId, TaskKind};
use drivers::Driver;
use futures_util::stream;
use uuid::Uuid;

use std::sync::Mutex;

use super::*;

/// A gateway with one cluster to hand out, that hears every step as one more.
#[derive(Default)]
struct One {
    lease: Mutex<Option<Lease>>,
    remove: Mutex<Vec<domain::ClusterId>>,
    began: Notify,
    released: Mutex<Vec<Duration>>,
    asked_to_end: Mutex<Option<Instant>>,
}

impl Gateway for Arc<One> {
    async fn acquire(&self, _: AcquireRequest) -> Result<AcquireReply, CallError> {
        Ok(AcquireReply {
            installation: "test".into(),
            leases: self.lease.lock().unwrap().take().into_iter().collect(),
        })
    }
    async fn renew(&self, _: RenewRequest) -> Result<RenewReply, CallError> {
        Err(CallError::NoResponder)
    }
    async fn report(&self, _: ReportRequest) -> Result<Verdict, CallError> {
        self.began.notify_one();
        Ok(Verdict::Continue {
            lease_secs: 60,
            desired_rev: 1,
            desired: None,
        })
    }
    async fn release(&self, _: ReleaseRequest) -> Result<ReleaseReply, CallError> {
        let asked = self.asked_to_end.lock().unwrap().unwrap();
        self.released.lock().unwrap().push(asked.elapsed());
        Ok(ReleaseReply { released: 1 })
    }
    async fn inventory(&self, _: InventoryRequest) -> Result<InventoryReply, CallError> {
        Ok(InventoryReply {
            installation: "test".into(),
            remove: self.remove.lock().unwrap().clone(),
        })
    }
}

#[derive(Parser)]
struct Only {
    #[command(flatten)]
    driver: drivers::Options,
}

async fn world(step_ms: u64) -> (Arc<One>, Arc<Worker<Arc<One>, Driver>>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (path, ms) = (folder.path().join("fake"), step_ms.to_string());
    let options = Only::parse_from([
        "test",
        "--driver",
        "fake",
        "--fake-dir",
        path.to_str().unwrap(),
        "--fake-step-ms",
        &ms,
    ]);
    let driver = options.driver.connect().await.unwrap();
    let gateway = Arc::new(One::default());
    *gateway.lease.lock().unwrap() = Some(Lease {
        cluster: domain::ClusterId::from_uuid(Uuid::now_v7()),
        fence: 1,
        lease_secs: 60,
        desired: Desired {
            goal: Goal::Running,
            generation: 1,
            data_generation: 1,
            k8s_version: "v1.34.4".into(),
            resources: Resources::default(),
            api_port: None,
        },
        desired_rev: 1,
        task: api::bus::LeasedTask {
            id: TaskId::from_uuid(Uuid::now_v7()),
            kind: TaskKind::Create,
        },
    });
    let identity = Identity::hold(&folder.path().join("state")).unwrap();
    let seal = OpenKey::from_seed([7; 32]).public();
    let worker = Arc::new(Worker::new(4, 0, driver, gateway.clone(), identity, seal));
    (gateway, worker, folder)
}

/// Asks the worker to end once its first step is under way; gives when it handed over.
async fn hands_over_after(step_ms: u64) -> Duration {
    let (gateway, worker, _folder) = world(step_ms).await;
    let stop = CancellationToken::new();
    let ending = async {
        gateway.began.notified().await;
        *gateway.asked_to_end.lock().unwrap() = Some(Instant::now());
        stop.cancel();
    };
    tokio::join!(worker.run(stream::pending(), stop.clone()), ending);
    let released = gateway.released.lock().unwrap();
    assert_eq!(released.len(), 1, "handed over once");
    released[0]
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_ends_finishes_its_step_and_hands_over() {
    let after = hands_over_after(5_000).await;
    assert!((4..8).contains(&after.as_secs()), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_takes_too_long_is_left_and_handed_over_within_30_s() {
    let after = hands_over_after(55_000).await;
    assert!((25..30).contains(&after.as_secs()), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_nobodys_is_removed_and_what_is_held_never() {
    let (gateway, worker, _folder) = world(1_000).await;
    let held = gateway.lease.lock().unwrap().clone().unwrap();
    let orphan = domain::ClusterId::from_uuid(Uuid::now_v7());
    for cluster in [held.cluster, orphan] {
        let spec = drivers::Spec {
            installation: "test".into(),
            cluster,
            desired: held.desired.clone(),
        };
        worker.context.driver.prepare(&spec).await.unwrap();
    }
    *gateway.remove.lock().unwrap() = vec![held.cluster, orphan];
    let stop = CancellationToken::new();
    let watching = async {
        gateway.began.notified().await;
        // Two inventories and more: the first learns the installation, the next removes.
        sleep(Duration::from_secs(25)).await;
        let items = worker.context.driver.inventory("test").await.items;
        assert!(items.iter().any(|item| item.cluster == held.cluster));
        assert!(items.iter().all(|item| item.cluster != orphan));
        *gateway.asked_to_end.lock().unwrap() = Some(Instant::now());
        stop.cancel();
    };
    tokio::join!(
        worker.clone().run(stream::pending(), stop.clone()),
        watching
    );
}
