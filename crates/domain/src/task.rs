//! A task: the record of one intent on a cluster and its progress.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    cluster::{ClusterStatus, Goal},
    word::read_by_word,
};

/// Operation that a task carries out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// Create the cluster and wait until it is ready.
    Create,
    /// Start a stopped cluster, or one whose node went down, and wait until it is ready.
    Start,
    /// Stop the cluster and keep everything in it.
    Stop,
    /// Remove everything of the cluster from its host.
    Delete,
    /// A kind from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

impl TaskKind {
    /// Every kind but `Unknown`.
    pub const ALL: [Self; 4] = [Self::Create, Self::Start, Self::Stop, Self::Delete];

    /// The word in JSON and in the database: `create`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Delete => "delete",
            Self::Unknown => "unknown",
        }
    }

    /// The inverse of [`Self::as_str`]; `Unknown` for any other word.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Unknown)
    }

    /// The cluster's goal while the task is open and after it.
    pub const fn goal(self) -> Option<Goal> {
        match self {
            Self::Create | Self::Start => Some(Goal::Running),
            Self::Stop => Some(Goal::Stopped),
            Self::Delete => Some(Goal::Deleted),
            Self::Unknown => None,
        }
    }

    /// The cluster's status while the task is open.
    pub const fn status_during(self) -> ClusterStatus {
        match self {
            Self::Create => ClusterStatus::Provisioning,
            Self::Start => ClusterStatus::Starting,
            Self::Stop => ClusterStatus::Stopping,
            Self::Delete => ClusterStatus::Deleting,
            Self::Unknown => ClusterStatus::Unknown,
        }
    }

    /// The cluster's status once the task has completed.
    pub const fn status_after(self) -> ClusterStatus {
        match self.goal() {
            Some(goal) => goal.reached(),
            None => ClusterStatus::Unknown,
        }
    }
}

read_by_word!(TaskKind, "kind of task");

/// Who can do something about a failed task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// The person who asked: a different request can succeed.
    User,
    /// An administrator: the cause is in the installation.
    Platform,
    /// A word from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

/// Progress of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Waiting for a worker.
    Pending,
    /// A worker has taken it up.
    InProgress,
    /// Its goal is reached.
    Completed,
    /// Given up; `reason` says why.
    Failed,
    /// Canceled by a person, or replaced by a newer request.
    Cancelled,
    /// A status from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

impl TaskStatus {
    /// Every status but `Unknown`.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

    /// The word in JSON and in the database: `in_progress`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }

    /// The inverse of [`Self::as_str`]; `Unknown` for any other word.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Unknown)
    }

    /// Whether the task has ended. Nothing changes a task after that.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

read_by_word!(TaskStatus, "status of a task");
