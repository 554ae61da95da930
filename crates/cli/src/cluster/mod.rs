//! `labyard cluster …`

mod create;
mod delete;
mod exec;
mod extend;
mod follow;
mod get;
mod get_kubeconfig;
mod list;

use api::cluster::Cluster;
use chrono::Utc;
use clap::Subcommand;

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
    /// Let a cluster live longer
    Extend(extend::Extend),
    /// Run a command in the cluster's control-plane container
    Exec(exec::Exec),
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
            Self::Extend(verb) => verb.run(session).await,
            Self::Exec(verb) => verb.run(session).await,
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
                cluster.status.as_str().to_owned(),
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

/// One cluster, as the caller wants it.
fn show_one(format: Format, cluster: &Cluster) -> Result<(), Failure> {
    match format {
        Format::Json => output::json(cluster)?,
        Format::Table => show(std::slice::from_ref(cluster))?,
    }
    if let Some(reason) = cluster.reason.as_ref().filter(|_| format == Format::Table) {
        output::complain(&format!("{} {}", reason.message, reason.fix));
    }
    Ok(())
}
