//! A workspace's status, which follows from its clusters'.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cluster::ClusterStatus;

/// Status of a workspace: that of its clusters, in one word. The first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WorkspaceStatus {
    /// A cluster has failed.
    Error,
    /// A cluster runs.
    Running,
    /// A cluster is being created.
    Provisioning,
    /// A cluster is being started.
    Starting,
    /// A cluster is moving to another Kubernetes version. Not used yet.
    Upgrading,
    /// A cluster is being filled from a backup. Not used yet.
    Restoring,
    /// A cluster is being stopped.
    Stopping,
    /// A cluster is being deleted; any others are stopped.
    Deleting,
    /// Every cluster is stopped.
    Stopped,
    /// It has no clusters.
    Empty,
    /// A status from a newer version than this reader.
    #[default]
    #[serde(other)]
    Unknown,
}

impl WorkspaceStatus {
    /// First what needs somebody's attention, then what can be used, then what is under way.
    const ORDER: [(ClusterStatus, Self); 9] = [
        (ClusterStatus::Error, Self::Error),
        (ClusterStatus::Running, Self::Running),
        (ClusterStatus::Provisioning, Self::Provisioning),
        (ClusterStatus::Starting, Self::Starting),
        (ClusterStatus::Upgrading, Self::Upgrading),
        (ClusterStatus::Restoring, Self::Restoring),
        (ClusterStatus::Stopping, Self::Stopping),
        (ClusterStatus::Deleting, Self::Deleting),
        (ClusterStatus::Stopped, Self::Stopped),
    ];

    /// The status for these clusters' statuses, in any order; deleted clusters don't count.
    pub fn of(clusters: &[ClusterStatus]) -> Self {
        let found = Self::ORDER
            .into_iter()
            .find(|(status, _)| clusters.contains(status));
        match found {
            Some((_, status)) => status,
            None if clusters.contains(&ClusterStatus::Unknown) => Self::Unknown,
            None => Self::Empty,
        }
    }

    /// The word in JSON: `RUNNING`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Running => "RUNNING",
            Self::Provisioning => "PROVISIONING",
            Self::Starting => "STARTING",
            Self::Upgrading => "UPGRADING",
            Self::Restoring => "RESTORING",
            Self::Stopping => "STOPPING",
            Self::Deleting => "DELETING",
            Self::Stopped => "STOPPED",
            Self::Empty => "EMPTY",
            Self::Unknown => "UNKNOWN",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_is_what_its_clusters_are() {
        use ClusterStatus::*;
        for (clusters, status) in [
            (&[][..], WorkspaceStatus::Empty),
            (&[Deleted], WorkspaceStatus::Empty),
            (&[Running], WorkspaceStatus::Running),
            (&[Stopped, Provisioning, Running], WorkspaceStatus::Running),
            (&[Running, Error], WorkspaceStatus::Error),
            (&[Stopped, Starting], WorkspaceStatus::Starting),
            (&[Deleting, Stopped], WorkspaceStatus::Deleting),
            (&[Stopped, Stopped], WorkspaceStatus::Stopped),
            (&[Unknown], WorkspaceStatus::Unknown),
        ] {
            assert_eq!(WorkspaceStatus::of(clusters), status, "{clusters:?}");
        }
    }

    #[test]
    fn every_status_of_a_cluster_says_something_of_its_workspace() {
        for status in ClusterStatus::ALL {
            let empty = WorkspaceStatus::of(&[status]) == WorkspaceStatus::Empty;
            assert_eq!(empty, status == ClusterStatus::Deleted, "{status:?}");
        }
    }
}
