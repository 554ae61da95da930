//! The verbs, each by what its own file knows how to do.

use crash::crash_point;
use domain::{ClusterId, Endpoint, NodeState, Observed};

use super::{engine::Docker, port};
use crate::{
    names, notes,
    options::DriverKind,
    provision::{Capacity, Error, Finding, Inventory, Provision, Spec},
};

impl Provision for Docker {
    fn name(&self) -> &'static str {
        DriverKind::Docker.as_str()
    }

    async fn observe(&self, spec: &Spec) -> Result<Observed, Error> {
        let listed = self.listed(&spec.installation, Some(spec.cluster)).await?;
        let node = self.node_state(spec).await?;
        let endpoint = self.bound_endpoint(spec).await?;
        let mut wanted: Vec<String> = names::VOLUMES
            .iter()
            .map(|(role, _)| names::volume(spec, *role))
            .collect();
        wanted.push(names::network(spec.cluster));
        let there = wanted
            .iter()
            .all(|name| listed.iter().any(|found| found.name == *name));
        let prepared = there && self.image(spec).await.is_ok();
        let ready = node == NodeState::Running
            && self
                .is_ready(spec, endpoint.clone().or_else(|| port::chosen(spec)))
                .await;
        let resources = u32::try_from(listed.len()).unwrap_or(u32::MAX);
        Ok(Observed {
            prepared,
            node,
            ready,
            endpoint,
            resources,
        })
    }

    async fn prepare(&self, spec: &Spec) -> Result<Endpoint, Error> {
        let image = self.image(spec).await?;
        notes::record(format!("node image {image}"));
        let endpoint = match port::chosen(spec) {
            Some(endpoint) => endpoint,
            None => self.choose_endpoint().await?,
        };
        notes::record(format!("API on {}:{}", endpoint.address, endpoint.port));
        self.make_network(spec).await?;
        crash_point!("worker.prepare.half");
        self.make_volumes(spec).await?;
        Ok(endpoint)
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
        self.inspect_host().await
    }
}
