//! Everything that bears our label, found and removed by it.

use std::collections::HashMap;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use crash::crash_point;
use domain::ClusterId;

use super::engine::{Docker, absent, failed};
use crate::{
    names, notes,
    provision::{Error, Found},
    role::Role,
};

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
            )?);
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
            )?);
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
            found.extend(read(Some(volume.labels), &volume.name, false)?);
        }
        Ok(found)
    }

    /// How many nodes of labs run, of every installation.
    pub(super) async fn running_nodes(&self) -> Result<u64, Error> {
        let role = format!("{}={}", names::ROLE, Role::Node.as_str());
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
            left.sort_by_key(|found| found.role != Role::Node);
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
        let removed = match found.role {
            Role::Node => {
                let options = RemoveContainerOptionsBuilder::default()
                    .force(true)
                    .v(true)
                    .build();
                self.engine.remove_container(name, Some(options)).await
            }
            Role::Network => self.engine.remove_network(name).await,
            Role::State | Role::Data | Role::Cache | Role::Kubelet => {
                let options = RemoveVolumeOptionsBuilder::default().force(true).build();
                self.engine.remove_volume(name, Some(options)).await
            }
        };
        let role = found.role.as_str();
        match absent(removed)? {
            Some(()) => notes::record(format!("removed {role} {name}")),
            None => notes::record(format!("{role} {name} was gone already")),
        }
        Ok(())
    }
}

/// What the labels of a thing say; nothing if they are not ours.
fn read(
    labels: Option<HashMap<String, String>>,
    name: &str,
    running: bool,
) -> Result<Option<Found>, Error> {
    let labels = labels.unwrap_or_default();
    let label = |key: &str| labels.get(key).map(String::as_str);
    let whose = || {
        let cluster = label(names::CLUSTER)?.parse().ok()?;
        let generation = label(names::GENERATION)?.parse().ok()?;
        Some((cluster, generation, label(names::ROLE)?))
    };
    let Some((cluster, generation, role)) = whose() else {
        return Ok(None);
    };
    let role = role
        .parse()
        .map_err(|error| Error::Refused(format!("{name}: {error}")))?;
    Ok(Some(Found {
        cluster,
        generation,
        role,
        name: name.to_owned(),
        running,
    }))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_role_of_a_later_version_is_an_error_and_what_is_not_ours_is_nothing() {
        let labels = |role: &str| {
            let cluster = ClusterId::from_uuid(Uuid::nil()).to_string();
            [
                (names::CLUSTER, cluster.as_str()),
                (names::GENERATION, "1"),
                (names::ROLE, role),
            ]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into()
        };
        let found = read(Some(labels("node")), "n", true).unwrap().unwrap();
        assert_eq!((found.role, found.running), (Role::Node, true));
        assert!(matches!(
            read(Some(labels("attic")), "n", true),
            Err(Error::Refused(_))
        ));
        assert_eq!(read(None, "n", true).unwrap(), None);
    }
}
