//! `labyard cluster …`

mod access;
mod auto_stop;
mod create;
mod delete;
mod exec;
mod extend;
mod get;
mod kubeconfig;
mod list;
mod merge;
mod power;

use api::cluster::Cluster;
use chrono::Utc;
use clap::Subcommand;
use domain::{ClusterHealth, ClusterStatus};

use crate::{
    failure::{Done, Failure},
    output::{self, Format, Shown},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Create a cluster and wait until it runs
    Create(create::Create),
    /// List clusters
    #[command(visible_alias = "ls")]
    List(list::List),
    /// Show a cluster
    #[command(visible_alias = "show")]
    Get(get::Get),
    /// Delete a cluster and everything in it
    #[command(visible_alias = "rm")]
    Delete(delete::Delete),
    /// Start a stopped cluster and wait until it runs
    Start(power::Power),
    /// Stop a cluster, keep everything in it, and wait until it is stopped
    Stop(power::Power),
    /// Extend a cluster's life
    Extend(extend::Extend),
    /// Stop a cluster when it isn't used
    AutoStop(auto_stop::AutoStop),
    /// Run a command in a cluster's control plane
    Exec(exec::Exec),
    /// Show who has access to a cluster, and why
    Access(access::Access),
    /// Print a kubeconfig, or merge it into yours
    #[command(visible_alias = "get-kubeconfig")]
    Kubeconfig(kubeconfig::Kubeconfig),
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::Create(verb) => verb.run(session).await,
            Self::List(verb) => verb.run(session).await,
            Self::Get(verb) => verb.run(session).await,
            Self::Delete(verb) => verb.run(session).await,
            Self::Start(verb) => verb.start(session).await,
            Self::Stop(verb) => verb.stop(session).await,
            Self::Extend(verb) => verb.run(session).await,
            Self::AutoStop(verb) => verb.run(session).await,
            Self::Exec(verb) => verb.run(session).await,
            Self::Access(verb) => verb.run(session).await,
            Self::Kubeconfig(verb) => verb.run(session).await,
        }
    }
}

impl Shown for Cluster {
    const HEAD: &'static [&'static str] = &["name", "status", "version", "age", "expires in"];
    const WIDE: &'static [&'static str] = &["id", "workspace", "host"];

    fn name(&self) -> String {
        self.name.clone()
    }

    fn row(&self) -> Vec<String> {
        let now = Utc::now();
        let age = now - self.created_at.datetime();
        let left = self.expires_at.datetime() - now;
        vec![
            self.name.clone(),
            status(self),
            self.k8s_version.clone(),
            output::span(age.num_seconds()),
            output::span(left.num_seconds()),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.workspace_id.to_string(),
            output::or_dash(self.host.as_ref()),
        ]
    }
}

/// That it cannot be reached matters more than that it runs.
fn status(cluster: &Cluster) -> String {
    match cluster.health {
        ClusterHealth::Unreachable if cluster.status != ClusterStatus::Deleted => format!(
            "{} ({})",
            cluster.status.as_str(),
            cluster.health.as_str().to_lowercase()
        ),
        _ => cluster.status.as_str().to_owned(),
    }
}

/// One cluster, as the caller wants it.
pub(crate) fn show_one(format: Format, cluster: &Cluster) -> Result<(), Failure> {
    output::one(format, cluster)?;
    if let Some(reason) = cluster.reason.as_ref().filter(|_| format.is_for_people()) {
        output::complain(&reason.message);
        output::advise(&reason.fix);
    }
    Ok(())
}
