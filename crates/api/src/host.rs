//! Hosts and the installation as an administrator sees them.

use domain::{ClusterId, HostId, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, health::Check};

/// `GET /api/v1/hosts`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    pub id: HostId,
    pub driver: String,
    pub seen_at: Timestamp,
    /// Heard of within 30 s.
    pub reachable: bool,
    /// Clusters it works on at once, and how many it works on now.
    pub slots: u32,
    pub busy: u32,
    /// Clusters placed there, stopped ones included.
    pub clusters: u32,
    pub capacity: HostCapacity,
    pub reserved: Reserved,
    /// The load average of one minute.
    pub load: f64,
    /// Why it takes no new clusters right now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Reason>,
    /// What it needs, each with its state in words.
    pub checks: Vec<Check>,
    /// The Kubernetes versions it can make.
    pub versions: Vec<String>,
    pub pool: HostPool,
    /// What bears our label there and belongs to no cluster that lives; empty when all is well.
    pub ledger: Vec<Orphan>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostCapacity {
    pub cpu_millis: u32,
    pub memory_mib: u32,
    pub memory_free_mib: u32,
    pub disk_mib: u64,
    pub disk_free_mib: u64,
}

/// Promised to clusters, used or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reserved {
    pub cpu_millis: u64,
    pub memory_mib: u64,
}

/// The warm clusters of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostPool {
    pub wanted: u32,
    pub ready: u32,
    pub filling: u32,
}

/// Something on a host that no living cluster owns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Orphan {
    pub name: String,
    pub role: String,
    pub cluster_id: ClusterId,
    pub first_seen_at: Timestamp,
    /// Complete listings it was found in, one after the other.
    pub seen: u32,
}

/// `GET /api/v1/installation`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Installation {
    pub id: String,
    pub version: String,
    /// Nothing new is warmed up while this is true.
    pub pool_paused: bool,
    /// Why nothing is removed and nothing is created right now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<Reason>,
    /// What must always hold, each with how often it does not.
    pub invariants: Vec<Invariant>,
}

/// `POST /api/v1/installation/pool`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolSwitch {
    pub paused: bool,
}

/// Something that must always hold; its SQL view must be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invariant {
    /// The view's name.
    pub name: String,
    /// What holds when it is empty.
    pub what: String,
    pub violations: u64,
    /// The first few, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}
