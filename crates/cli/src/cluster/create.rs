//! `labyard cluster create`

use std::time::Duration;

use api::cluster::CreateCluster;

use crate::{
    failure::Done,
    names::Label,
    session::Session,
    span::{self, AutoStop},
    waiting::Waiting,
};

#[derive(clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    name: Label,
    /// How long it lives, 15m to 7d, like 2h; 4h by default
    #[arg(long, value_parser = span::ttl)]
    ttl: Option<Duration>,
    /// The same in hours, 0.25 to 168
    #[arg(long, conflicts_with = "ttl", hide = true)]
    ttl_hours: Option<f64>,
    /// The Kubernetes version, like v1.34.4
    #[arg(long)]
    version: Option<String>,
    /// Stop it when it isn't used for this long, 5m to 24h, or never
    #[arg(long, value_parser = AutoStop::parse)]
    auto_stop: Option<AutoStop>,
    /// The workspace's name or ID; by default your own
    #[arg(long)]
    workspace: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
}

impl Create {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let workspace_id = match &self.workspace {
            Some(name) => Some(session.workspace(name, None).await?.id),
            None => None,
        };
        let wanted = CreateCluster {
            workspace_id,
            ttl_hours: self.ttl.map(span::hours).or(self.ttl_hours),
            k8s_version: self.version,
            auto_stop_minutes: self.auto_stop.and_then(|stop| stop.0),
            ..CreateCluster::named(self.name.into_string())
        };
        let accepted = session
            .call(|client| {
                let wanted = wanted.clone();
                async move { client.create_cluster_at(&wanted).await }
            })
            .await?;
        self.waiting.finish(session, accepted).await
    }
}
