//! `labyard cluster delete`

use std::process::ExitCode;

use domain::ClusterStatus;

use super::list::status;
use crate::{confirm::Sure, failure::Done, follow, output, session::Session, waiting::Waiting};

#[derive(clap::Args)]
pub(crate) struct Delete {
    /// The cluster's name or ID
    name: String,
    /// Only if it has this status, like RUNNING
    #[arg(long, value_parser = status)]
    expect_status: Option<ClusterStatus>,
    #[command(flatten)]
    sure: Sure,
    #[command(flatten)]
    waiting: Waiting,
}

impl Delete {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let expected = self.expect_status.map(ClusterStatus::as_str);
        let question = format!("Delete the cluster {} and everything in it?", cluster.name);
        self.sure.ask(&question)?;
        let (accepted, at) = session
            .call(|client| async move { client.delete_cluster_at(cluster.id, expected).await })
            .await?;
        let name = accepted.cluster.name.clone();
        if self.waiting.no_wait {
            output::complain(&format!("Deleting the cluster {name}."));
            return Ok(ExitCode::SUCCESS);
        }
        let gone = |status| status == ClusterStatus::Deleted;
        let wanted = follow::Cluster::of(&accepted.cluster, gone);
        let progress = output::Progress::for_eyes();
        let within = self.waiting.timeout;
        follow::until(session, wanted, accepted.cluster, at, within, progress).await?;
        output::complain(&format!("Cluster {name} deleted."));
        Ok(ExitCode::SUCCESS)
    }
}
