//! A cluster's network and volumes: named, labelled, made once, removed by their labels.

use std::hash::{BuildHasher, RandomState};

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest, VolumeCreateRequest};
use ipnet::Ipv4Net;

use super::{
    engine::{Docker, absent, failed, status},
    subnet,
};
use crate::{
    names, notes,
    provision::{Error, Spec},
    role::Role,
};

/// Ranges tried before the pool is called empty for now.
const SUBNETS_TRIED_MAX: usize = 64;

impl Docker {
    pub(super) async fn make_network(&self, spec: &Spec) -> Result<(), Error> {
        let name = names::network(spec.cluster);
        if absent(self.engine.inspect_network(&name, None).await)?.is_some() {
            notes::record(format!("network {name} is there already"));
            return Ok(());
        }
        let taken = self.taken_subnets().await?;
        let seed = usize::try_from(RandomState::new().hash_one(0u8)).unwrap_or_default();
        let free = self
            .subnets
            .ranges(seed)
            .filter(|range| !taken.iter().any(|other| subnet::overlap(*range, *other)));
        for range in free.take(SUBNETS_TRIED_MAX) {
            let line = format!("network {name} on {range}");
            let request = NetworkCreateRequest {
                name: name.clone(),
                driver: Some("bridge".into()),
                ipam: Some(Ipam {
                    config: Some(vec![IpamConfig {
                        subnet: Some(range.to_string()),
                        ..IpamConfig::default()
                    }]),
                    ..Ipam::default()
                }),
                labels: Some(names::labels(spec, Role::Network)),
                ..NetworkCreateRequest::default()
            };
            match self.engine.create_network(request).await {
                Ok(_) => {
                    notes::record(line);
                    return Ok(());
                }
                // Somebody made it meanwhile.
                Err(error) if status(&error) == Some(409) => return Ok(()),
                // The range is taken by something the engine does not list: the next one.
                Err(error) if matches!(status(&error), Some(400 | 403 | 500)) => {
                    tracing::debug!(%error, "a range is taken");
                    notes::record(format!(
                        "{line}: refused, the next range is tried ({error})"
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

    /// Of other kinds of addresses none is in the pool.
    async fn taken_subnets(&self) -> Result<Vec<Ipv4Net>, Error> {
        let networks = self.engine.list_networks(None).await.map_err(failed)?;
        Ok(networks
            .into_iter()
            .filter_map(|network| network.ipam?.config)
            .flatten()
            .filter_map(|config| config.subnet?.parse().ok())
            .collect())
    }

    pub(super) async fn make_volumes(&self, spec: &Spec) -> Result<(), Error> {
        for (role, _) in names::VOLUMES {
            // Making a volume that is there is no error and changes nothing.
            self.engine
                .create_volume(volume(spec, role))
                .await
                .map_err(failed)?;
        }
        let roles: Vec<&str> = names::VOLUMES
            .iter()
            .map(|(role, _)| role.as_str())
            .collect();
        notes::record(format!("volumes {} are there", roles.join(", ")));
        Ok(())
    }
}

/// A volume of the engine's own kind: with options of a driver it could be a folder of the host's.
fn volume(spec: &Spec, role: Role) -> VolumeCreateRequest {
    VolumeCreateRequest {
        name: Some(names::volume(spec, role)),
        labels: Some(names::labels(spec, role)),
        ..VolumeCreateRequest::default()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use domain::{ClusterId, Desired, Goal, Resources};
    use uuid::Uuid;

    /// CVE-2026-44849: a volume with options of its driver was a folder of the host's by another name.
    #[test]
    fn cve_2026_44849_a_volume_has_no_options_of_its_driver() {
        let spec = Spec {
            installation: "type=none,o=bind,device=/".into(),
            cluster: ClusterId::from_uuid(Uuid::nil()),
            desired: Desired {
                goal: Goal::Running,
                generation: 1,
                data_generation: 1,
                k8s_version: "v1.34.4".into(),
                resources: Resources::default(),
                api_port: None,
            },
        };
        for (role, _) in names::VOLUMES {
            let said = serde_json::to_value(volume(&spec, role)).unwrap();
            let said = said.as_object().unwrap();
            let mut words: Vec<&str> = said.keys().map(String::as_str).collect();
            words.retain(|word| !said[*word].is_null());
            words.sort_unstable();
            assert_eq!(words, ["Labels", "Name"]);
        }
    }
}
