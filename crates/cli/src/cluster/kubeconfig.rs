//! `labyard cluster kubeconfig`: on standard output and nothing else there, or merged into the person's own.

use std::process::ExitCode;

use anyhow::Context;

use super::merge;
use crate::{failure::Done, output, session::Session};

#[derive(clap::Args)]
pub(crate) struct Kubeconfig {
    /// The cluster's name or ID
    name: String,
    /// Merge it into your kubeconfig instead of printing it: into the file of KUBECONFIG, else ~/.kube/config
    #[arg(long)]
    merge: bool,
    /// Make it the current context too
    #[arg(long = "use", requires = "merge")]
    current: bool,
}

impl Kubeconfig {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = session.cluster(&self.name).await?;
        let text = session
            .call(|client| async move { client.kubeconfig(cluster.id).await })
            .await?;
        if !self.merge {
            output::pass_on(text.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
        let path = merge::own_file()?;
        let merged = merge::into(&path, &text, self.current)
            .with_context(|| format!("Can't merge the kubeconfig into {}", path.display()))?;
        let context = &merged.context;
        output::complain(&format!(
            "Merged into {} as the context {context}. It expires in an hour.",
            path.display()
        ));
        output::advise(&match merged.is_current {
            true => "Use it: kubectl get nodes".to_owned(),
            false => format!("Use it: kubectl --context {context} get nodes"),
        });
        Ok(ExitCode::SUCCESS)
    }
}
