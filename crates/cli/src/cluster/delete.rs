//! `labyard cluster delete`

use std::process::ExitCode;

use domain::ClusterStatus;

use super::follow;
use crate::{failure::Done, output, session::Session};

#[derive(clap::Args)]
pub(crate) struct Delete {
    /// The cluster's name or ID
    name: String,
    /// Do not wait until nothing is left
    #[arg(long)]
    no_wait: bool,
}

impl Delete {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let (accepted, at) = session
            .call(|client| async move { client.delete_cluster_at(cluster.id, None).await })
            .await?;
        let name = accepted.cluster.name.clone();
        if self.no_wait {
            output::complain(&format!("The cluster {name} is being deleted."));
            return Ok(ExitCode::SUCCESS);
        }
        let gone = |status| status == ClusterStatus::Deleted;
        follow::until(session, accepted.cluster, at, gone).await?;
        output::complain(&format!("The cluster {name} is deleted."));
        Ok(ExitCode::SUCCESS)
    }
}
