//! `labyard cluster extend`

use std::{process::ExitCode, time::Duration};

use api::cluster;
use clap::ArgGroup;

use crate::{cluster_view, failure::Done, session::Session, span};

#[derive(clap::Args)]
#[command(group = ArgGroup::new("longer").required(true).args(["by", "hours"]))]
pub(crate) struct Extend {
    /// The cluster's name or ID
    name: String,
    /// The time to add, like 2h, 90m or 1.5h
    #[arg(value_parser = span::parse)]
    by: Option<Duration>,
    /// The same in hours, decimals allowed
    #[arg(long, hide = true)]
    hours: Option<f64>,
}

impl Extend {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let hours = self.by.map(span::hours).or(self.hours).unwrap_or_default();
        let extended = session
            .call(|client| async move {
                client
                    .extend_cluster(cluster.id, &cluster::Extend { hours })
                    .await
            })
            .await?;
        cluster_view::show(session.format, &extended)?;
        Ok(ExitCode::SUCCESS)
    }
}
