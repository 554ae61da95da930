//! `labyard timeline`

use std::process::ExitCode;

use api::{
    cluster::Cluster,
    event::{Event, kind},
    task::Task,
};
use domain::limits;

use crate::{
    failure::Done,
    output::{self, Format},
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Timeline {
    /// The cluster's name or ID; a deleted one too
    name: String,
    /// At most so many, 1 to 200
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
        match session.format {
            Format::Json => output::json(&events)?,
            Format::Table if events.is_empty() => output::complain("Nothing is known any more."),
            Format::Table => output::say(&output::table(
                &["time", "event", "status", "what"],
                events.iter().map(row).collect(),
            ))?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(event: &Event) -> Vec<String> {
    vec![
        event.time.to_string(),
        event.kind.clone(),
        event.status.map_or("-", |status| status.as_str()).into(),
        what(event).unwrap_or_else(|| "-".into()),
    ]
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
        kind::CLUSTER_EXPIRING => Some(format!("it is deleted at {}", cluster.expires_at)),
        kind::CLUSTER_IDLING => {
            let idle = cluster.idle?;
            Some(format!(
                "nobody uses it, it is stopped at {}",
                idle.stops_at
            ))
        }
        _ => cluster.reason.map(|reason| reason.message),
    }
}

fn of_task(task: &Task) -> String {
    let step = task.steps.last();
    let step = step.map(|step| format!(" {}", step.step.as_str()));
    let reason = task
        .reason
        .as_ref()
        .map(|reason| format!(": {}", reason.message));
    format!(
        "{}{} {}{}",
        task.kind.as_str(),
        step.unwrap_or_default(),
        task.status.as_str(),
        reason.unwrap_or_default()
    )
}
