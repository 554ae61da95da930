//! `labyard cluster …`

mod access;
mod auto_stop;
mod create;
mod delete;
mod exec;
mod extend;
mod get;
mod get_kubeconfig;
mod list;
mod power;

use api::cluster::Cluster;
use chrono::Utc;
use clap::Subcommand;
use domain::{ClusterHealth, ClusterStatus};

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Create a cluster and wait until it runs
    Create(create::Create),
    /// List the clusters
    List,
    /// Show one cluster
    Get(get::Get),
    /// Delete a cluster and wait until nothing is left
    Delete(delete::Delete),
    /// Start a stopped cluster and wait until it runs
    Start(power::Power),
    /// Stop a cluster, keep everything in it, and wait until it is stopped
    Stop(power::Power),
    /// Let a cluster live longer
    Extend(extend::Extend),
    /// Have a cluster stopped when nobody uses it
    AutoStop(auto_stop::AutoStop),
    /// Run a command in the cluster's control-plane container
    Exec(exec::Exec),
    /// Say who may do what with a cluster, and why
    Access(access::Access),
    /// Print a kubeconfig for your own kubectl
    GetKubeconfig(get_kubeconfig::GetKubeconfig),
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::Create(verb) => verb.run(session).await,
            Self::List => list::run(session).await,
            Self::Get(verb) => verb.run(session).await,
            Self::Delete(verb) => verb.run(session).await,
            Self::Start(verb) => verb.start(session).await,
            Self::Stop(verb) => verb.stop(session).await,
            Self::Extend(verb) => verb.run(session).await,
            Self::AutoStop(verb) => verb.run(session).await,
            Self::Exec(verb) => verb.run(session).await,
            Self::Access(verb) => verb.run(session).await,
            Self::GetKubeconfig(verb) => verb.run(session).await,
        }
    }
}

/// Writes clusters as a table.
fn show(clusters: &[Cluster]) -> Result<(), Failure> {
    let now = Utc::now();
    let rows = clusters
        .iter()
        .map(|cluster| {
            vec![
                cluster.name.clone(),
                status(cluster),
                cluster.k8s_version.clone(),
                output::span((now - cluster.created_at.datetime()).num_seconds()),
                output::span((cluster.expires_at.datetime() - now).num_seconds()),
                cluster.id.to_string(),
            ]
        })
        .collect();
    output::say(&output::table(
        &["name", "status", "version", "age", "expires in", "id"],
        rows,
    ))
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
    match format {
        Format::Json => output::json(cluster)?,
        Format::Table => show(std::slice::from_ref(cluster))?,
    }
    if let Some(reason) = cluster.reason.as_ref().filter(|_| format == Format::Table) {
        output::complain(&format!("{} {}", reason.message, reason.fix));
    }
    Ok(())
}
