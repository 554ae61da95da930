//! `labyard task …`

use std::process::ExitCode;

use api::task::Task;
use clap::Subcommand;
use domain::TaskId;

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the newest tasks
    List,
    /// Show one task with its steps
    Get {
        /// The task's ID
        id: TaskId,
    },
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List => {
                let tasks = session
                    .call(|client| async move { client.tasks(&[]).await })
                    .await?
                    .items;
                match session.format {
                    Format::Json => output::json(&tasks)?,
                    Format::Table => show(&tasks)?,
                }
            }
            Self::Get { id } => {
                let task = session
                    .call(|client| async move { client.task(id).await })
                    .await?;
                match session.format {
                    Format::Json => output::json(&task)?,
                    Format::Table => show(&[task])?,
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(tasks: &[Task]) -> Result<(), Failure> {
    output::say(&output::table(
        &["kind", "cluster", "status", "done", "step", "id"],
        tasks.iter().map(row).collect(),
    ))
}

fn row(task: &Task) -> Vec<String> {
    let step = task.steps.last().map_or("-", |step| step.step.as_str());
    vec![
        task.kind.as_str().to_owned(),
        task.cluster_name.clone(),
        task.status.as_str().to_owned(),
        format!("{} %", task.percent),
        step.to_owned(),
        task.id.to_string(),
    ]
}
