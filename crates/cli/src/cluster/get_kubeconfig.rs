//! `labyard cluster get-kubeconfig`: the kubeconfig on standard output, and nothing else.

use std::process::ExitCode;

use crate::{failure::Done, output, session::Session};

#[derive(clap::Args)]
pub(crate) struct GetKubeconfig {
    /// The cluster's name or ID
    name: String,
}

impl GetKubeconfig {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let text = session
            .call(|client| async move { client.kubeconfig(cluster.id).await })
            .await?;
        output::pass_on(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}
