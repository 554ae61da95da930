//! Messages between the services. Every request is answered, with its reply or a [`Fault`], inside an [`Answer`].

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

/// Why a request couldn't be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// The kind of problem, for programs.
    pub code: Code,
    /// The facts of this case, for people.
    pub message: String,
    /// Whether the same request may succeed later.
    pub retryable: bool,
}

/// The answer to any request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Answer<T> {
    /// The reply of the request's kind.
    Ok(T),
    /// The request couldn't be done.
    Fault(Fault),
}

/// Bytes that only the holder of the private key can read: a libsodium sealed box in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Sealed(pub String);

// ---- the log

/// An event, on `event.<organization, or none>.<noun>.<verb>` with the headers `position` and `incarnation`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Published {
    /// Who may see it.
    pub audience: Audience,
    /// The event.
    pub event: Event,
}

/// Where the log ends, on `log.head` every second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogHead {
    /// Life of the database.
    pub incarnation: Incarnation,
    /// Position of the newest event; 0 if there is none.
    pub position: u64,
}

/// `gateway.events.log` → `LogReply`: asks for the events after a position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogRequest {
    /// The last position that the asker has.
    pub after: u64,
}

/// The events after a position, as many as fit into a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LogReply {
    /// Where the log ends.
    pub head: LogHead,
    /// The earliest position still kept. If it is beyond `after` + 1, events are missing in between.
    pub first: u64,
    /// The events in order, without holes.
    pub events: Vec<Logged>,
}

/// An event with its place in the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Logged {
    /// Its position.
    pub position: u64,
    /// Who may see it.
    pub audience: Audience,
    /// The event.
    pub event: Event,
    /// The span in which it was written or published, as a W3C `traceparent`; absent if nothing is traced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}

/// `gateway.events.admit` → `AdmitReply`: asks who opens a stream, and what they may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdmitRequest {
    /// A `Credential` as JSON, sealed to the gateway.
    pub credential: Sealed,
    /// The highest place in the log that this events-gateway has seen; null before the first event.
    pub seen: Option<Cursor>,
    /// Whether the asker obeys `only` of the reply. If not, a token of one organization is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub heeds_only: bool,
}

/// What the caller of a stream has shown.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Credential {
    /// The value of the session cookie.
    Cookie(#[serde(serialize_with = "sent")] Secret),
    /// An access token or API token from `Authorization: Bearer`.
    Bearer(#[serde(serialize_with = "sent")] Secret),
    /// A stream token from `?token=`.
    Stream(#[serde(serialize_with = "sent")] Secret),
}

/// The caller is admitted. A refusal is a `Fault` with the code `unauthenticated`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AdmitReply {
    /// Who opens the stream.
    pub user_id: UserId,
    /// The login or API token that the credential belongs to.
    pub session_id: SessionId,
    /// When that ends; the stream is closed then.
    pub expires_at: Timestamp,
    /// Everything that the user may see.
    pub grants: Grants,
    /// The only organization of these whose events the stream shows; absent if the credential isn't limited to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<OrganizationId>,
    /// Place in the log at which the grants hold. Apply later `access.changed` events to them.
    pub at: Cursor,
}

/// Everyone whom one events-gateway holds in one workspace or at one cluster, on `presence.<organization>`: on change
/// and every 5 s. A replica that hasn't been heard for 15 s is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresenceUpdate {
    /// Random, new at each start of an events-gateway.
    pub replica: String,
    /// The organization of the workspace or cluster.
    pub organization_id: OrganizationId,
    /// The workspace; absent if it is about a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster; absent if it is about a workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// The connections that this replica holds there; empty when the last one has left.
    pub here: Vec<Here>,
}

// ---- work

/// `gateway.host.<host>.acquire` → `AcquireReply`: a worker with free slots asks for work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcquireRequest {
    /// The worker that asks.
    pub worker: WorkerId,
    /// Random, new at each start of the worker. The first acquire of a new life ends the leases of earlier lives.
    #[serde(rename = "life")]
    pub boot_id: u64,
    /// What it creates clusters with: `docker` or `fake`.
    pub driver: String,
    /// Clusters that it could work on besides those it holds.
    pub free_slots: u32,
    /// Number of this acquire in its life, from 1; 0 from a worker that doesn't count them.
    #[serde(default, rename = "ask")]
    pub acquire_seq: u64,
    /// Fences that this life holds. A lease given by an earlier acquire and missing here never arrived, and
    /// may be handed out again at once.
    #[serde(default)]
    pub held: Vec<i64>,
}

/// Work for a worker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AcquireReply {
    /// The installation's ID as 32 hex digits, for the labels of everything that the worker creates.
    pub installation: String,
    /// The clusters to work on, at most `free_slots`.
    pub leases: Vec<Lease>,
}

/// A worker's hold on one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lease {
    /// The cluster to work on.
    pub cluster: ClusterId,
    /// Number of this hold; higher than that of every earlier one. A report with an older fence changes nothing.
    pub fence: i64,
    /// Seconds from now until the lease ends, unless it is renewed.
    pub lease_secs: u32,
    /// What to make of the cluster.
    pub desired: Desired,
    /// Revision of `desired`; grows with every new request for the cluster.
    pub desired_rev: i64,
    /// The open task that this is for.
    pub task: LeasedTask,
}

/// The task that a lease is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeasedTask {
    /// The task, for logs; reports name the cluster instead.
    pub id: TaskId,
    /// What the task does.
    pub kind: TaskKind,
}

/// `gateway.host.<host>.renew` → `RenewReply`, every 10 s: a worker extends its leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenewRequest {
    /// The worker that asks.
    pub worker: WorkerId,
    /// Its life, as in its acquires.
    #[serde(rename = "life")]
    pub boot_id: u64,
    /// Every lease that it holds.
    pub leases: Vec<LeaseRef>,
}

/// A lease that a worker believes to hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeaseRef {
    /// The cluster.
    pub cluster: ClusterId,
    /// Number of the hold.
    pub fence: i64,
    /// Revision of `desired` that the worker knows.
    pub desired_rev: i64,
}

/// What became of a worker's leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RenewReply {
    /// One answer for each lease of the request.
    pub leases: Vec<Renewed>,
}

/// What became of one lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Renewed {
    /// The cluster.
    pub cluster: ClusterId,
    /// What the worker does now.
    pub verdict: Verdict,
}

/// What the gateway tells the holder of a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// Go on.
    Continue {
        /// Seconds from now until the lease ends, unless it is renewed.
        lease_secs: u32,
        /// The newest revision of `desired`.
        desired_rev: i64,
        /// What to make of the cluster now; null if the worker's revision is the newest.
        desired: Option<Desired>,
    },
    /// The goal is reached or given up, and the lease has ended.
    Done,
    /// Another worker holds the cluster: touch nothing.
    Fenced,
}

/// `gateway.host.<host>.release` → `ReleaseReply`: a worker that stops gives back its leases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseRequest {
    /// The worker that stops.
    pub worker: WorkerId,
    /// Its life, as in its acquires.
    #[serde(rename = "life")]
    pub boot_id: u64,
}

/// The leases are given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseReply {
    /// How many leases that ended.
    pub released: u64,
}

/// `gateway.host.<host>.report` → `Verdict`: what a worker has done and seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReportRequest {
    /// The worker that reports.
    pub worker: WorkerId,
    /// Its life, as in its acquires.
    #[serde(rename = "life")]
    pub boot_id: u64,
    /// The cluster that the report is about.
    pub cluster: ClusterId,
    /// Number of the worker's hold on it.
    pub fence: i64,
    /// Revision of `desired` that the worker acted on. If it is old, the report settles nothing.
    pub desired_rev: i64,
    /// The step that the report is about; null if the worker only observed.
    pub step: Option<StepReport>,
    /// What the host has of the cluster.
    pub observed: Observed,
    /// The cluster's administrator kubeconfig, sealed to the gateway; with the first report of a ready cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub admin: Option<Sealed>,
}

/// What happened in a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StepReport {
    /// The step.
    pub step: Step,
    /// Of which instance of the cluster; absent from a worker of an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// Whether it began, ended or failed.
    pub outcome: StepOutcome,
    /// What was done since the last report of this step, a line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}

/// Whether a step began, ended or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum StepOutcome {
    /// The worker has begun the step.
    Began,
    /// The step is done.
    Ended,
    /// The step failed.
    Failed {
        /// Why it failed.
        reason: Reason,
        /// Whether the worker tries again. If not, the task fails with the reason.
        retryable: bool,
    },
}

/// `gateway.host.<host>.inventory` → `InventoryReply`, every 10 s and on change: everything
/// on a host with labyard's label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryRequest {
    /// The worker that reports.
    pub worker: WorkerId,
    /// What it creates clusters with: `docker` or `fake`.
    pub driver: String,
    /// Clusters that this host can work on at once.
    pub slots: u32,
    /// What the host has, and what of it is free.
    pub capacity: Capacity,
    /// False if part of the listing failed: then nothing follows from what is missing.
    pub complete: bool,
    /// Everything with the installation's label, at most 1,000 things.
    pub items: Vec<Item>,
    /// What the host needs, one entry each.
    pub checks: Vec<crate::health::Check>,
    /// Kubernetes versions that it can run, like `v1.34.4`.
    pub versions: Vec<String>,
    /// The highest fence seen of an installation that is no longer known; 0 if there is none.
    #[serde(default)]
    pub highest_fence: i64,
    /// The highest fence seen of each installation, by its ID as hex. A fence that the installation's database hasn't
    /// given yet proves that the database went back in time.
    #[serde(default)]
    pub fences: BTreeMap<String, i64>,
    /// Warm clusters that the host's operator wants there of each version.
    #[serde(default)]
    pub pool: u32,
}

/// What a host has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capacity {
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
    /// Load average over one minute, in hundredths: 150 is a load of 1.5.
    #[serde(default)]
    pub load_hundredths: u32,
}

/// One thing on a host: a container, a volume or a network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// Cluster named by its label.
    pub cluster: ClusterId,
    /// Generation named by its label.
    pub generation: u32,
    /// What it is for: `node`, `network`, `state`, `data`, `cache`, `kubelet` or `home`.
    pub role: String,
    /// Its name on the host, where it is unique.
    pub name: String,
    /// Whether it is a container that runs.
    pub running: bool,
}

/// What a host is to remove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryReply {
    /// The installation's ID as 32 hex digits.
    pub installation: String,
    /// Clusters that are gone for good: remove everything with their labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<ClusterId>,
}

// ---- reaching into clusters

/// `host.<host>.open` → `OpenReply`: opens one stream into a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenRequest {
    /// Name of the stream. The asker chooses it, and already listens on `stream.<host>.<name>.down`.
    pub stream: String,
    /// A JWT with a `Capability`, signed by the gateway (EdDSA).
    pub capability: String,
    /// What to open.
    pub open: Open,
}

/// What to open in a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "open", rename_all = "snake_case")]
pub enum Open {
    /// Run a command in the control-plane container. Its output comes on the stream, then `exit`.
    Exec {
        /// The words of the command; no shell splits or expands them.
        argv: Vec<String>,
        /// The command's standard input in base64; empty if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stdin: Option<String>,
    },
    /// Make a kubeconfig for the capability's user. It comes sealed in the reply.
    Kubeconfig,
}

impl Open {
    /// The word with which a capability allows it.
    pub const fn kind(&self) -> StreamKind {
        match self {
            Self::Exec { .. } => StreamKind::Exec,
            Self::Kubeconfig => StreamKind::Kubeconfig,
        }
    }
}

/// The stream is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenReply {
    /// The kubeconfig, sealed to the gateway; absent for anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
}

/// A permission to open one stream, signed by the gateway and valid for 30 s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// Unique: an exec-service accepts each capability once.
    pub jti: String,
    /// The host whose exec-service may open the stream.
    pub host: HostId,
    /// The cluster to reach into.
    pub cluster: ClusterId,
    /// The generation of the cluster to reach into.
    pub generation: u32,
    /// What may be opened: `exec` or `kubeconfig`.
    pub kind: StreamKind,
    /// The login or API token that asks.
    pub session: SessionId,
    /// The user who asks.
    pub user: UserId,
    /// The user's name inside the cluster: their ID.
    pub user_name: String,
    /// The user's number in this cluster, from 0; their Unix user ID follows from it.
    pub user_number: u32,
    /// The user's groups inside the cluster.
    pub groups: Vec<Group>,
    /// Seconds that a command may run.
    pub secs_max: u64,
    /// Bytes kept of each output stream.
    pub output_max: u64,
    /// Seconds since 1970 after which the capability has expired.
    pub exp: u64,
}

/// A control message on a byte stream (header `control`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "control", rename_all = "snake_case")]
pub enum Control {
    /// From the receiver: how far it has got, which lets the sender go on.
    Have {
        /// Every byte before this offset has arrived.
        offset: u64,
    },
    /// From the side that ran a command: the command has ended.
    Exit {
        /// Bytes sent in all.
        offset: u64,
        /// Exit code of the command.
        code: i32,
        /// Whether output beyond the capability's limit was dropped.
        truncated: bool,
    },
    /// From either side: nothing more is wanted, or nothing more can be given.
    Close {
        /// Why; null if nothing went wrong.
        reason: Option<Fault>,
    },
    /// A message from a newer version than this reader, to be ignored.
    #[serde(other)]
    Unknown,
}
