//! A cluster's network and volumes: named, labelled, made once, removed by their labels.

use std::hash::{BuildHasher, RandomState};

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest, VolumeCreateRequest};

use super::{Docker, absent, failed, status, subnet};
use crate::{Error, Spec, names, notes};

/// Ranges tried before the pool is called empty for now.
const SUBNETS_TRIED_MAX: usize = 64;

impl Docker {
    pub(super) async fn make_network(&self, spec: &Spec) -> Result<(), Error> {
        let name = names::network(spec.cluster);
        if absent(self.engine.inspect_network(&name, None).await)?.is_some() {
            notes::say(format!("network {name} is there already"));
            return Ok(());
        }
        let taken = self.taken_subnets().await?;
        let seed = u32::try_from(RandomState::new().hash_one(0u8) & u64::from(u32::MAX))
            .unwrap_or_default();
        let free = self
            .subnets
            .from(seed)
            .filter(|range| !taken.iter().any(|other| subnet::overlap(range, other)));
        for range in free.take(SUBNETS_TRIED_MAX) {
            let told = format!("network {name} on {range}");
            let request = NetworkCreateRequest {
                name: name.clone(),
                driver: Some("bridge".into()),
                ipam: Some(Ipam {
                    config: Some(vec![IpamConfig {
                        subnet: Some(range),
                        ..IpamConfig::default()
                    }]),
                    ..Ipam::default()
                }),
                labels: Some(names::labels(spec, "network")),
                ..NetworkCreateRequest::default()
            };
            match self.engine.create_network(request).await {
                Ok(_) => {
                    notes::say(told);
                    return Ok(());
                }
                // Somebody made it meanwhile.
                Err(error) if status(&error) == Some(409) => return Ok(()),
                // The range is taken by something the engine does not list: the next one.
                Err(error) if matches!(status(&error), Some(400 | 403 | 500)) => {
                    tracing::debug!(%error, "a range is taken");
                    notes::say(format!(
                        "{told}: refused, the next range is tried ({error})"
                    ));
                }
                Err(error) => return Err(failed(error)),
            }
        }
        Err(Error::NoSubnet(self.subnets.to_string()))
    }

    /// How many of the pool's ranges nothing uses, and how many there are.
    pub(super) async fn free_subnets(&self) -> Result<(usize, usize), Error> {
        let taken = self.taken_subnets().await?;
        Ok(self.subnets.free(&taken))
    }

    async fn taken_subnets(&self) -> Result<Vec<String>, Error> {
        let networks = self.engine.list_networks(None).await.map_err(failed)?;
        Ok(networks
            .into_iter()
            .filter_map(|network| network.ipam?.config)
            .flatten()
            .filter_map(|config| config.subnet)
            .collect())
    }

    pub(super) async fn make_volumes(&self, spec: &Spec) -> Result<(), Error> {
        for (role, _) in names::VOLUMES {
            // Making a volume that is there is no error and changes nothing.
            let request = VolumeCreateRequest {
                name: Some(names::volume(spec, role)),
                labels: Some(names::labels(spec, role)),
                ..VolumeCreateRequest::default()
            };
            self.engine.create_volume(request).await.map_err(failed)?;
        }
        let roles: Vec<&str> = names::VOLUMES.iter().map(|(role, _)| *role).collect();
        notes::say(format!("volumes {} are there", roles.join(", ")));
        Ok(())
    }
}
