//! `labyard why`: in words, why a thing waits, failed, is refused, will end or cannot be reached.

mod answer;
mod cluster;
mod host;
mod silence;
mod task;

use std::process::ExitCode;

use answer::Answer;
use api::{client::Error, cluster::Cluster, task::Task};
use chrono::{DateTime, Utc};
use domain::{Code, HostId, TaskId};

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
                .try_for_each(|line| output::print(line))?;
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

#[cfg(test)]
mod tests;
