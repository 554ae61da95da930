//! `labyard cluster get`

use std::process::ExitCode;

use crate::{cluster_view, failure::Done, session::Session};

#[derive(clap::Args)]
pub(crate) struct Get {
    /// The cluster's name or ID
    name: String,
}

impl Get {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        cluster_view::show(session.format, &cluster)?;
        Ok(ExitCode::SUCCESS)
    }
}
