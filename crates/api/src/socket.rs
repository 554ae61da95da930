//! Messages of the WebSocket at `/ws`: JSON `{"type": …, "data": …}` both ways. What a reader does
//! not know it ignores; what the server does not know it answers with `error`.

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

pub const CONNECTED: &str = "connected";
pub const HEARTBEAT: &str = "heartbeat";
pub const ERROR: &str = "error";
pub const SUBSCRIBED: &str = "subscribed";
pub const UNSUBSCRIBED: &str = "unsubscribed";
pub const RESET: &str = "reset";
pub const PRESENCE: &str = "presence";
pub const PRESENCE_ENTER: &str = "presence:enter";
pub const PRESENCE_LEAVE: &str = "presence:leave";
/// A cluster was created or changed; `data` is the event.
pub const WORKSPACE_STATUS: &str = "workspace:status";
/// The health of a cluster, beside each `workspace:status` that tells of it.
pub const VCLUSTER_HEALTH: &str = "vcluster:health";
/// A task, or a step of it; `data` is the event.
pub const TASK_PROGRESS: &str = "task:progress";
/// Any other event; `data` is the event.
pub const EVENT: &str = "event";

/// The `type` that an event's message has.
pub fn name_of(event: &str) -> &'static str {
    match event.split_once('.') {
        Some(("cluster", _)) => WORKSPACE_STATUS,
        Some(("task", _)) => TASK_PROGRESS,
        _ => EVENT,
    }
}

/// Numbers with which the server closes a stream: the code of a WebSocket's close frame, and in the
/// comment that ends an SSE stream. 4000–4099: come back with the last cursor, nothing is lost.
/// 4100–4199: log in anew. 4200–4299: do not come back without a change.
pub mod close {
    pub const DRAIN: u16 = 4000;
    pub const BEHIND: u16 = 4001;
    pub const ADMISSION: u16 = 4002;
    pub const SILENT: u16 = 4003;
    pub const SESSION: u16 = 4100;
    pub const EXPIRED: u16 = 4101;
    pub const TOO_LARGE: u16 = 4200;
    pub const TOO_MANY: u16 = 4201;
    pub const PROTOCOL: u16 = 4202;

    /// Each with its reason's word and what it means.
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

    /// Whether a client comes back by itself.
    pub const fn resumes(number: u16) -> bool {
        number >= 4000 && number < 4100
    }
}

/// What a client sends. `type` is `heartbeat`, `subscribe:<topic>`, `unsubscribe:<topic>`,
/// `presence:enter` or `presence:leave`; a topic is `organization`, `workspace`, `cluster` or `task`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToServer {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// What the server sends beside events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToClient<T> {
    #[serde(rename = "type")]
    pub kind: String,
    pub data: T,
}

/// An event's message: `workspace:status`, `task:progress` or `event`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EventMessage {
    #[serde(rename = "type")]
    pub kind: String,
    /// Where to go on after it: `since` of a later subscription.
    pub cursor: Cursor,
    pub data: Event,
}

/// `vcluster:health`: beside each event that tells of a cluster's health.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HealthMessage {
    #[serde(rename = "type")]
    pub kind: String,
    pub cursor: Cursor,
    pub data: Health,
}

/// How a cluster is; a version lower than the one known is old news.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    pub cluster_id: ClusterId,
    pub workspace_id: Option<WorkspaceId>,
    pub status: Option<ClusterStatus>,
    pub version: i64,
    pub health: serde_json::Value,
    /// How its parts are (node, storage, API), as its host last saw them; absent before it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Components>,
}

/// `data` of `subscribe:<topic>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscribe {
    /// Of the organization, workspace, cluster or task.
    pub id: String,
    /// From this cursor on; from now if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Only these types of events, whole (`cluster.changed`) or by noun (`task.*`); all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// `data` of `unsubscribe:<topic>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unsubscribe {
    pub id: String,
}

/// `data` of `connected`: the first message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Connected {
    pub user_id: UserId,
    pub session_id: SessionId,
    pub cursor: Cursor,
    /// How often the server says `heartbeat`.
    pub heartbeat_secs: u64,
}

/// `data` of the server's `heartbeat`; a client's is answered with one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Heartbeat {
    /// Everything subscribed to has been sent up to here.
    pub cursor: Cursor,
}

/// `data` of `subscribed`: events of the topic after this cursor follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscribed {
    /// `organization`, `workspace`, `cluster` or `task`
    pub topic: String,
    pub id: String,
    pub cursor: Cursor,
    /// What came between `since` and the cursor is not to be had: list again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<ResetReason>,
}

/// `data` of `unsubscribed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unsubscribed {
    pub topic: String,
    pub id: String,
}

/// `data` of `reset`: no subscription could go on; all go on from the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketReset {
    pub reason: ResetReason,
    pub cursor: Cursor,
}

/// `data` of `error`. The connection stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SocketError {
    pub code: Code,
    pub message: String,
    /// The `type` of the message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// `data` of `presence:enter` and `presence:leave`: exactly one of workspace and cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Whereabouts {
    pub organization_id: OrganizationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// The page the person is on, up to 200 characters; not used by `presence:leave`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
}

/// `data` of `presence`: everybody who is here, whenever that changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Presence {
    pub organization_id: OrganizationId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// Each connection once, who came first comes first.
    pub here: Vec<Here>,
}

/// One connection of a person who is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Here {
    pub user_id: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<String>,
    pub since: Timestamp,
}

/// Every type of event with the `type` of its message, for the documentation.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let shown = kind::ALL
        .into_iter()
        .filter(|kind| *kind != kind::ACCESS_CHANGED);
    shown.map(|kind| (kind, name_of(kind)))
}
