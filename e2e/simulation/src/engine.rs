//! The host's engine as one worker's life reaches it: it does what it was once asked for even when
//! the asker is gone, late at times.

use std::{sync::Arc, time::Duration};

use domain::{ClusterId, Endpoint, NodeState, Observed};
use drivers::{
    Capacity, Command, Credential, Error, Finding, Found, Inspected, Instance, Inventory,
    Provision, Reach, ReachError, Role, Running, Spec, names,
};
use tokio::time::{Instant, sleep};

use crate::{host::Host, link::Gate};

const READY: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(500);
const REMOVE_ROUNDS_MAX: u32 = 5;

/// The host as one worker's life reaches it.
#[derive(Clone)]
pub(crate) struct Engine {
    pub(crate) host: Arc<Host>,
    pub(crate) gate: Gate,
}

impl Engine {
    /// Asks the engine for something. Once asked, it is done, whether or not the asker waits.
    async fn ask<T: Send + 'static>(
        &self,
        what: String,
        effect: impl FnOnce(&Host) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let (host, gate) = (self.host.clone(), self.gate.clone());
        let fault = host.faults.engine(&host.chance);
        let wait = host.faults.engine_delay(&host.chance);
        let asked = tokio::spawn(async move {
            if !gate.pass().await {
                return Err(Error::Refused("its asker died before it asked".into()));
            }
            sleep(wait).await;
            if fault == Some(Fault::Before) {
                return Err(Error::Refused(format!("{what} was told to fail")));
            }
            let result = effect(&host);
            host.audit.say(format!(
                "{what} {}",
                if result.is_ok() { "ok" } else { "no" }
            ));
            match fault {
                Some(Fault::After) => Err(Error::Refused(format!("{what} broke off"))),
                Some(Fault::Hang) => {
                    sleep(Duration::from_secs(200)).await;
                    Err(Error::Refused(format!("{what} hung")))
                }
                _ => result,
            }
        });
        let answer = asked
            .await
            .unwrap_or_else(|error| Err(Error::Refused(error.to_string())));
        self.gate.pass().await;
        answer
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Before,
    After,
    Hang,
}

impl Provision for Engine {
    fn name(&self) -> &'static str {
        "simulated"
    }

    async fn observe(&self, spec: &Spec) -> Result<Observed, Error> {
        let spec = spec.clone();
        self.ask(format!("observe {}", spec.cluster), move |host| {
            let things = host.things();
            let node = things.get(&names::node(spec.instance()));
            let network = things.contains_key(&names::network(spec.cluster));
            let volumes = names::VOLUMES
                .iter()
                .all(|(role, _)| things.contains_key(&names::volume(&spec, *role)));
            let count = things
                .values()
                .filter(|thing| thing.cluster == spec.cluster)
                .count();
            Ok(Observed {
                prepared: network && volumes,
                node: match node {
                    None => NodeState::Absent,
                    Some(thing) if thing.runs.is_some() => NodeState::Running,
                    Some(_) => NodeState::Stopped,
                },
                ready: node
                    .and_then(|thing| thing.runs)
                    .is_some_and(|at| at <= Instant::now()),
                endpoint: node.and_then(|thing| thing.port).map(Endpoint::loopback),
                resources: u32::try_from(count).unwrap_or(u32::MAX),
            })
        })
        .await
    }

    async fn prepare(&self, spec: &Spec) -> Result<Endpoint, Error> {
        let (cluster, name) = (spec.cluster, names::network(spec.cluster));
        self.ask(format!("network {cluster}"), move |host| {
            host.make(cluster, &name, Role::Network, None)
        })
        .await?;
        for (role, _) in names::VOLUMES {
            let name = names::volume(spec, role);
            self.ask(format!("volume {cluster} {}", role.as_str()), move |host| {
                host.make(cluster, &name, role, None)
            })
            .await?;
        }
        Ok(Endpoint::loopback(spec.desired.api_port.unwrap_or(20_000)))
    }

    async fn create(&self, spec: &Spec) -> Result<(), Error> {
        let (cluster, port) = (spec.cluster, spec.desired.api_port);
        let name = names::node(spec.instance());
        self.ask(format!("create {cluster}"), move |host| {
            // As an engine does: what a container needs must be there.
            if host.count(cluster) == 0 {
                return Err(Error::Refused(format!("nothing of {cluster} is there")));
            }
            host.make(cluster, &name, Role::Node, port)
        })
        .await
    }

    async fn start(&self, spec: &Spec) -> Result<(), Error> {
        let (cluster, name) = (spec.cluster, names::node(spec.instance()));
        self.ask(format!("start {cluster}"), move |host| {
            let ready = Instant::now() + host.faults.boot(&host.chance);
            host.change(&name, |thing| {
                thing.runs.get_or_insert(ready);
            })
        })
        .await
    }

    async fn ready(&self, spec: &Spec) -> Result<(), Error> {
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline {
            let observed = self.observe(spec).await?;
            match observed {
                Observed { ready: true, .. } => return Ok(()),
                Observed {
                    node: NodeState::Running,
                    ..
                } => {}
                _ => return Err(Error::NodeEnded("it does not run".into())),
            }
            sleep(POLL).await;
        }
        Err(Error::NotReady {
            secs: READY.as_secs(),
            missing: "its API does not answer".into(),
        })
    }

    async fn stop(&self, spec: &Spec) -> Result<(), Error> {
        let (cluster, name) = (spec.cluster, names::node(spec.instance()));
        self.ask(format!("stop {cluster}"), move |host| {
            host.change(&name, |thing| thing.runs = None)
        })
        .await
    }

    async fn remove(&self, _: &str, cluster: ClusterId) -> Result<(), Error> {
        for _ in 0..REMOVE_ROUNDS_MAX {
            let left = self
                .ask(format!("list {cluster}"), move |host| {
                    let things = host.things();
                    let mut names: Vec<(bool, String)> = things
                        .iter()
                        .filter(|(_, thing)| thing.cluster == cluster)
                        .map(|(name, thing)| (thing.role != Role::Node, name.clone()))
                        .collect();
                    names.sort();
                    Ok(names)
                })
                .await?;
            if left.is_empty() {
                return Ok(());
            }
            for (_, name) in left {
                self.ask(format!("remove {name}"), move |host| {
                    host.things().remove(&name);
                    Ok(())
                })
                .await?;
            }
        }
        Err(Error::Refused("things come back".into()))
    }

    async fn inventory(&self, _: &str) -> Inventory {
        let listed = self
            .ask("inventory".into(), |host| {
                let things = host.things();
                let found = things.iter().map(|(name, thing)| Found {
                    cluster: thing.cluster,
                    generation: 1,
                    role: thing.role,
                    name: name.clone(),
                    running: thing.runs.is_some(),
                });
                Ok(found.collect())
            })
            .await;
        Inventory {
            complete: listed.is_ok(),
            items: listed.unwrap_or_default(),
            versions: vec!["v1.34.4".into()],
        }
    }

    async fn capacity(&self) -> Result<Capacity, Error> {
        Ok(Capacity::default())
    }

    async fn checks(&self) -> Vec<Finding> {
        Vec::new()
    }
}

impl Reach for Engine {
    async fn inspect(&self, _: Instance) -> Result<Inspected, ReachError> {
        Err(ReachError::NotRunning)
    }
    async fn credential(&self, _: Instance) -> Result<Credential, ReachError> {
        Err(ReachError::NotRunning)
    }
    async fn exec(&self, _: Instance, _: Command) -> Result<Running, ReachError> {
        Err(ReachError::NotRunning)
    }
}
