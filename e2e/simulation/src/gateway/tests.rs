//! What the simulation once found, by name.
#![allow(clippy::unwrap_used)]

use api::bus::{AcquireRequest, Lease, ReportRequest, StepOutcome, StepReport, Verdict};
use domain::{Endpoint, NodeState, Observed, Step, WorkerId};

use super::*;

/// A start that began, cancelled before the report of it came: the node may run by now.
#[tokio::test(start_paused = true)]
async fn a_report_made_towards_an_earlier_goal_settles_nothing() {
    let db = Db::new(Audit::new(), true);
    db.create(1);
    let worker: WorkerId = "w0".parse().unwrap();
    let take = || {
        let request = AcquireRequest {
            worker: worker.clone(),
            boot_id: 1,
            driver: "simulated".into(),
            free_slots: 1,
            acquire_seq: 1,
            held: vec![],
        };
        db.acquire(0, &request).leases.remove(0)
    };
    let say = |lease: &Lease, rev, node, ready, step: Option<StepReport>| {
        let request = ReportRequest {
            worker: worker.clone(),
            boot_id: 1,
            cluster: lease.cluster,
            fence: lease.fence,
            desired_rev: rev,
            step,
            observed: Observed {
                prepared: true,
                node,
                ready,
                endpoint: Some(Endpoint::loopback(20_000)),
                resources: 6,
            },
            admin: None,
        };
        db.report(0, &request)
    };
    let create = take();
    assert_eq!(
        say(&create, 1, NodeState::Running, true, None),
        Verdict::Done
    );
    db.ask(create.cluster, Verb::Stop);
    let stop = take();
    assert_eq!(
        say(&stop, 2, NodeState::Stopped, false, None),
        Verdict::Done
    );
    db.ask(create.cluster, Verb::Start);
    let start = take();
    db.ask(create.cluster, Verb::Cancel);
    let began = StepReport {
        step: Step::Start,
        generation: Some(1),
        outcome: StepOutcome::Began,
        log: vec![],
    };
    let late = say(&start, 3, NodeState::Stopped, false, Some(began));
    assert!(matches!(
        late,
        Verdict::Continue {
            desired: Some(_),
            ..
        }
    ));
    assert_eq!(db.clusters()[0].status, ClusterStatus::Stopping);
    assert_eq!(
        say(&start, 4, NodeState::Stopped, false, None),
        Verdict::Done
    );
}
