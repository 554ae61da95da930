//! `labyard task …`

mod change;
mod list;
mod status;
mod steps;
mod watch;

use std::process::ExitCode;

use api::task::Task;
use clap::Subcommand;
use domain::TaskId;

use crate::{
    failure::Done,
    follow::words as step_words,
    output::{self, Shown},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the newest tasks
    #[command(visible_alias = "ls")]
    List(list::List),
    /// Show a task with its steps and their logs
    #[command(visible_alias = "show")]
    Get {
        /// The task's ID
        id: TaskId,
    },
    /// Watch a task until it ends; exits 0 when it completed, 1 when it failed, 7 when it was canceled
    Watch(watch::Watch),
    /// Cancel a create (which deletes) or a start (which stops), and wait
    Cancel(change::Change),
    /// Retry a failed task from the step that failed, and wait
    Retry(change::Change),
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

async fn get(session: &mut Session, id: TaskId) -> Done {
    let task = session
        .call(|client| async move { client.task(id).await })
        .await?;
    output::one(session.format, &task)?;
    if session.format.is_for_people() {
        steps::show(&task)?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Shown for Task {
    const HEAD: &'static [&'static str] = &["kind", "cluster", "status", "done", "step", "id"];
    const WIDE: &'static [&'static str] = &["cluster id", "created"];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        let step = match (self.queue, self.steps.last()) {
            (Some(queue), _) => format!("number {} in the queue", queue.position),
            (None, Some(step)) => step_words(step.step).to_owned(),
            (None, None) => "-".to_owned(),
        };
        vec![
            self.kind.as_str().to_owned(),
            self.cluster_name.clone(),
            self.status.as_str().to_owned(),
            format!("{}%", self.percent),
            step,
            self.id.to_string(),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.cluster_id.to_string(), self.created_at.to_string()]
    }
}
