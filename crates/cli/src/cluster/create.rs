//! `labyard cluster create`

use std::process::ExitCode;

use api::cluster::CreateCluster;
use domain::ClusterStatus;

use super::{follow, show_one};
use crate::{failure::Done, output, session::Session};

#[derive(clap::Args)]
pub(crate) struct Create {
    /// 1 to 40 characters of a-z, 0-9 and -, starting with a letter
    #[arg(long)]
    name: String,
    /// How long it lives, 0.25 to 168 hours
    #[arg(long)]
    ttl_hours: Option<f64>,
    /// The Kubernetes version, like v1.34.4
    #[arg(long)]
    version: Option<String>,
    /// Do not wait until it runs
    #[arg(long)]
    no_wait: bool,
}

impl Create {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let wanted = CreateCluster {
            name: self.name,
            ttl_hours: self.ttl_hours,
            workspace_id: None,
            k8s_version: self.version,
            auto_stop_minutes: None,
        };
        let (accepted, at) = session
            .call(|client| {
                let wanted = wanted.clone();
                async move { client.create_cluster_at(&wanted).await }
            })
            .await?;
        if self.no_wait {
            show_one(session.format, &accepted.cluster)?;
            return Ok(ExitCode::SUCCESS);
        }
        let settled = |status| !matches!(status, ClusterStatus::Provisioning);
        let cluster = follow::until(session, accepted.cluster, at, settled).await?;
        show_one(session.format, &cluster)?;
        if cluster.status == ClusterStatus::Running {
            return Ok(ExitCode::SUCCESS);
        }
        output::complain(&format!(
            "The cluster {} is {}.",
            cluster.name,
            cluster.status.as_str()
        ));
        Ok(ExitCode::FAILURE)
    }
}
