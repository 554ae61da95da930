//! Tasks as the API shows them.

use domain::{
    Blame, ClusterId, OrganizationId, Reason, Step, TaskId, TaskKind, TaskStatus, UserId, WorkerId,
    WorkspaceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// One operation on a cluster and its progress.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Task {
    /// `task_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: TaskId,
    /// The organization that the cluster belongs to.
    pub organization_id: OrganizationId,
    /// The workspace that the cluster belongs to.
    pub workspace_id: WorkspaceId,
    /// The cluster that it works on.
    pub cluster_id: ClusterId,
    /// Name of that cluster.
    pub cluster_name: String,
    /// What it does.
    pub kind: TaskKind,
    /// How far it is.
    pub status: TaskStatus,
    /// Share of its steps that are done, 0 to 100; 100 only once it has completed.
    pub percent: u8,
    /// The steps that have begun, in order.
    pub steps: Vec<TaskStep>,
    /// Why it waits, has failed or was canceled; absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Who can do something about the failure, and whether a retry may help; present if it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// Its place in the queue, while it waits for a host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// The failed task that this one tries again; absent if it is no retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_of: Option<TaskId>,
    /// How many times a worker has taken it up; 0 before the first.
    pub attempt: u32,
    /// The user who asked for it; null if labyard did.
    pub created_by: Option<UserId>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first took it up; null before.
    pub started_at: Option<Timestamp>,
    /// When it completed, failed or was canceled; null before.
    pub ended_at: Option<Timestamp>,
    /// Grows with every change. Of two states of one task, the one with the higher version is newer.
    pub version: i64,
}

/// What can be done about a failed task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Who can do something about it.
    pub by: Blame,
    /// Whether `POST /api/v1/tasks/{id}/retry` may help.
    pub retryable: bool,
}

/// A place among the waiting tasks, in the order in which they are handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Queue {
    /// 1 is next.
    pub position: u32,
    /// Estimated seconds until it starts, from recent tasks; absent if there is nothing to go by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_secs: Option<u32>,
}

/// One step of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TaskStep {
    /// What the step does.
    pub step: Step,
    /// The worker that did it last; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<WorkerId>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or failed; null before.
    pub ended_at: Option<Timestamp>,
    /// Why it failed; absent if it didn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What was done, a line each, at most 100 lines. Only in the answer for one task, never in lists and events.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log: Vec<String>,
}
