//! Tasks as the API shows them.

use domain::{
    ClusterId, OrganizationId, Reason, Step, TaskId, TaskKind, TaskStatus, UserId, WorkspaceId,
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
    /// How often a worker has taken it up.
    pub attempt: u32,
    /// Absent when labyard itself asked for it.
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskStep {
    pub step: Step,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
