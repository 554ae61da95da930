//! Tasks as the API shows them.

use domain::{
    Blame, ClusterId, OrganizationId, Reason, Step, TaskId, TaskKind, TaskStatus, UserId, WorkerId,
    WorkspaceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    pub id: TaskId,
    pub organization_id: OrganizationId,
    pub workspace_id: WorkspaceId,
    pub cluster_id: ClusterId,
    pub cluster_name: String,
    pub kind: TaskKind,
    pub status: TaskStatus,
    /// 0 to 100: how many of the steps are done.
    pub percent: u8,
    pub steps: Vec<TaskStep>,
    /// Why it waits or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Who can do something about it, and whether a retry may help; there once it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Its place while it waits for a host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// The failed task that this one tries again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<TaskId>,
    /// How often a worker has taken it up.
    pub attempt: u32,
    /// Absent when labyard itself asked for it.
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    pub by: Blame,
    pub retryable: bool,
}

/// A place among the tasks that wait, in the order in which they are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Queue {
    /// 1 is next.
    pub position: u32,
    /// Seconds until it begins, by how long such tasks took lately; absent while nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_secs: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskStep {
    pub step: Step,
    /// Who did it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<WorkerId>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What was done, in words; only in the answer for one task, never in lists and events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}
