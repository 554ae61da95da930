//! A task: the record of one intent on a cluster and its progress.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    cluster::{ClusterStatus, Goal},
    word::read_by_word,
};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    Create,
    Start,
    Stop,
    Delete,
    #[serde(other)]
    Unknown,
}

impl TaskKind {
    pub const ALL: [Self; 4] = [Self::Create, Self::Start, Self::Stop, Self::Delete];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Delete => "delete",
            Self::Unknown => "unknown",
        }
    }

    /// The inverse of [`Self::as_str`] for readers that show what they do not know; what decides uses `FromStr`.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Unknown)
    }

    /// What the cluster shall be when the task is done; `None` of a kind that this version does not know.
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

    /// The cluster's status once the task is completed.
    pub const fn status_after(self) -> ClusterStatus {
        match self.goal() {
            Some(goal) => goal.reached(),
            None => ClusterStatus::Unknown,
        }
    }
}

read_by_word!(TaskKind, "kind of task");

/// Who can do something about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Blame {
    /// Whoever asked: another request would have worked.
    User,
    /// Whoever runs this labyard.
    Platform,
    #[serde(other)]
    Unknown,
}

/// How far a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    Pending,
    InProgress,
    Completed,
    Failed,
    Cancelled,
    #[serde(other)]
    Unknown,
}

impl TaskStatus {
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::InProgress,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
    ];

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

    /// The inverse of [`Self::as_str`] for readers that show what they do not know; what decides uses `FromStr`.
    pub fn from_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Unknown)
    }

    /// Nothing moves a task that has ended.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

read_by_word!(TaskStatus, "status of a task");
