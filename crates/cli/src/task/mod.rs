//! `labyard task …`

mod list;
mod steps;
mod watch;

use std::process::ExitCode;

use api::task::Task;
use clap::Subcommand;
use domain::{TaskId, TaskStatus};

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
    waiting::Waiting,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the newest tasks
    List(list::List),
    /// Show one task with its steps and what they said
    Get {
        /// The task's ID
        id: TaskId,
    },
    /// Follow one task to its end; exits 0 when it is completed, 1 failed, 7 cancelled
    Watch(watch::Watch),
    /// Cancel a create (deletes) or a start (stops) and wait for that
    Cancel(Change),
    /// Try a failed task again, from the step that failed, and wait for it
    Retry(Change),
}

#[derive(clap::Args)]
pub(crate) struct Change {
    /// The task's ID
    id: TaskId,
    /// Only if the task has this status, like in_progress
    #[arg(long, value_parser = status)]
    expect_status: Option<TaskStatus>,
    #[command(flatten)]
    waiting: Waiting,
}

fn status(word: &str) -> Result<TaskStatus, String> {
    match TaskStatus::from_word(word) {
        TaskStatus::Unknown => Err(format!("one of {}", words(&TaskStatus::ALL))),
        status => Ok(status),
    }
}

fn words(all: &[TaskStatus]) -> String {
    let words: Vec<&str> = all.iter().map(|status| status.as_str()).collect();
    words.join(", ")
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List(verb) => verb.run(session).await,
            Self::Get { id } => get(session, id).await,
            Self::Watch(verb) => verb.run(session).await,
            Self::Cancel(verb) => verb.cancel(session).await,
            Self::Retry(verb) => verb.retry(session).await,
        }
    }
}

impl Change {
    async fn cancel(self, session: &mut Session) -> Done {
        let (id, expected) = (self.id, self.expect_status);
        let accepted = session
            .call(|client| async move { client.cancel_task(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }

    async fn retry(self, session: &mut Session) -> Done {
        let (id, expected) = (self.id, self.expect_status);
        let accepted = session
            .call(|client| async move { client.retry_task(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }
}

async fn get(session: &mut Session, id: TaskId) -> Done {
    let task = session
        .call(|client| async move { client.task(id).await })
        .await?;
    match session.format {
        Format::Json => output::json(&task)?,
        Format::Table => {
            show(std::slice::from_ref(&task))?;
            steps::show(&task)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn show(tasks: &[Task]) -> Result<(), Failure> {
    output::say(&output::table(
        &["kind", "cluster", "status", "done", "step", "id"],
        tasks.iter().map(row).collect(),
    ))
}

fn row(task: &Task) -> Vec<String> {
    let step = match (task.queue, task.steps.last()) {
        (Some(queue), _) => format!("number {} in the queue", queue.position),
        (None, Some(step)) => step.step.as_str().to_owned(),
        (None, None) => "-".to_owned(),
    };
    vec![
        task.kind.as_str().to_owned(),
        task.cluster_name.clone(),
        task.status.as_str().to_owned(),
        format!("{} %", task.percent),
        step,
        task.id.to_string(),
    ]
}
