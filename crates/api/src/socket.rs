//! Messages of the WebSocket at `/ws`: JSON `{"type": …, "data": …}` both ways. Clients ignore what they don't know; the
//! server answers what it doesn't know with `error`.

use domain::{
    ClusterId, ClusterStatus, Code, Components, Cursor, OrganizationId, SessionId, UserId,
    WorkspaceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    event::{Event, ResetReason, kind},
};

/// The server's first message ([`Connected`]).
pub const CONNECTED: &str = "connected";
/// Either side is alive; the server's carries [`Heartbeat`].
pub const HEARTBEAT: &str = "heartbeat";
/// A message wasn't understood or not allowed ([`SocketError`]).
pub const ERROR: &str = "error";
/// A subscription has begun ([`Subscribed`]).
pub const SUBSCRIBED: &str = "subscribed";
/// A subscription has ended ([`Unsubscribed`]).
pub const UNSUBSCRIBED: &str = "unsubscribed";
/// Events are missing ([`SocketReset`]).
pub const RESET: &str = "reset";
/// Who is in a workspace or at a cluster ([`Presence`]).
pub const PRESENCE: &str = "presence";
/// The client is in a workspace or at a cluster ([`Whereabouts`]).
pub const PRESENCE_ENTER: &str = "presence:enter";
/// The client has left it ([`Whereabouts`]).
pub const PRESENCE_LEAVE: &str = "presence:leave";
/// A cluster was created or changed; `data` is the event.
pub const WORKSPACE_STATUS: &str = "workspace:status";
/// Health of a cluster ([`Health`]), after each `workspace:status` that tells of it.
pub const VCLUSTER_HEALTH: &str = "vcluster:health";
/// A task or one of its steps changed; `data` is the event.
pub const TASK_PROGRESS: &str = "task:progress";
/// Any other event; `data` is the event.
pub const EVENT: &str = "event";

/// The message `type` for an event of this type.
pub fn name_of(event: &str) -> &'static str {
    match event.split_once('.') {
        Some(("cluster", _)) => WORKSPACE_STATUS,
        Some(("task", _)) => TASK_PROGRESS,
        _ => EVENT,
    }
}

/// Numbers with which the server closes a stream: in a WebSocket's close frame, and in the comment that ends an SSE stream.
/// 4000–4099: reconnect with the last cursor, nothing is lost. 4100–4199: log in again. 4200–4299: change something first.
pub mod close {
    /// This replica stops.
    pub const DRAIN: u16 = 4000;
    /// The client read too slowly.
    pub const BEHIND: u16 = 4001;
    /// What the user may see has to be asked for again.
    pub const ADMISSION: u16 = 4002;
    /// The client said or read nothing for a minute.
    pub const SILENT: u16 = 4003;
    /// The session was ended.
    pub const SESSION: u16 = 4100;
    /// The session has expired.
    pub const EXPIRED: u16 = 4101;
    /// A message was too large.
    pub const TOO_LARGE: u16 = 4200;
    /// Too many messages in a short time.
    pub const TOO_MANY: u16 = 4201;
    /// What came isn't a WebSocket text message.
    pub const PROTOCOL: u16 = 4202;

    /// Each number with the word for its reason and what to do.
    pub const ALL: [(u16, &str, &str); 9] = [
        (
            DRAIN,
            "drain",
            "This replica stops. Come back after a moment; another one answers.",
        ),
        (
            BEHIND,
            "behind",
            "The client read too slowly and what follows its place is no longer in memory. Come back with the last cursor: it is read from the database.",
        ),
        (
            ADMISSION,
            "admission",
            "What the person may see has to be asked for again. Come back with the last cursor.",
        ),
        (
            SILENT,
            "silent",
            "Nothing was heard from the client, or it read nothing, for a minute. Come back with the last cursor.",
        ),
        (
            SESSION,
            "session",
            "The session was ended: a log-out, or its access was taken away. Log in again.",
        ),
        (
            EXPIRED,
            "expired",
            "The session's time is up. Log in again.",
        ),
        (TOO_LARGE, "too_large", "A message was larger than 4 KiB."),
        (
            TOO_MANY,
            "too_many",
            "More messages than 20 a second, beyond a burst of 100.",
        ),
        (
            PROTOCOL,
            "protocol",
            "What came is no WebSocket message of text.",
        ),
    ];

    /// Whether a client should reconnect with its last cursor.
    pub const fn resumes(number: u16) -> bool {
        number >= 4000 && number < 4100
    }
}

/// A message from a client. `type` is `heartbeat`, `subscribe:<topic>`, `unsubscribe:<topic>`, `presence:enter` or
/// `presence:leave`; a topic is `organization`, `workspace`, `cluster` or `task`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToServer {
    /// What the client wants.
    #[serde(rename = "type")]
    pub kind: String,
    /// `Subscribe`, `Unsubscribe` or `Whereabouts`, as `type` asks for; absent for `heartbeat`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// A message from the server that isn't an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToClient<T> {
    /// What the message is, and so what `data` has: `connected`, `heartbeat`, `subscribed`, `unsubscribed`,
    /// `presence`, `reset` or `error`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The fields of this `type`.
    pub data: T,
}

/// A message with an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventMessage {
    /// `workspace:status` for an event of a cluster, `task:progress` for one of a task, `event` for any other.
    #[serde(rename = "type")]
    pub kind: String,
    /// Place in the log after this event: `since` of a later subscription.
    pub cursor: Cursor,
    /// The event.
    pub data: Event,
}

/// The health of a cluster, after each event that tells of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HealthMessage {
    /// Always `vcluster:health`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Place in the log after that event: `since` of a later subscription.
    pub cursor: Cursor,
    /// The health.
    pub data: Health,
}

/// The health of a cluster. Ignore one whose version is lower than what you have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// The cluster.
    pub cluster_id: ClusterId,
    /// The workspace that the cluster belongs to; null if it has none.
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster's status; null if unknown.
    pub status: Option<ClusterStatus>,
    /// The cluster's version.
    pub version: i64,
    /// `OK` or `UNREACHABLE`, as in the cluster's `health`.
    pub health: serde_json::Value,
    /// State of its parts, as its host last saw them; absent until it has looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Components>,
}

/// `data` of `subscribe:<topic>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscribe {
    /// ID of the organization, workspace, cluster or task.
    pub id: String,
    /// Cursor to start after; from now on if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Types of events wanted, whole (`cluster.changed`) or by noun (`task.*`); all if empty or absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// `data` of `unsubscribe:<topic>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unsubscribe {
    /// The same ID as in the subscription.
    pub id: String,
}

/// `data` of `connected`, the first message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connected {
    /// The user who is logged in.
    pub user_id: UserId,
    /// The login or API token in use.
    pub session_id: SessionId,
    /// Where the log ends now: `since` of a later subscription.
    pub cursor: Cursor,
    /// Seconds between two heartbeats of the server.
    pub heartbeat_secs: u64,
}

/// `data` of the server's `heartbeat`. A client's `heartbeat` is answered with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Heartbeat {
    /// Every subscribed event up to this place has been sent.
    pub cursor: Cursor,
}

/// `data` of `subscribed`: the events of the topic after `cursor` follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscribed {
    /// `organization`, `workspace`, `cluster` or `task`.
    pub topic: String,
    /// ID of the organization, workspace, cluster or task.
    pub id: String,
    /// Place in the log after which the events follow.
    pub cursor: Cursor,
    /// Why events between `since` and `cursor` are missing, so that you have to list again. Absent if none are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<ResetReason>,
}

/// `data` of `unsubscribed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unsubscribed {
    /// `organization`, `workspace`, `cluster` or `task`.
    pub topic: String,
    /// The same ID as in the subscription.
    pub id: String,
}

/// `data` of `reset`: events of every subscription may be missing. List again; all continue from `cursor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketReset {
    /// Why the subscriptions couldn't continue from where they were.
    pub reason: ResetReason,
    /// Place in the log from which they continue.
    pub cursor: Cursor,
}

/// `data` of `error`. The connection stays open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketError {
    /// Why, for programs.
    pub code: Code,
    /// Why, for people.
    pub message: String,
    /// The `type` of the message that it answers; absent if that couldn't be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// `data` of `presence:enter` and `presence:leave`: either `workspace_id` or `cluster_id`, not both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Whereabouts {
    /// The organization of the workspace or cluster.
    pub organization_id: OrganizationId,
    /// The workspace that the person is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster that the person is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// The page that the person is on, at most 200 characters. Not used by `presence:leave`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// `data` of `presence`: everyone who is in a workspace or at a cluster, on every change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    /// The organization of the workspace or cluster.
    pub organization_id: OrganizationId,
    /// The workspace; absent if it is about a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster; absent if it is about a workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// One entry for each connection, the longest present first.
    pub here: Vec<Here>,
}

/// One connection of a person who is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Here {
    /// The person.
    pub user_id: UserId,
    /// The page that the person is on; absent if the client didn't say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    /// When they entered.
    pub since: Timestamp,
}

/// Every type of event that is shown, with the `type` of its message; for the documentation.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let shown = kind::ALL
        .into_iter()
        .filter(|kind| *kind != kind::ACCESS_CHANGED);
    shown.map(|kind| (kind, name_of(kind)))
}
