//! `labyard cluster start` and `labyard cluster stop`

use domain::ClusterStatus;

use super::list::status;
use crate::{failure::Done, session::Session, waiting::Waiting};

#[derive(clap::Args)]
pub(crate) struct Power {
    /// The cluster's name or ID
    name: String,
    /// Only if it has this status, like RUNNING
    #[arg(long, value_parser = status)]
    expect_status: Option<ClusterStatus>,
    #[command(flatten)]
    waiting: Waiting,
}

impl Power {
    pub(crate) async fn start(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.name).await?.id;
        let expected = self.expect_status.map(ClusterStatus::as_str);
        let accepted = session
            .call(|client| async move { client.start_cluster_at(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }

    pub(crate) async fn stop(self, session: &mut Session) -> Done {
        let id = session.cluster(&self.name).await?.id;
        let expected = self.expect_status.map(ClusterStatus::as_str);
        let accepted = session
            .call(|client| async move { client.stop_cluster_at(id, expected).await })
            .await?;
        self.waiting.finish(session, accepted).await
    }
}
