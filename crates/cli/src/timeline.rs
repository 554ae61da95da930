//! `labyard timeline`

use std::process::ExitCode;

use api::{
    cluster::Cluster,
    event::{Event, kind},
    task::Task,
};
use domain::{ClusterStatus, limits};

use crate::{
    failure::Done,
    follow::words,
    output::{self, Shown},
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Timeline {
    /// The cluster's name or ID; a deleted one too
    name: String,
    /// At most this many, 1 to 200
    #[arg(long, default_value_t = limits::PAGE_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=limits::PAGE_MAX))]
    limit: u64,
}

impl Timeline {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster_even_deleted(&self.name).await?;
        let (id, limit) = (cluster.id.to_string(), self.limit.to_string());
        let query = [("cluster_id", id.as_str()), ("limit", limit.as_str())];
        let events = session
            .call(|client| async move { client.timeline(&query).await })
            .await?
            .items;
        output::list(session.format, &events, "No activity is recorded.")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Shown for Event {
    const HEAD: &'static [&'static str] = &["time", "event", "status", "what"];
    const WIDE: &'static [&'static str] = &["id"];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.time.to_string(),
            self.kind.clone(),
            output::or_dash(self.status.map(ClusterStatus::as_str)),
            output::or_dash(what(self)),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.id.to_string()]
    }
}

/// A few words on the object as it then was.
fn what(event: &Event) -> Option<String> {
    let data = event.data.clone()?;
    if event.kind.starts_with("task.") {
        let task: Task = serde_json::from_value(data).ok()?;
        return Some(of_task(&task));
    }
    let cluster: Cluster = serde_json::from_value(data).ok()?;
    match event.kind.as_str() {
        kind::CLUSTER_EXPIRING => Some(format!("expires at {}", cluster.expires_at)),
        kind::CLUSTER_IDLING => {
            let idle = cluster.idle?;
            Some(format!("not used; labyard stops it at {}", idle.stops_at))
        }
        _ => cluster.reason.map(|reason| reason.message),
    }
}

fn of_task(task: &Task) -> String {
    let step = task.steps.last();
    let step = step.map(|step| format!(", {}", words(step.step)));
    let reason = task
        .reason
        .as_ref()
        .map(|reason| format!(": {}", reason.message));
    format!(
        "{} {}{}{}",
        task.kind.as_str(),
        task.status.as_str().replace('_', " "),
        step.unwrap_or_default(),
        reason.unwrap_or_default()
    )
}
