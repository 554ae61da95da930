//! What is answered: a thing as it is, and its points, each one why.

use chrono::{DateTime, Utc};
use domain::{ClusterStatus, Code, Reason};
use serde::Serialize;

use crate::output;

/// All that is to be said of one thing.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Answer {
    /// `cluster`, `task` or `host`
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) points: Vec<Point>,
}

/// One why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Point {
    pub(super) topic: Topic,
    pub(super) message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) fix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<Code>,
    /// The code's section of the documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) docs: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Topic {
    Well,
    Working,
    Waiting,
    Failed,
    Refused,
    Unreachable,
    Stopped,
    Ended,
    Idle,
    Expiring,
    LeftOver,
}

impl Topic {
    fn word(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Working => "working",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
            Self::Ended => "ended",
            Self::Idle => "idle",
            Self::Expiring => "expiring",
            Self::LeftOver => "leftover",
        }
    }
}

impl Point {
    pub(super) fn new(topic: Topic, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            topic,
            message: message.into(),
            fix: fix.into(),
            code: None,
            docs: None,
        }
    }

    pub(super) fn of(topic: Topic, reason: &Reason) -> Self {
        Self {
            code: Some(reason.code),
            ..Self::new(topic, &reason.message, &reason.fix)
        }
    }
}

impl Answer {
    pub(super) fn text(&self) -> Vec<String> {
        let mut lines = vec![format!("{} {} is {}.", self.kind, self.name, self.status)];
        for point in &self.points {
            lines.push(format!("  {}: {}", point.topic.word(), point.message));
            if !point.fix.is_empty() {
                lines.push(format!("    {}", point.fix));
            }
            if let Some(docs) = &point.docs {
                lines.push(format!("    {docs}"));
            }
        }
        lines
    }
}

/// `in 3h 20m`, or that it is due.
pub(super) fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (at - now).num_seconds() {
        left @ 1.. => format!("in {}", output::span(left)),
        _ => "now".to_owned(),
    }
}

/// What a cluster's reason is about depends on where the cluster is.
pub(super) fn topic_of(status: ClusterStatus) -> Topic {
    match status {
        ClusterStatus::Running => Topic::Well,
        ClusterStatus::Stopped => Topic::Stopped,
        ClusterStatus::Deleted => Topic::Ended,
        ClusterStatus::Error => Topic::Failed,
        _ => Topic::Waiting,
    }
}
