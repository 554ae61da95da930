//! How a cluster is shown: its row in a table, and one alone with its reason.

use api::cluster::Cluster;
use chrono::Utc;
use domain::{ClusterHealth, ClusterStatus};

use crate::{
    failure::Failure,
    output::{self, Format, Shown},
};

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
pub(crate) fn show(format: Format, cluster: &Cluster) -> Result<(), Failure> {
    output::one(format, cluster)?;
    if let Some(reason) = cluster.reason.as_ref().filter(|_| format.is_for_people()) {
        output::complain(&reason.message);
        output::advise(&reason.fix);
    }
    Ok(())
}
