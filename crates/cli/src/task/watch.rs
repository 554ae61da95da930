//! `labyard task watch`

use std::{process::ExitCode, time::Duration};

use domain::{TaskId, TaskStatus};

use crate::{
    failure::{CANCELLED, Done},
    follow, output,
    session::Session,
    span,
};

#[derive(clap::Args)]
pub(crate) struct Watch {
    /// The task's ID
    id: TaskId,
    /// Stop watching after this long, like 10m; the work continues
    #[arg(long, value_parser = span::parse, default_value = "60m")]
    timeout: Duration,
}

impl Watch {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let id = self.id;
        let task = session
            .call(|client| async move { client.task(id).await })
            .await?;
        let mut progress = output::Progress::for_everyone();
        if !task.status.ended() {
            progress.show(follow::describe(&task));
        }
        // No place in the log comes with one task: it is read once more when connected.
        let wanted = follow::OneTask::of(&task);
        let task = follow::until(session, wanted, task, None, self.timeout, progress).await?;
        output::one(session.format, &task)?;
        if let Some(reason) = task
            .reason
            .as_ref()
            .filter(|_| session.format.is_for_people())
        {
            output::complain(&reason.message);
            output::advise(&reason.fix);
        }
        Ok(match task.status {
            TaskStatus::Completed => ExitCode::SUCCESS,
            TaskStatus::Cancelled => ExitCode::from(CANCELLED),
            _ => ExitCode::FAILURE,
        })
    }
}
