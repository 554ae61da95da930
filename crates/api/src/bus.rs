//! Messages between the services. Every request is answered: with its reply or a [`Fault`].

use std::collections::BTreeMap;

use domain::{
    ClusterId, Code, Cursor, Desired, Group, HostId, Incarnation, Observed, OrganizationId, Reason,
    SessionId, Step, StreamKind, TaskId, TaskKind, UserId, WorkerId, WorkspaceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Secret, Timestamp,
    event::{Audience, Event, Grants},
    secret::sent,
    socket::Here,
};

/// Why a request could not be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    pub code: Code,
    pub message: String,
    /// The same request may succeed later.
    pub retryable: bool,
}

/// The answer to any request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer<T> {
    Ok(T),
    Fault(Fault),
}

/// Bytes that only the holder of the private key can read: a libsodium sealed box, base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Sealed(pub String);

// ---- the log

/// `event.<organization, or none>.<noun>.<verb>`, with headers `position` and `incarnation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    pub audience: Audience,
    pub event: Event,
}

/// `log.head`, every second: where the log ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogHead {
    pub incarnation: Incarnation,
    pub position: u64,
}

/// `gateway.events.log`: the events after a position, as many as fit, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogRequest {
    pub after: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogReply {
    pub head: LogHead,
    /// The earliest position still kept; a range that begins before it is too old.
    pub first: u64,
    pub events: Vec<Logged>,
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Logged {
    pub position: u64,
    pub audience: Audience,
    pub event: Event,
    /// The span it was written in, or published in, as W3C's `traceparent`; none where nothing is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// `gateway.events.admit`: who is this, and what may they see?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdmitRequest {
    /// A [`Credential`] as JSON, sealed to the gateway.
    pub credential: Sealed,
    /// The highest position this hub has seen.
    pub seen: Option<Cursor>,
    /// It heeds `only` of the answer; who shows a token of one organization is refused without.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub heeds_only: bool,
}

/// What a stream's caller showed.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Credential {
    /// The session cookie's value.
    Cookie(#[serde(serialize_with = "sent")] Secret),
    /// An access token from `Authorization: Bearer`.
    Bearer(#[serde(serialize_with = "sent")] Secret),
    /// A stream token from `?token=`.
    Stream(#[serde(serialize_with = "sent")] Secret),
}

/// Admitted. A refusal is a [`Fault`] with `unauthenticated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdmitReply {
    pub user_id: UserId,
    pub session_id: SessionId,
    /// When the credential's session ends; the stream closes then.
    pub expires_at: Timestamp,
    pub grants: Grants,
    /// Of all that, the stream shows this organization's alone: what was shown is limited to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<OrganizationId>,
    /// The grants are those at this place in the log.
    pub at: Cursor,
}

/// `presence.<organization>`: everybody that one events-gateway holds in one workspace or at one
/// cluster; on change and every 5 s. Nobody for 15 s means that the replica is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceUpdate {
    /// Random, new at each start of an events-gateway.
    pub replica: String,
    pub organization_id: OrganizationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    pub here: Vec<Here>,
}

// ---- work

/// `gateway.host.<host>.acquire`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcquireRequest {
    pub worker: WorkerId,
    /// Random, new at each start of the worker; the first acquire of a new life ends the leases
    /// of earlier lives.
    #[serde(rename = "life")]
    pub boot_id: u64,
    pub driver: String,
    pub free_slots: u32,
    /// Sequence number of this acquire since boot, from 1; 0 from a worker that does not count them.
    #[serde(default, rename = "ask")]
    pub acquire_seq: u64,
    /// The fences this life holds: what an earlier ask was given and is not among them never
    /// arrived, and may be handed out again at once.
    #[serde(default)]
    pub held: Vec<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcquireReply {
    /// The installation's ID as hex, for the labels of everything made.
    pub installation: String,
    pub leases: Vec<Lease>,
}

/// A cluster in a worker's hands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lease {
    pub cluster: ClusterId,
    pub fence: i64,
    pub lease_secs: u32,
    pub desired: Desired,
    pub desired_rev: i64,
    pub task: LeasedTask,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeasedTask {
    pub id: TaskId,
    pub kind: TaskKind,
}

/// `gateway.host.<host>.renew`, every 10 s
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenewRequest {
    pub worker: WorkerId,
    #[serde(rename = "life")]
    pub boot_id: u64,
    pub leases: Vec<LeaseRef>,
}

/// What the worker believes it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaseRef {
    pub cluster: ClusterId,
    pub fence: i64,
    pub desired_rev: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenewReply {
    pub leases: Vec<Renewed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renewed {
    pub cluster: ClusterId,
    pub verdict: Verdict,
}

/// What the gateway says to whoever holds a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Go on. `desired` is there when its revision is above the one sent.
    Continue {
        lease_secs: u32,
        desired_rev: i64,
        desired: Option<Desired>,
    },
    /// The goal is reached or given up; the lease has ended.
    Done,
    /// Somebody else holds it now: touch nothing.
    Fenced,
}

/// `gateway.host.<host>.release`: a worker that ends hands over what it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseRequest {
    pub worker: WorkerId,
    #[serde(rename = "life")]
    pub boot_id: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseReply {
    /// Leases that ended by it.
    pub released: u64,
}

/// `gateway.host.<host>.report` → [`Verdict`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportRequest {
    pub worker: WorkerId,
    #[serde(rename = "life")]
    pub boot_id: u64,
    pub cluster: ClusterId,
    pub fence: i64,
    pub desired_rev: i64,
    /// The step this report is about; absent when the worker only observed.
    pub step: Option<StepReport>,
    pub observed: Observed,
    /// The cluster's admin kubeconfig sealed to the gateway; with the first report that is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<Sealed>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepReport {
    pub step: Step,
    /// Of which instance of the cluster; absent from a worker of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    pub outcome: StepOutcome,
    /// What was done since the last report of this step, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum StepOutcome {
    Began,
    Ended,
    /// `retryable`: the worker goes on trying; else the task fails with the reason.
    Failed {
        reason: Reason,
        retryable: bool,
    },
}

/// `gateway.host.<host>.inventory`, every 10 s and on change: everything that bears our label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryRequest {
    pub worker: WorkerId,
    pub driver: String,
    /// Clusters this host works on at once.
    pub slots: u32,
    pub capacity: Capacity,
    /// False when a part of the listing failed: nothing may be concluded from what is missing.
    pub complete: bool,
    pub items: Vec<Item>,
    /// What the host needs, each with its state in words.
    pub checks: Vec<crate::health::Check>,
    /// The Kubernetes versions it can make.
    pub versions: Vec<String>,
    /// The highest fence seen of an installation that is not known any more.
    #[serde(default)]
    pub highest_fence: i64,
    /// The highest fence seen of each installation, by its ID as hex: one that its database has not
    /// given proves that this went back in time.
    #[serde(default)]
    pub fences: BTreeMap<String, i64>,
    /// How many warm clusters the host's operator wants there of each version.
    #[serde(default)]
    pub pool: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
    pub cpu_millis: u32,
    pub memory_mib: u32,
    pub memory_free_mib: u32,
    pub disk_mib: u64,
    pub disk_free_mib: u64,
    /// The load average of one minute, in hundredths.
    #[serde(default)]
    pub load_hundredths: u32,
}

/// One thing on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    pub cluster: ClusterId,
    pub generation: u32,
    /// `node`, `network`, `state`, `data`, `cache` or `kubelet`
    pub role: String,
    pub name: String,
    pub running: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryReply {
    pub installation: String,
    /// Clusters that are gone for good: whatever bears their label is removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<ClusterId>,
}

// ---- reaching into clusters

/// `host.<host>.open`: open one stream into a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenRequest {
    /// Chosen by the asker, who already listens on `stream.<host>.<id>.down`.
    pub stream: String,
    /// A JWT with [`Capability`], signed by the gateway (EdDSA).
    pub capability: String,
    pub open: Open,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "open", rename_all = "snake_case")]
pub enum Open {
    /// Run words in the control-plane container; output on the stream, then `exit`.
    Exec {
        argv: Vec<String>,
        /// What it reads from its standard input, in base64; nothing if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stdin: Option<String>,
    },
    /// A kubeconfig for the capability's person; it comes sealed in the reply.
    Kubeconfig,
}

impl Open {
    /// What a capability must be for to allow it.
    pub const fn kind(&self) -> StreamKind {
        match self {
            Self::Exec { .. } => StreamKind::Exec,
            Self::Kubeconfig => StreamKind::Kubeconfig,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenReply {
    /// The kubeconfig, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// A signed permission to open one stream, good for 30 s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// Unique; an exec-service takes each once.
    pub jti: String,
    pub host: HostId,
    pub cluster: ClusterId,
    pub generation: u32,
    /// What it allows: [`Open::kind`].
    pub kind: StreamKind,
    pub session: SessionId,
    pub user: UserId,
    /// The person's name inside the cluster: the user's ID.
    pub user_name: String,
    /// The person's number inside this cluster, from 0.
    pub user_number: u32,
    pub groups: Vec<Group>,
    /// Seconds a command may run.
    pub secs_max: u64,
    /// Bytes kept of each output stream.
    pub output_max: u64,
    /// Not after this; seconds since 1970.
    pub exp: u64,
}

/// A control message on a byte stream (header `control`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "control", rename_all = "snake_case")]
pub enum Control {
    /// From the receiver: everything before this offset has arrived.
    Have { offset: u64 },
    /// From the side that ran something: it ended, after `offset` bytes in all.
    Exit {
        offset: u64,
        code: i32,
        truncated: bool,
    },
    /// From either side: no more is wanted, or no more can be given.
    Close { reason: Option<Fault> },
    #[serde(other)]
    Unknown,
}
