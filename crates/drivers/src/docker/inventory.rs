//! Everything that bears our label, found and removed by it.

use std::collections::HashMap;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use crash::crash_point;
use domain::ClusterId;

use super::{Docker, absent, failed};
use crate::{Error, Found, names, notes};

/// Listing and removing again, until nothing is listed.
const REMOVE_ROUNDS_MAX: u32 = 5;

impl Docker {
    /// What bears the installation's label, of one cluster or of all.
    pub(super) async fn listed(
        &self,
        installation: &str,
        cluster: Option<ClusterId>,
    ) -> Result<Vec<Found>, Error> {
        let mut labels = vec![format!("{}={installation}", names::INSTALLATION)];
        labels.extend(cluster.map(|cluster| format!("{}={cluster}", names::CLUSTER)));
        let filters = HashMap::from([(
            "label",
            labels.iter().map(String::as_str).collect::<Vec<_>>(),
        )]);
        let mut found = Vec::new();

        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&filters)
            .build();
        for container in self
            .engine
            .list_containers(Some(options))
            .await
            .map_err(failed)?
        {
            let name = container
                .names
                .and_then(|names| names.into_iter().next())
                .unwrap_or_default();
            let running = container
                .state
                .is_some_and(|state| state.to_string() == "running");
            found.extend(read(
                container.labels,
                name.trim_start_matches('/'),
                running,
            ));
        }
        let options = ListNetworksOptionsBuilder::default()
            .filters(&filters)
            .build();
        for network in self
            .engine
            .list_networks(Some(options))
            .await
            .map_err(failed)?
        {
            found.extend(read(
                network.labels,
                &network.name.unwrap_or_default(),
                true,
            ));
        }
        let options = ListVolumesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let volumes = self
            .engine
            .list_volumes(Some(options))
            .await
            .map_err(failed)?
            .volumes;
        for volume in volumes.unwrap_or_default() {
            found.extend(read(Some(volume.labels), &volume.name, false));
        }
        Ok(found)
    }

    /// How many nodes of labs run, of every installation.
    pub(super) async fn running_nodes(&self) -> Result<u64, Error> {
        let role = format!("{}=node", names::ROLE);
        let filters = HashMap::from([("label", vec![role.as_str()]), ("status", vec!["running"])]);
        let options = ListContainersOptionsBuilder::default()
            .filters(&filters)
            .build();
        let running = self.engine.list_containers(Some(options)).await;
        Ok(u64::try_from(running.map_err(failed)?.len()).unwrap_or(u64::MAX))
    }

    /// Removes everything of a cluster and looks again until nothing is left.
    pub(super) async fn remove_all(
        &self,
        installation: &str,
        cluster: ClusterId,
    ) -> Result<(), Error> {
        for _ in 0..REMOVE_ROUNDS_MAX {
            let mut left = self.listed(installation, Some(cluster)).await?;
            if left.is_empty() {
                return Ok(());
            }
            // Containers first: they hold the rest.
            left.sort_by_key(|found| found.role != "node");
            for found in left {
                self.remove_one(&found).await?;
                crash_point!("worker.remove.half");
            }
        }
        Err(Error::Refused(format!(
            "things of {cluster} come back after they were removed"
        )))
    }

    async fn remove_one(&self, found: &Found) -> Result<(), Error> {
        let name = &found.name;
        let removed = match found.role.as_str() {
            "node" => {
                let options = RemoveContainerOptionsBuilder::default()
                    .force(true)
                    .v(true)
                    .build();
                self.engine.remove_container(name, Some(options)).await
            }
            "network" => self.engine.remove_network(name).await,
            _ => {
                let options = RemoveVolumeOptionsBuilder::default().force(true).build();
                self.engine.remove_volume(name, Some(options)).await
            }
        };
        match absent(removed)? {
            Some(()) => notes::say(format!("removed {} {name}", found.role)),
            None => notes::say(format!("{} {name} was gone already", found.role)),
        }
        Ok(())
    }
}

fn read(labels: Option<HashMap<String, String>>, name: &str, running: bool) -> Option<Found> {
    let labels = labels?;
    Some(Found {
        cluster: labels.get(names::CLUSTER)?.parse().ok()?,
        generation: labels.get(names::GENERATION)?.parse().ok()?,
        role: labels.get(names::ROLE)?.clone(),
        name: name.to_owned(),
        running,
    })
}
