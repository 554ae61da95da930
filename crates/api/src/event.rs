//! Events: what happened, as every subscriber sees it, and who may see it.

use domain::{
    ClusterId, ClusterStatus, Cursor, EventId, HostId, OrganizationId, Role, SessionId, TaskId,
    UserId, WebhookId, WorkspaceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Something that happened. An event with a `cluster_id` carries that cluster's `status` and `version`; ignore one
/// whose version is lower than what you have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// `evt_` and 32 lower-case hex digits of a UUIDv7; the same on every stream and in every delivery.
    pub id: EventId,
    /// `<noun>.<verb in the past>`, like `cluster.changed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub time: Timestamp,
    /// The organization that it happened in; absent for hosts, the installation and one user's own events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The workspace that it is about; absent if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster that it is about; absent if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// The task that it is about; absent if it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The cluster's status after it; absent without a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ClusterStatus>,
    /// The cluster's version after it; without a cluster, the version of the object in `data`.
    pub version: i64,
    /// The object that `type` names, as `GET` returns it; absent if the type has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// The types of events.
pub mod kind {
    /// A cluster was created, or handed out from the warm pool. `data` is the cluster.
    pub const CLUSTER_CREATED: &str = "cluster.created";
    /// A public field of a cluster changed: `status`, `reason`, `host`, `expires_at` … `data` is
    /// the cluster, a deleted one too.
    pub const CLUSTER_CHANGED: &str = "cluster.changed";
    /// A cluster is deleted within 30, 10 or 1 minutes; `data.expires_at` says when.
    pub const CLUSTER_EXPIRING: &str = "cluster.expiring";
    /// A cluster is stopped within 5 minutes unless somebody uses it; `data.idle` says when and why.
    pub const CLUSTER_IDLING: &str = "cluster.idling";
    /// A task was opened. `data` is the task.
    pub const TASK_CREATED: &str = "task.created";
    /// A task's status or reason changed. `data` is the task.
    pub const TASK_CHANGED: &str = "task.changed";
    /// A step of a task began. `data` is the task.
    pub const TASK_STEP_BEGAN: &str = "task.step_began";
    /// A step of a task ended or failed. `data` is the task.
    pub const TASK_STEP_ENDED: &str = "task.step_ended";
    /// An organization, its members or its workspaces changed. Without `data`, because what one
    /// sees of them depends on the role.
    pub const ORGANIZATION_CHANGED: &str = "organization.changed";
    /// Shares of a cluster changed; `data` names it ([`super::Changed`]). For those who may list them, and
    /// those who gained or lost access.
    pub const SHARE_CHANGED: &str = "share.changed";
    /// A webhook changed, or an attempt to deliver was made; `data` names it ([`super::Changed`]).
    pub const WEBHOOK_CHANGED: &str = "webhook.changed";
    /// A host or the installation changed; `data` names the host ([`super::Changed`]). For administrators.
    pub const HOST_CHANGED: &str = "host.changed";
    /// What a user may see changed ([`super::AccessChanged`]). For the events-gateways; never shown.
    pub const ACCESS_CHANGED: &str = "access.changed";

    /// Every type of event.
    pub const ALL: [&str; 13] = [
        CLUSTER_CREATED,
        CLUSTER_CHANGED,
        CLUSTER_EXPIRING,
        CLUSTER_IDLING,
        TASK_CREATED,
        TASK_CHANGED,
        TASK_STEP_BEGAN,
        TASK_STEP_ENDED,
        ORGANIZATION_CHANGED,
        SHARE_CHANGED,
        WEBHOOK_CHANGED,
        HOST_CHANGED,
        ACCESS_CHANGED,
    ];

    /// Types that only say which list to read again. They aren't activity, and no webhook is sent them.
    pub const SIGNALS: [&str; 3] = [SHARE_CHANGED, WEBHOOK_CHANGED, HOST_CHANGED];
}

/// Who may see an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Audience {
    /// Members of the organization with at least this role, and everyone with a share of the event's cluster.
    Organization {
        /// The organization.
        organization_id: OrganizationId,
        /// The lowest role that sees it.
        least_role: Role,
    },
    /// One user.
    User {
        /// The user.
        user_id: UserId,
    },
    /// No person: the events-gateways act on it.
    Hub,
    /// An audience from a newer version than this reader: shown to nobody.
    #[serde(other)]
    Unknown,
}

/// Everything that one user may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Grants {
    /// The user's organizations.
    pub organizations: Vec<OrganizationGrant>,
    /// The clusters shared with the user.
    pub clusters: Vec<ClusterGrant>,
}

/// What a membership lets a user see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationGrant {
    /// The organization.
    pub organization_id: OrganizationId,
    /// The user's role in it.
    pub role: Role,
}

/// What a share lets a user see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterGrant {
    /// The shared cluster.
    pub cluster_id: ClusterId,
    /// When the share expires; null if only with the cluster.
    pub until: Option<Timestamp>,
}

/// `data` of `access.changed`. Every events-gateway applies it at its position in the log, before anything after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessChanged {
    /// The user whose access changed.
    pub user_id: UserId,
    /// The session that ended: its streams are closed. Absent if none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_ended: Option<SessionId>,
    /// Everything that the user may see from this position on; absent if that is unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
}

/// `data` of `share.changed`, `webhook.changed` and `host.changed`: what to read again. The IDs are here and not in
/// the event itself, so that neither subscribers of a cluster or workspace nor its webhooks get it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    /// The workspace whose webhooks changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    /// The cluster whose shares changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    /// The webhook that changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    /// The host that changed; absent if the installation did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostId>,
}

/// `data` of the SSE frame `event: reset`: events in between are missing. List again, and
/// continue from the frame's `id:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reset {
    /// Why the stream couldn't continue from its cursor.
    pub reason: ResetReason,
}

/// Why a stream can't continue from a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    /// The events after it are no longer kept.
    TooOld,
    /// The database went back in time since.
    OtherIncarnation,
    /// It isn't a cursor.
    Unreadable,
    /// A reason from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

/// `data` of the SSE frame `event: ready`, the first of every stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    /// The stream contains every event after this place.
    pub cursor: Cursor,
}
