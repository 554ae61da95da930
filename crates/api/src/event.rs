//! Events: what happened, as every subscriber sees it, and who may see it.

use domain::{
    ClusterId, ClusterStatus, Cursor, EventId, HostId, OrganizationId, Role, SessionId, TaskId,
    UserId, WebhookId, WorkspaceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Something that happened. `type` is `<noun>.<verb in the past>`; an event with a `cluster_id`
/// carries that cluster's `status` and `version`, and clients ignore a version lower than theirs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    pub id: EventId,
    #[serde(rename = "type")]
    pub kind: String,
    pub time: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<TaskId>,
    /// The cluster's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ClusterStatus>,
    /// The cluster's, or the object's where there is no cluster.
    pub version: i64,
    /// The object that `type` names, as its GET returns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

/// The types of events there are.
pub mod kind {
    pub const CLUSTER_CREATED: &str = "cluster.created";
    /// `status`, `reason`, `host`, `expires_at` or another public field changed; `DELETED` included.
    pub const CLUSTER_CHANGED: &str = "cluster.changed";
    /// It will be deleted within 30, 10 or 1 minutes: `data.expires_at` says when.
    pub const CLUSTER_EXPIRING: &str = "cluster.expiring";
    /// It will be stopped within 5 minutes if nobody uses it: `data.idle` says when and why.
    pub const CLUSTER_IDLING: &str = "cluster.idling";
    pub const TASK_CREATED: &str = "task.created";
    pub const TASK_CHANGED: &str = "task.changed";
    pub const TASK_STEP_BEGAN: &str = "task.step_began";
    pub const TASK_STEP_ENDED: &str = "task.step_ended";
    /// The organization, its members or its workspaces: without `data`, since each sees it by their role.
    pub const ORGANIZATION_CHANGED: &str = "organization.changed";
    /// Shares of the cluster that `data` names ([`super::Changed`]): to whoever may list them, and to whom it befell.
    pub const SHARE_CHANGED: &str = "share.changed";
    /// A webhook, or what became of what it was sent: `data` names it ([`super::Changed`]).
    pub const WEBHOOK_CHANGED: &str = "webhook.changed";
    /// A host, or the installation: to its administrators.
    pub const HOST_CHANGED: &str = "host.changed";
    /// Never shown: [`super::AccessChanged`] for the hubs.
    pub const ACCESS_CHANGED: &str = "access.changed";

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

    /// These say that a list is to be read again, and nothing that anybody would look up later: no
    /// timeline shows them and no webhook is sent them.
    pub const SIGNALS: [&str; 3] = [SHARE_CHANGED, WEBHOOK_CHANGED, HOST_CHANGED];
}

/// Who may see an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Audience {
    /// Members of the organization with at least this role, and whoever shares the event's cluster.
    Organization {
        organization_id: OrganizationId,
        least_role: Role,
    },
    /// One person.
    User { user_id: UserId },
    /// No person: the hubs act on it.
    Hub,
    /// A kind of a later version: shown to nobody.
    #[serde(other)]
    Unknown,
}

/// What one person may see, complete in itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Grants {
    pub organizations: Vec<OrganizationGrant>,
    pub clusters: Vec<ClusterGrant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationGrant {
    pub organization_id: OrganizationId,
    pub role: Role,
}

/// A share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterGrant {
    pub cluster_id: ClusterId,
    pub until: Option<Timestamp>,
}

/// `data` of `access.changed`: applied by every hub at its position in the log, before anything after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AccessChanged {
    pub user_id: UserId,
    /// This session is over: its streams close.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_ended: Option<SessionId>,
    /// What the user may see from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
}

/// `data` of `share.changed`, `webhook.changed` and `host.changed`: what to read again. Named here alone,
/// so that no room of a cluster or a workspace, and no webhook of one, is told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Changed {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_id: Option<WorkspaceId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<ClusterId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<WebhookId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostId>,
}

/// `data` of the SSE frame `event: reset`: what came between is not to be had; list again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reset {
    pub reason: ResetReason,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResetReason {
    TooOld,
    OtherIncarnation,
    Unreadable,
    #[serde(other)]
    Unknown,
}

/// `data` of the SSE frame `event: ready`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ready {
    pub cursor: Cursor,
}
