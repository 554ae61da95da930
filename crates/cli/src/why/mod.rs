//! `labyard why`: in words, why a thing waits, failed, is refused, will end or cannot be reached.

mod cluster;
mod host;
mod task;

use std::process::ExitCode;

use api::{client::Error, cluster::Cluster, task::Task};
use chrono::{DateTime, Utc};
use domain::{ClusterStatus, Code, HostId, Reason, TaskId, limits};
use serde::Serialize;

use crate::{
    failure::{Done, Failure},
    host::all as all_hosts,
    output,
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Why {
    /// The name or ID of a cluster, or the ID of a task or a host
    what: String,
}

/// All that is to be said of one thing.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Answer {
    /// `cluster`, `task` or `host`
    kind: &'static str,
    id: String,
    name: String,
    status: String,
    points: Vec<Point>,
}

/// One why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Point {
    topic: Topic,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    fix: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    /// The code's section of the documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Topic {
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
    fn new(topic: Topic, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            topic,
            message: message.into(),
            fix: fix.into(),
            code: None,
            docs: None,
        }
    }

    fn of(topic: Topic, reason: &Reason) -> Self {
        Self {
            code: Some(reason.code),
            ..Self::new(topic, &reason.message, &reason.fix)
        }
    }
}

impl Why {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let mut answer = self.answer(session, Utc::now()).await?;
        let server = session.client()?.base().to_owned();
        for point in &mut answer.points {
            let code = point.code.filter(|code| *code != Code::Unknown);
            point.docs = code.map(|code| format!("{server}/docs/errors#{}", code.as_str()));
        }
        if !output::data(session.format, &answer)? {
            answer
                .text()
                .iter()
                .try_for_each(|line| output::say(line))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn answer(&self, session: &mut Session, now: DateTime<Utc>) -> Result<Answer, Failure> {
        if let Ok(id) = self.what.parse::<TaskId>() {
            let task = session
                .call(|client| async move { client.task(id).await })
                .await?;
            let cluster = session.cluster(&task.cluster_id.to_string()).await?;
            return Ok(task::answer(&task, &cluster, now));
        }
        let missing = match session.cluster_even_deleted(&self.what).await {
            Ok(cluster) => {
                let task = newest_task(session, &cluster).await?;
                return Ok(cluster::answer(&cluster, task.as_ref(), now));
            }
            Err(failure @ Failure::NoSuch { .. }) => failure,
            Err(failure) => return Err(failure),
        };
        match self.what.parse::<HostId>() {
            Ok(id) => host_answer(session, &id, missing).await,
            Err(_) => Err(missing),
        }
    }
}

/// The open task, or the one that brought the cluster where it is.
async fn newest_task(session: &mut Session, cluster: &Cluster) -> Result<Option<Task>, Failure> {
    let id = cluster.id.to_string();
    let query = [("cluster_id", id.as_str()), ("limit", "1")];
    let page = session
        .call(|client| async move { client.tasks(&query).await })
        .await?;
    Ok(page.items.into_iter().next())
}

/// Hosts are for administrators: to anybody else such a name is that of no cluster.
async fn host_answer(
    session: &mut Session,
    id: &HostId,
    missing: Failure,
) -> Result<Answer, Failure> {
    let hosts = match all_hosts(session).await {
        Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::Forbidden => {
            return Err(missing);
        }
        hosts => hosts?,
    };
    let Some(host) = hosts.into_iter().find(|host| host.id == *id) else {
        return Err(missing);
    };
    let installation = session
        .call(|client| async move { client.installation().await })
        .await?;
    Ok(host::answer(&host, &installation))
}

impl Answer {
    fn text(&self) -> Vec<String> {
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
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    match (at - now).num_seconds() {
        left @ 1.. => format!("in {}", output::span(left)),
        _ => "now".to_owned(),
    }
}

/// What a cluster's reason is about depends on where the cluster is.
fn topic_of(status: ClusterStatus) -> Topic {
    match status {
        ClusterStatus::Running => Topic::Well,
        ClusterStatus::Stopped => Topic::Stopped,
        ClusterStatus::Deleted => Topic::Ended,
        ClusterStatus::Error => Topic::Failed,
        _ => Topic::Waiting,
    }
}

fn silence() -> String {
    format!("hasn't reported for {} s", limits::HOST_SILENT_SECS)
}

#[cfg(test)]
mod tests;
