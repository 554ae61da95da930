//! What takes long is waited for, unless the caller does not want to.

use std::{process::ExitCode, time::Duration};

use api::client::AcceptedAt;
use domain::{ClusterStatus, TaskKind};

use crate::{cluster_view, failure::Done, follow, output, session::Session, span};

#[derive(clap::Args)]
pub(crate) struct Waiting {
    /// Wait for completion (default)
    #[arg(long, overrides_with = "no_wait")]
    wait: bool,
    /// Don't wait for completion
    #[arg(long, overrides_with = "wait")]
    pub(crate) no_wait: bool,
    /// Stop waiting after this long, like 10m; the work continues
    #[arg(long, value_parser = span::parse, default_value = "60m")]
    pub(crate) timeout: Duration,
}

impl Waiting {
    /// Follows what was accepted to its end and shows the cluster as it then is.
    pub(crate) async fn finish(&self, session: &mut Session, (accepted, at): AcceptedAt) -> Done {
        let kind = accepted.task.kind;
        if self.no_wait {
            cluster_view::show(session.format, &accepted.cluster)?;
            return Ok(ExitCode::SUCCESS);
        }
        let settled = move |status| settled(kind, status);
        let wanted = follow::Cluster::of(&accepted.cluster, settled);
        let mut progress = output::Progress::for_eyes();
        progress.show(follow::describe(&accepted.task));
        let cluster = follow::until(
            session,
            wanted,
            accepted.cluster,
            at,
            self.timeout,
            progress,
        )
        .await?;
        cluster_view::show(session.format, &cluster)?;
        if cluster.status == kind.status_after() {
            return Ok(ExitCode::SUCCESS);
        }
        let status = cluster.status.as_str();
        output::complain(&format!("The cluster {} is {status}.", cluster.name));
        output::advise(&format!("See why: labyard why {}", cluster.id));
        Ok(ExitCode::FAILURE)
    }
}

/// A delete is never given up; anything else may end in another status.
fn settled(kind: TaskKind, status: ClusterStatus) -> bool {
    match kind {
        TaskKind::Delete => status == ClusterStatus::Deleted,
        _ => status != kind.status_during(),
    }
}
