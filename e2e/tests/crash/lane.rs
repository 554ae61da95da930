//! One gateway and one worker, one of which is to die; and the life of a cluster that they carry through all the same.

use std::{sync::Arc, time::Duration};

use api::{
    client::{Client, Credential, Error, Intent},
    cluster::{Accepted, CreateCluster},
};
use bus::Bus;
use crash::Program as Which;
use domain::{ClusterId, ClusterStatus, HostId};
use e2e::rig::{self, Rig, program::Program};
use testkit::Nats;
use tokio::time::{Instant, sleep, timeout};

/// How long anything may take with one death in it: a request that nobody answers, and the work.
const PATIENCE: Duration = Duration::from_secs(240);
const LOOK: Duration = Duration::from_millis(50);
/// A gateway that dies leaves its caller with nothing.
const ANSWER: Duration = Duration::from_secs(5);

pub(crate) struct Lane {
    pub(crate) rig: Rig,
    gateway: Program,
    worker: Program,
    url: String,
    client: Client,
    bus: Bus,
    host: HostId,
    _nats: Nats,
}

/// What a cluster is asked to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Create,
    Stop,
    Start,
    Delete,
}

impl Phase {
    fn goal(self) -> ClusterStatus {
        match self {
            Self::Create | Self::Start => ClusterStatus::Running,
            Self::Stop => ClusterStatus::Stopped,
            Self::Delete => ClusterStatus::Deleted,
        }
    }
}

impl Lane {
    pub(crate) async fn open(rig: Rig, nats: Nats, name: &str) -> Self {
        let (mut gateway, url) = rig.gateway("gateway");
        gateway.start(None);
        rig::answers(&url).await;
        let token = rig::person(&url, name).await;
        let mut worker = rig.worker("worker");
        worker.start(None);
        Self {
            client: Client::new(&url, Credential::Bearer(token.into())).unwrap(),
            bus: Bus::connect(nats.user("api-gateway")).await.unwrap(),
            host: rig::HOST.parse().unwrap(),
            rig,
            gateway,
            worker,
            url,
            _nats: nats,
        }
    }

    fn victim(&mut self, point: &str) -> &mut Program {
        match crash::program(point) {
            Some(Which::Gateway) => &mut self.gateway,
            Some(Which::Worker) => &mut self.worker,
            None => panic!("{point} stands in no program"),
        }
    }

    /// Starts the victim anew, to die at this point.
    pub(crate) fn arm(&mut self, point: &str) {
        self.victim(point).start(Some(point));
    }

    /// Whether the victim has died; it is started again, armed with `next` or for good.
    pub(crate) fn died(&mut self, point: &str, next: Option<&str>) -> bool {
        let Some(status) = self.victim(point).ended() else {
            return false;
        };
        let aborted = std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGABRT);
        assert!(aborted, "{point}: it ended by itself: {status}");
        self.victim(point).start(next);
        true
    }

    /// Starts both anew, neither to die.
    pub(crate) async fn disarm(&mut self) {
        self.gateway.start(None);
        self.worker.start(None);
        rig::answers(&self.url).await;
    }

    /// Takes a cluster through one phase while `point` lies in wait; gives how often it was hit.
    /// `again` are the points that lie in wait afterwards, one after the other.
    pub(crate) async fn phase(
        &mut self,
        phase: Phase,
        name: &str,
        cluster: &mut Option<ClusterId>,
        points: &mut Vec<String>,
    ) -> Vec<String> {
        let began = Instant::now();
        let intent = Arc::new(Intent::new());
        let mut hit = Vec::new();
        let mut accepted = false;
        loop {
            let lying = points.first().cloned();
            if let Some(point) = lying
                && self.died(&point, points.get(1).map(String::as_str))
            {
                hit.push(points.remove(0));
            }
            if !accepted {
                if let Ok(answer) = self.ask(phase, name, *cluster, &intent).await {
                    *cluster = Some(answer.cluster.id);
                    accepted = true;
                }
            } else if let Some(id) = *cluster
                && let Ok(Ok(seen)) = timeout(ANSWER, self.client.cluster(id)).await
            {
                assert_ne!(
                    seen.status,
                    ClusterStatus::Error,
                    "{phase:?}: {:?}",
                    seen.reason
                );
                if seen.status == phase.goal() {
                    return hit;
                }
            }
            assert!(
                began.elapsed() < PATIENCE,
                "{phase:?} with {points:?} in wait is not over; accepted: {accepted}; {}",
                self.rig.folder.display()
            );
            // Renewals come with the bell too.
            self.bus.ring_host(&self.host).await;
            sleep(LOOK).await;
        }
    }

    /// Waits until the last of the points that lie in wait was hit.
    ///
    /// # Panics
    /// When it is not, or more than one is left.
    pub(crate) async fn rest_dies(&mut self, points: &mut Vec<String>) {
        let began = Instant::now();
        while let Some(point) = points.first().cloned() {
            assert!(
                points.len() == 1 && began.elapsed() < PATIENCE,
                "{points:?} were never hit"
            );
            if self.died(&point, None) {
                points.remove(0);
            }
            sleep(LOOK).await;
        }
    }

    /// Asks with one intent, however often.
    async fn ask(
        &self,
        phase: Phase,
        name: &str,
        cluster: Option<ClusterId>,
        intent: &Arc<Intent>,
    ) -> Result<Accepted, Option<Error>> {
        let client = self.client.intending(intent);
        let asking = async {
            match (phase, cluster) {
                (Phase::Create, _) => client.create_cluster(&CreateCluster::named(name)).await,
                (Phase::Stop, Some(id)) => client.stop_cluster(id).await,
                (Phase::Start, Some(id)) => client.start_cluster(id).await,
                (Phase::Delete, Some(id)) => client.delete_cluster(id).await,
                (_, None) => panic!("{phase:?} of no cluster"),
            }
        };
        match timeout(ANSWER, asking).await {
            Ok(answer) => answer.map_err(Some),
            Err(_) => Err(None),
        }
    }
}

/// What a process ends by that aborts.
const SIGABRT: i32 = 6;
