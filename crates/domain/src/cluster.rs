//! A cluster's status, the table of its transitions, and what is wanted of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::word::read_by_word;

/// Where a cluster is in its life. Workers report facts; only the gateway moves a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClusterStatus {
    Provisioning,
    Running,
    Stopping,
    Stopped,
    Starting,
    Upgrading,
    Restoring,
    Deleting,
    Deleted,
    Error,
    /// A status of a later version than this reader.
    #[serde(other)]
    Unknown,
}

impl ClusterStatus {
    /// Every status a cluster can have.
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

    pub fn may_become(self, next: Self) -> bool {
        self.next().contains(&next)
    }

    /// The word people read, and the one the database keeps.
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

    /// The inverse of [`Self::as_str`] for readers that show what they do not know; what decides uses `FromStr`.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Unknown)
    }
}

read_by_word!(ClusterStatus, "status of a cluster");

/// Whether a cluster can be reached, whatever its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClusterHealth {
    #[default]
    Ok,
    /// Its host has not been heard of for 30 s.
    Unreachable,
    #[serde(other)]
    Unknown,
}

impl ClusterHealth {
    pub const ALL: [Self; 2] = [Self::Ok, Self::Unreachable];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Unreachable => "UNREACHABLE",
            Self::Unknown => "UNKNOWN",
        }
    }
}

read_by_word!(ClusterHealth, "health of a cluster");

/// What a cluster shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    Running,
    Stopped,
    Deleted,
}

impl Goal {
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

/// What a cluster may use on its host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Resources {
    /// Thousandths of a CPU.
    pub cpu_millis: u32,
    /// Mebibytes of memory, swap included.
    pub memory_mib: u32,
    /// Processes and threads.
    pub pids: u32,
}

impl Resources {
    /// What a cluster gets if nothing else is said.
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

/// What the host of a cluster shall come to: the gateway's order, complete in itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Desired {
    pub goal: Goal,
    /// Which instance of the cluster; a replacement gets the next one.
    pub generation: u32,
    /// The generation that first filled the data volume.
    pub data_generation: u32,
    /// A version of `/api/v1/cluster-versions`, like `v1.34.4`.
    pub k8s_version: String,
    pub resources: Resources,
    /// The port on the host's loopback where the cluster's API answers, once it is chosen.
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
