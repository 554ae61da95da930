//! `labyard cluster start` and `labyard cluster stop`

use crate::{failure::Done, session::Session, waiting::Waiting};

#[derive(clap::Args)]
pub(crate) struct Power {
    /// The cluster's name or ID
    name: String,
    /// Only from this status, like RUNNING
    #[arg(long)]
    expect_status: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
}

impl Power {
    pub(crate) async fn start(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.name).await?.id;
        let expected = self.expect_status.as_deref();
        let accepted = session
            .call(|client| async move { client.start_cluster_at(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }

    pub(crate) async fn stop(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.name).await?.id;
        let expected = self.expect_status.as_deref();
        let accepted = session
            .call(|client| async move { client.stop_cluster_at(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }
}
