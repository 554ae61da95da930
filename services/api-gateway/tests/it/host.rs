//! A scripted host: asks for work and reports as a worker does.

use std::{collections::HashMap, time::Duration};

use api::bus::{
    AcquireReply, AcquireRequest, Lease, LogReply, LogRequest, Logged, ReportRequest, StepOutcome,
    StepReport, Verdict,
};
use bus::{Bus, CallError};
use domain::{Endpoint, NodeState, Observed, Step};
use testkit::eventually;

pub(crate) struct Host {
    pub(crate) bus: Bus,
    pub(crate) name: &'static str,
    pub(crate) boot_id: u64,
}

impl Host {
    pub(crate) async fn acquire(&self, slots: u32) -> AcquireReply {
        self.ask(slots, 0, vec![]).await
    }

    /// As a worker asks that counts its questions and says what it holds.
    pub(crate) async fn ask(&self, slots: u32, acquire_seq: u64, held: Vec<i64>) -> AcquireReply {
        let request = AcquireRequest {
            worker: "w1".parse().unwrap(),
            boot_id: self.boot_id,
            driver: "fake".into(),
            free_slots: slots,
            acquire_seq,
            held,
        };
        let host = self.name.parse::<domain::HostId>().unwrap();
        eventually(Duration::from_secs(5), || async {
            self.bus.request(&request, host.clone()).await.ok()
        })
        .await
    }

    /// The one lease there is to be had.
    pub(crate) async fn take(&self) -> Lease {
        let mut leases = self.acquire(1).await.leases;
        assert_eq!(leases.len(), 1);
        leases.remove(0)
    }

    pub(crate) async fn report(
        &self,
        lease: &Lease,
        rev: i64,
        step: Option<(Step, StepOutcome)>,
        observed: Observed,
    ) -> Verdict {
        let request = ReportRequest {
            worker: "w1".parse().unwrap(),
            boot_id: self.boot_id,
            cluster: lease.cluster,
            fence: lease.fence,
            desired_rev: rev,
            step: step.map(|(step, outcome)| StepReport {
                step,
                generation: Some(lease.desired.generation),
                outcome,
                log: vec![],
            }),
            observed,
            admin: None,
        };
        self.bus
            .request(&request, self.name.parse().unwrap())
            .await
            .unwrap()
    }

    /// Takes a create to its end.
    pub(crate) async fn make(&self, lease: &Lease) {
        for step in [Step::Prepare, Step::Create, Step::Start, Step::Ready] {
            self.report(
                lease,
                lease.desired_rev,
                Some((step, StepOutcome::Began)),
                half(),
            )
            .await;
            if step != Step::Ready {
                self.report(
                    lease,
                    lease.desired_rev,
                    Some((step, StepOutcome::Ended)),
                    half(),
                )
                .await;
            }
        }
        let done = self
            .report(
                lease,
                lease.desired_rev,
                Some((Step::Ready, StepOutcome::Ended)),
                up(),
            )
            .await;
        assert_eq!(done, Verdict::Done);
    }
}

pub(crate) fn up() -> Observed {
    Observed {
        prepared: true,
        node: NodeState::Running,
        ready: true,
        endpoint: Some(Endpoint::loopback(20_001)),
        resources: 6,
    }
}

/// Something is there and it is not ready.
pub(crate) fn half() -> Observed {
    Observed {
        prepared: true,
        node: NodeState::Stopped,
        ready: false,
        endpoint: Some(Endpoint::loopback(20_001)),
        resources: 5,
    }
}

pub(crate) fn nothing() -> Observed {
    Observed::default()
}

/// The log after a position, as any hub reads it.
pub(crate) async fn log(bus: &Bus, after: u64) -> Result<LogReply, CallError> {
    bus.request(&LogRequest { after }, ()).await
}

/// Positions without a hole from the first to `head`; each object's version rises with every event
/// about it, and that of its cluster never falls.
pub(crate) fn assert_in_order(events: &[Logged], head: u64) {
    let positions: Vec<u64> = events.iter().map(|logged| logged.position).collect();
    // What was appended between the reading of the head and of the events is there too.
    let last = positions.len() as u64;
    assert!(last >= head, "{last} of {head} events");
    assert_eq!(positions, (1..=last).collect::<Vec<_>>());
    let mut objects: HashMap<String, i64> = HashMap::new();
    let mut clusters = HashMap::new();
    for logged in events {
        let event = &logged.event;
        let object = event.data.as_ref().unwrap();
        let version = object["version"].as_i64().unwrap();
        let before = objects.insert(object["id"].as_str().unwrap().to_owned(), version);
        assert!(
            before.is_none_or(|before| before < version),
            "{before:?} before {version} at {}: {}",
            logged.position,
            event.kind
        );
        let before = clusters.insert(event.cluster_id.unwrap(), event.version);
        assert!(
            before.is_none_or(|before| before <= event.version),
            "the cluster went back at {}",
            logged.position
        );
    }
}
