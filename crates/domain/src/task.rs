//! A task: the record of one intent on a cluster and its progress.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ClusterStatus, Goal};

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

    pub fn from_word(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .unwrap_or(Self::Unknown)
    }

    /// What the cluster shall be when the task is done.
    pub const fn goal(self) -> Goal {
        match self {
            Self::Create | Self::Start | Self::Unknown => Goal::Running,
            Self::Stop => Goal::Stopped,
            Self::Delete => Goal::Deleted,
        }
    }

    /// The cluster's status while the task is open.
    pub const fn status_during(self) -> ClusterStatus {
        match self {
            Self::Create | Self::Unknown => ClusterStatus::Provisioning,
            Self::Start => ClusterStatus::Starting,
            Self::Stop => ClusterStatus::Stopping,
            Self::Delete => ClusterStatus::Deleting,
        }
    }

    /// The cluster's status once the task is completed.
    pub const fn status_after(self) -> ClusterStatus {
        match self.goal() {
            Goal::Running => ClusterStatus::Running,
            Goal::Stopped => ClusterStatus::Stopped,
            Goal::Deleted => ClusterStatus::Deleted,
        }
    }
}

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

    pub fn from_word(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .unwrap_or(Self::Unknown)
    }

    /// Nothing moves a task that has ended.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}
