//! Everything that runs: two gateways, two workers of one host, a database, a bus. What ends is started again.

use std::path::PathBuf;

use e2e::rig::{self, Rig, program::Program};
use testkit::{Durable, Nats};

const SLOTS: u32 = 4;

/// One of the processes, by its place in [`Fleet::programs`].
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) program: Program,
}

pub(crate) struct Fleet {
    pub(crate) gateways: Vec<Member>,
    pub(crate) workers: Vec<Member>,
    pub(crate) postgres: Durable,
    pub(crate) nats: Nats,
    /// Where the gateways answer.
    pub(crate) urls: Vec<String>,
    rig: Rig,
}

impl Fleet {
    pub(crate) async fn start(folder: PathBuf) -> Self {
        let (postgres, nats) = (Durable::start(), Nats::start());
        let mut rig = Rig::new(folder, postgres.url(), &nats, "fake");
        rig.step_ms = std::env::var("STEP_MS")
            .ok()
            .and_then(|ms| ms.parse().ok())
            .unwrap_or(50);
        rig.slots = SLOTS;
        let (mut gateways, mut urls) = (Vec::new(), Vec::new());
        for number in 1..=2 {
            let name = format!("gateway-{number}");
            let (mut program, url) = rig.gateway(&name);
            if let Some(fences) = std::env::var_os("LABYARD_FENCES") {
                program.set("LABYARD_FENCES", fences);
            }
            program.start(None);
            // The first brings the database up to date.
            rig::answers(&url).await;
            gateways.push(Member { name, program });
            urls.push(url);
        }
        let worker = |number| {
            let name = format!("worker-{number}");
            let mut program = rig.worker(&name);
            program.start(None);
            Member { name, program }
        };
        Self {
            workers: (1..=2).map(worker).collect(),
            gateways,
            postgres,
            nats,
            urls,
            rig,
        }
    }

    pub(crate) fn database(&self) -> String {
        self.rig.database.clone()
    }

    pub(crate) fn world(&self) -> PathBuf {
        self.rig.world()
    }

    pub(crate) fn members(&mut self) -> impl Iterator<Item = &mut Member> {
        self.gateways.iter_mut().chain(&mut self.workers)
    }
}
