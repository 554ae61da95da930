//! Hosts and the installation, as administrators see them.

use domain::{ClusterId, HostId, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, health::Check};

/// A machine that clusters run on, as `GET /api/v1/hosts` lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// The host's name: 1 to 63 characters of a-z, 0-9, `-` and `_`.
    pub id: HostId,
    /// What creates clusters there: `docker`, or `fake` in tests.
    pub driver: String,
    /// Its last report.
    pub seen_at: Timestamp,
    /// Whether it has reported within the last 30 s.
    pub reachable: bool,
    /// Clusters that it can work on at once.
    pub slots: u32,
    /// Clusters that it is working on now.
    pub busy: u32,
    /// Clusters placed on it, stopped and warm ones included.
    pub clusters: u32,
    /// What the machine has, and what of it is free.
    pub capacity: HostCapacity,
    /// What its clusters may use together.
    pub reserved: Reserved,
    /// Load average over one minute.
    pub load: f64,
    /// Why it takes no new clusters now; absent if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Reason>,
    /// What the host needs, one entry each.
    pub checks: Vec<Check>,
    /// Kubernetes versions that it can run, like `v1.34.4`.
    pub versions: Vec<String>,
    /// Its warm clusters, which are ready before anybody asks.
    pub pool: HostPool,
    /// Things with labyard's label that belong to no living cluster; empty when all is well.
    pub ledger: Vec<Orphan>,
}

/// What a host has, as it last reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostCapacity {
    /// Thousandths of a CPU: 2000 is two CPUs.
    pub cpu_millis: u32,
    /// MiB of memory.
    pub memory_mib: u32,
    /// MiB of memory that are available.
    pub memory_free_mib: u32,
    /// MiB of disk where clusters are stored.
    pub disk_mib: u64,
    /// MiB of that disk that are free.
    pub disk_free_mib: u64,
}

/// What the clusters of a host may use together, whether they do or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reserved {
    /// Thousandths of a CPU: 2000 is two CPUs.
    pub cpu_millis: u64,
    /// MiB of memory.
    pub memory_mib: u64,
}

/// The warm clusters of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostPool {
    /// How many the host's operator wants of each version.
    pub wanted: u32,
    /// How many are ready to be handed out.
    pub ready: u32,
    /// How many are being created.
    pub filling: u32,
}

/// Something on a host that belongs to no living cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Orphan {
    /// Its name on the host.
    pub name: String,
    /// What it is for: `node`, `network`, `state`, `data`, `cache`, `kubelet` or `home`.
    pub role: String,
    /// The cluster named by its label.
    pub cluster_id: ClusterId,
    /// When a listing of the host first contained it.
    pub first_seen_at: Timestamp,
    /// How many complete listings in a row have contained it.
    pub seen: u32,
}

/// Answer of `GET /api/v1/installation`: this labyard, its switches and its self-checks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Installation {
    /// 32 hex digits, the same for the installation's life. It is in the labels of everything on its hosts.
    pub id: String,
    /// Version of the api-gateway that answers, like `0.1.0`.
    pub version: String,
    /// Whether the warm pool is paused: no warm clusters are created then.
    pub pool_paused: bool,
    /// Why nothing is created or removed now: the database is older than its hosts. Absent if it isn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<Reason>,
    /// What must always hold, and whether it does.
    pub invariants: Vec<Invariant>,
}

/// Body of `POST /api/v1/installation/pool`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PoolSwitch {
    /// True to pause the warm pool, false to resume it.
    pub paused: bool,
}

/// Something that must always hold. Its SQL view must be empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invariant {
    /// Name of the view.
    pub name: String,
    /// What holds while the view is empty, in words.
    pub what: String,
    /// How often it doesn't hold: the rows of the view.
    pub violations: u64,
    /// The first few violations, in words; absent if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
}
