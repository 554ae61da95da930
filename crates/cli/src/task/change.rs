//! `labyard task cancel` and `labyard task retry`

use domain::{TaskId, TaskStatus};

use super::status;
use crate::{failure::Done, session::Session, waiting::Waiting};

#[derive(clap::Args)]
pub(crate) struct Change {
    /// The task's ID
    id: TaskId,
    /// Only if the task has this status, like in_progress
    #[arg(long, value_parser = status::parse)]
    expect_status: Option<TaskStatus>,
    #[command(flatten)]
    waiting: Waiting,
}

impl Change {
    pub(super) async fn cancel(self, session: &mut Session) -> Done {
        let (id, expected) = (self.id, self.expect_status);
        let accepted = session
            .call(|client| async move { client.cancel_task(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }

    pub(super) async fn retry(self, session: &mut Session) -> Done {
        let (id, expected) = (self.id, self.expect_status);
        let accepted = session
            .call(|client| async move { client.retry_task(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }
}
