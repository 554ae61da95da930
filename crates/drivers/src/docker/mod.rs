//! Clusters as containers of a Docker engine.

mod capacity;
mod checks;
mod image;
mod inventory;
mod node;
mod port;
mod reach;
mod ready;
mod storage;
mod subnet;

use bollard::errors::Error as Bollard;
use crash::crash_point;
use domain::{ClusterId, NodeState, Observed};

use crate::{
    Capacity, Error, Finding, Inventory, Options, Provision, Spec, names, notes, provision,
};

pub struct Docker {
    engine: bollard::Docker,
    node_image: Option<String>,
    subnets: subnet::Pool,
    /// The OCI runtime; the engine's default one if absent.
    runtime: Option<String>,
}

impl Docker {
    pub(crate) async fn connect(options: &Options) -> Result<Self, Error> {
        let engine = bollard::Docker::connect_with_defaults().map_err(unreachable)?;
        let engine = engine.negotiate_version().await.map_err(unreachable)?;
        Ok(Self {
            engine,
            node_image: options.node_image.clone(),
            subnets: options.subnets.parse()?,
            runtime: (options.isolation != "dev").then(|| options.isolation.clone()),
        })
    }

    /// The engine's own ID, the same for as long as it is installed.
    pub(crate) async fn identity(&self) -> Result<String, Error> {
        let info = self.engine.info().await.map_err(unreachable)?;
        info.id
            .filter(|id| !id.is_empty())
            .ok_or_else(|| Error::Refused("the engine has no ID; set LABYARD_HOST".into()))
    }
}

impl Provision for Docker {
    fn name(&self) -> &'static str {
        "docker"
    }

    async fn observe(&self, spec: &Spec) -> Result<Observed, Error> {
        let listed = self.listed(&spec.installation, Some(spec.cluster)).await?;
        let node = self.node_state(spec).await?;
        let api_port = self.bound_port(spec).await?;
        let mut wanted: Vec<String> = names::VOLUMES
            .iter()
            .map(|(role, _)| names::volume(spec, role))
            .collect();
        wanted.push(names::network(spec.cluster));
        let there = wanted
            .iter()
            .all(|name| listed.iter().any(|found| found.name == *name));
        let prepared = there && self.image(spec).await.is_ok();
        let ready = node == NodeState::Running
            && self
                .is_ready(spec, api_port.or(spec.desired.api_port))
                .await;
        let resources = u32::try_from(listed.len()).unwrap_or(u32::MAX);
        Ok(Observed {
            prepared,
            node,
            ready,
            api_port,
            resources,
        })
    }

    async fn prepare(&self, spec: &Spec) -> Result<u16, Error> {
        let image = self.image(spec).await?;
        notes::say(format!("node image {image}"));
        let port = match spec.desired.api_port {
            Some(port) => port,
            None => self.choose_port().await?,
        };
        notes::say(format!("API on 127.0.0.1:{port}"));
        self.make_network(spec).await?;
        crash_point!("worker.prepare.half");
        self.make_volumes(spec).await?;
        Ok(port)
    }

    async fn create(&self, spec: &Spec) -> Result<(), Error> {
        self.create_node(spec).await
    }

    async fn start(&self, spec: &Spec) -> Result<(), Error> {
        self.start_node(spec).await
    }

    async fn ready(&self, spec: &Spec) -> Result<(), Error> {
        self.until_ready(spec).await
    }

    async fn stop(&self, spec: &Spec) -> Result<(), Error> {
        self.stop_node(spec).await
    }

    async fn remove(&self, installation: &str, cluster: ClusterId) -> Result<(), Error> {
        self.remove_all(installation, cluster).await
    }

    async fn inventory(&self, installation: &str) -> Inventory {
        let versions = self.versions().await.unwrap_or_default();
        match self.listed(installation, None).await {
            Ok(items) => Inventory {
                items,
                complete: true,
                versions,
            },
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the host could not be listed whole"
                );
                Inventory {
                    items: Vec::new(),
                    complete: false,
                    versions,
                }
            }
        }
    }

    async fn capacity(&self) -> Result<Capacity, Error> {
        self.measure().await
    }

    async fn checks(&self) -> Vec<Finding> {
        self.look_over().await
    }
}

/// The engine's answer to a request, where "not there" is an answer too.
pub(super) fn absent<T>(result: Result<T, Bollard>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Bollard::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn failed(error: Bollard) -> provision::Error {
    match error {
        Bollard::DockerResponseServerError {
            status_code,
            message,
        } => Error::Refused(format!("{} ({status_code})", message.trim())),
        other => unreachable(other),
    }
}

pub(super) fn unreachable(error: Bollard) -> provision::Error {
    Error::Unreachable(Box::new(error))
}

/// The status of a refusal, if it is one.
pub(super) fn status(error: &Bollard) -> Option<u16> {
    match error {
        Bollard::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}
