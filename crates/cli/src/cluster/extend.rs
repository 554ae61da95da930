//! `labyard cluster extend`

use std::process::ExitCode;

use api::cluster;

use super::show_one;
use crate::{failure::Done, session::Session};

#[derive(clap::Args)]
pub(crate) struct Extend {
    /// The cluster's name or ID
    name: String,
    /// Hours to add, decimals allowed
    #[arg(long)]
    hours: f64,
}

impl Extend {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let hours = self.hours;
        let extended = session
            .call(|client| async move {
                client
                    .extend_cluster(cluster.id, &cluster::Extend { hours })
                    .await
            })
            .await?;
        show_one(session.format, &extended)?;
        Ok(ExitCode::SUCCESS)
    }
}
