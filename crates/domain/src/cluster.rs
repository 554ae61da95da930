//! A cluster's status, the table of its transitions, and what is wanted of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::word::read_by_word;

/// Stage of a cluster's life. Hosts report facts; only the api-gateway changes a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClusterStatus {
    /// Being created: from the request until the cluster is ready.
    Provisioning,
    /// Ready for use: its API answers and its node is Ready.
    Running,
    /// Being stopped.
    Stopping,
    /// Stopped, with everything in it kept.
    Stopped,
    /// Being started: after a stop, or because its node went down.
    Starting,
    /// Moving to another Kubernetes version. Not used yet.
    Upgrading,
    /// Being filled from a backup. Not used yet.
    Restoring,
    /// Being deleted, which can't be canceled.
    Deleting,
    /// Gone. Only its record stays, readable by ID.
    Deleted,
    /// Its last task failed; `reason` says why. Retry the task or delete the cluster.
    Error,
    /// A status from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

impl ClusterStatus {
    /// Every status a cluster can have, so all but `Unknown`.
    pub const ALL: [Self; 10] = [
        Self::Provisioning,
        Self::Running,
        Self::Stopping,
        Self::Stopped,
        Self::Starting,
        Self::Upgrading,
        Self::Restoring,
        Self::Deleting,
        Self::Deleted,
        Self::Error,
    ];

    /// The statuses that may follow this one.
    pub const fn next(self) -> &'static [Self] {
        use ClusterStatus::*;
        match self {
            Provisioning => &[Running, Error, Deleting],
            Running => &[Stopping, Upgrading, Restoring, Error, Starting, Deleting],
            Stopping => &[Stopped, Error, Deleting],
            Stopped => &[Starting, Stopping, Restoring, Deleting],
            Starting => &[Running, Error, Stopping, Deleting],
            Upgrading | Restoring => &[Running, Error, Deleting],
            Error => &[
                Provisioning,
                Starting,
                Stopping,
                Upgrading,
                Restoring,
                Deleting,
            ],
            Deleting => &[Deleted],
            Deleted | Unknown => &[],
        }
    }

    /// Whether `next` may follow this status directly.
    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// The word in JSON, on the command line and in the database: `RUNNING`.
    pub const fn as_str(self) -> &'static str {
        use ClusterStatus::*;
        match self {
            Provisioning => "PROVISIONING",
            Running => "RUNNING",
            Stopping => "STOPPING",
            Stopped => "STOPPED",
            Starting => "STARTING",
            Upgrading => "UPGRADING",
            Restoring => "RESTORING",
            Deleting => "DELETING",
            Deleted => "DELETED",
            Error => "ERROR",
            Unknown => "UNKNOWN",
        }
    }

    /// The inverse of [`Self::as_str`]; `Unknown` for any other word.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Unknown)
    }
}

read_by_word!(ClusterStatus, "status of a cluster");

/// Whether a cluster's host can be reached, independent of the cluster's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClusterHealth {
    /// Its host has reported within the last 30 s, or no host has taken it yet.
    #[default]
    Ok,
    /// Its host hasn't reported for 30 s: what is shown is the last known state.
    Unreachable,
    /// A word from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

impl ClusterHealth {
    /// Every health that a worker or gateway can tell of.
    pub const ALL: [Self; 2] = [Self::Ok, Self::Unreachable];

    /// The word in JSON and in the database: `OK`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unreachable => "UNREACHABLE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

read_by_word!(ClusterHealth, "health of a cluster");

/// State that a host is to bring a cluster to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Its node runs and the cluster is ready.
    Running,
    /// Its node doesn't run; its volumes are kept.
    Stopped,
    /// Nothing with its label is left on the host.
    Deleted,
}

impl Goal {
    /// Every goal.
    pub const ALL: [Self; 3] = [Self::Running, Self::Stopped, Self::Deleted];

    /// The word in JSON and in the database: `running`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Deleted => "deleted",
        }
    }

    /// The status of a cluster that has reached it.
    pub const fn reached(self) -> ClusterStatus {
        match self {
            Self::Running => ClusterStatus::Running,
            Self::Stopped => ClusterStatus::Stopped,
            Self::Deleted => ClusterStatus::Deleted,
        }
    }
}

read_by_word!(Goal, "goal");

/// Limits of a cluster on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// Thousandths of a CPU: 2000 is two CPUs.
    pub cpu_millis: u32,
    /// MiB of memory, swap included.
    pub memory_mib: u32,
    /// Processes and threads at once.
    pub pids: u32,
}

impl Resources {
    /// What every new cluster gets: 2 CPUs, 2 GiB of memory, 4,096 processes.
    pub const ORDINARY: Self = Self {
        cpu_millis: 2000,
        memory_mib: 2048,
        pids: 4096,
    };
}

impl Default for Resources {
    fn default() -> Self {
        Self::ORDINARY
    }
}

/// What a host is to make of a cluster. Complete in itself: a worker needs nothing that was said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Desired {
    /// State to reach.
    pub goal: Goal,
    /// Instance of the cluster, from 1; a replacement gets the next number.
    pub generation: u32,
    /// Generation that first filled the data volume, whose name contains it.
    pub data_generation: u32,
    /// Kubernetes version, one of `GET /api/v1/cluster-versions`, like `v1.34.4`.
    pub k8s_version: String,
    /// Limits of the cluster's node.
    pub resources: Resources,
    /// Port of the cluster's API on the host's loopback; null until a worker has chosen and reported one.
    pub api_port: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::ClusterStatus::{self, *};

    #[test]
    fn anything_but_deleted_may_be_deleted_and_nothing_follows_deleted() {
        for status in ClusterStatus::ALL {
            assert_eq!(
                status.may_become(Deleting),
                !matches!(status, Deleting | Deleted),
                "{status:?}"
            );
            assert!(!Deleted.may_become(status));
        }
        assert_eq!(Deleting.next(), [Deleted]);
    }

    #[test]
    fn a_status_of_a_later_version_is_shown_as_unknown_and_nothing_follows_it() {
        let read = serde_json::from_str::<ClusterStatus>("\"SLEEPING\"").ok();
        assert_eq!(read, Some(Unknown));
        assert_eq!(Unknown.next(), []);
    }

    #[test]
    fn no_status_follows_itself() {
        for status in ClusterStatus::ALL {
            assert!(!status.may_become(status), "{status:?}");
        }
    }
}
