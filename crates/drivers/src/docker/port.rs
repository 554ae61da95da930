//! The port on the host's loopback where a cluster's API answers, for the cluster's whole life.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    net::TcpListener,
};

use bollard::query_parameters::ListContainersOptionsBuilder;
use domain::Endpoint;

use super::engine::{Docker, absent, failed};
use crate::{
    names,
    provision::{Error, Spec},
};

const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;
/// Inside the container.
pub(super) const INSIDE: &str = "6443/tcp";

/// What the cluster's container is to be made with, once it is chosen.
pub(super) fn chosen(spec: &Spec) -> Option<Endpoint> {
    spec.desired.api_port.map(Endpoint::loopback)
}

impl Docker {
    /// On a port that is free on the host and in no container's bindings, running or not.
    pub(super) async fn choose_endpoint(&self) -> Result<Endpoint, Error> {
        let taken = self.taken_ports().await?;
        let start =
            u16::try_from(RandomState::new().hash_one(0u8) % u64::from(COUNT)).unwrap_or_default();
        (0..COUNT)
            .map(|n| FIRST + (start + n) % COUNT)
            .find(|port| !taken.contains(port) && TcpListener::bind(("127.0.0.1", *port)).is_ok())
            .map(Endpoint::loopback)
            .ok_or(Error::NoPort)
    }

    async fn taken_ports(&self) -> Result<HashSet<u16>, Error> {
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let mut taken = HashSet::new();
        for container in self
            .engine
            .list_containers(Some(options))
            .await
            .map_err(failed)?
        {
            taken.extend(
                container
                    .ports
                    .iter()
                    .flatten()
                    .filter_map(|port| port.public_port),
            );
            // A stopped container's bindings are not in the listing.
            let Some(id) = container.id else { continue };
            if container.ports.is_none_or(|ports| ports.is_empty()) {
                taken.extend(self.bindings(&id).await?);
            }
        }
        Ok(taken)
    }

    /// What the cluster's container was made with.
    pub(super) async fn bound_endpoint(&self, spec: &Spec) -> Result<Option<Endpoint>, Error> {
        let ports = self.bindings(&names::node(spec.instance())).await?;
        Ok(ports.into_iter().next().map(Endpoint::loopback))
    }

    async fn bindings(&self, container: &str) -> Result<Vec<u16>, Error> {
        let Some(inspected) = absent(self.engine.inspect_container(container, None).await)? else {
            return Ok(Vec::new());
        };
        let bindings = inspected
            .host_config
            .and_then(|config| config.port_bindings)
            .unwrap_or_default();
        Ok(bindings
            .into_values()
            .flatten()
            .flatten()
            .filter_map(|binding| binding.host_port?.parse().ok())
            .collect())
    }
}
