//! `labyard cluster list`

use std::process::ExitCode;

use api::{
    client::{Client, Frame},
    cluster::Cluster,
    event::Event,
};
use domain::{ClusterStatus, Cursor, WorkspaceId};

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    pages,
    session::Session,
    stream::{self, Listener, Next},
};

const NONE: &str = "No clusters yet. Create one: labyard cluster create demo";

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only clusters with this status, like RUNNING; repeatable
    #[arg(long, value_parser = status)]
    status: Vec<ClusterStatus>,
    /// Only clusters of this workspace, by its name or ID
    #[arg(long)]
    workspace: Option<String>,
    /// At most this many, the newest first
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Then print each cluster that changes, until interrupted
    #[arg(short, long)]
    watch: bool,
}

pub(super) fn status(word: &str) -> Result<ClusterStatus, String> {
    match ClusterStatus::from_word(&word.to_uppercase()) {
        ClusterStatus::Unknown => Err("a status like RUNNING, STOPPED or ERROR".into()),
        status => Ok(status),
    }
}

/// Which clusters are wanted.
struct Wanted {
    status: Vec<ClusterStatus>,
    workspace: Option<WorkspaceId>,
}

impl Wanted {
    fn holds(&self, cluster: &Cluster) -> bool {
        let of_status = self.status.is_empty() || self.status.contains(&cluster.status);
        of_status && self.workspace.is_none_or(|id| cluster.workspace_id == id)
    }
}

impl List {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let workspace = match &self.workspace {
            Some(name) => Some(session.workspace(name, None).await?.id),
            None => None,
        };
        let wanted = Wanted {
            status: self.status,
            workspace,
        };
        // From before the list was read: what changes meanwhile is printed once more, not lost.
        let mut since = match self.watch {
            true => Some(now(session).await?),
            false => None,
        };
        let id = workspace.map(|id| id.to_string());
        let id = id.as_deref();
        let mut clusters = pages::all(session, "clusters", |client, from| async move {
            let mut query = pages::query(&from);
            query.extend(id.map(|id| ("workspace_id", id)));
            Ok(client.clusters(&query).await?.0)
        })
        .await?;
        clusters.retain(|cluster| wanted.holds(cluster));
        if let Some(limit) = self.limit {
            clusters.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        }
        let format = session.format;
        let filtered = !wanted.status.is_empty() || workspace.is_some();
        let none = if filtered { "No such clusters." } else { NONE };
        output::list(format, &clusters, none)?;
        if !self.watch {
            return Ok(ExitCode::SUCCESS);
        }
        stream::listen(session, &mut since, &mut Watcher { format, wanted }).await
    }
}

/// The place in the log before anything is read.
async fn now(session: &mut Session) -> Result<Cursor, Failure> {
    let (_, at) = session
        .call(|client| async move { client.clusters(&[("limit", "1")]).await })
        .await?;
    at.ok_or_else(|| {
        Failure::failed(
            "The server doesn't say where its events stand.",
            "Update it.",
        )
    })
}

/// Prints each cluster that changes, without end.
struct Watcher {
    format: Format,
    wanted: Wanted,
}

impl Listener for Watcher {
    type Output = ExitCode;

    async fn on_frame(
        &mut self,
        _: &Client,
        since: &mut Option<Cursor>,
        frame: Frame,
    ) -> Result<Next<ExitCode>, Failure> {
        let at = match frame {
            Frame::Ready(at) | Frame::Reset(at, _) => at,
            Frame::Event(at, event) => {
                if let Some(cluster) = cluster_of(&event).filter(|now| self.wanted.holds(now)) {
                    match self.format {
                        Format::Json | Format::Yaml => output::json_line(&cluster)?,
                        format => output::row(format, &cluster)?,
                    }
                }
                at
            }
        };
        *since = Some(at);
        Ok(Next::Frame)
    }

    fn lost(&mut self) {
        output::complain("Connection lost. Reconnecting.");
    }
}

fn cluster_of(event: &Event) -> Option<Cluster> {
    let data = event
        .data
        .clone()
        .filter(|_| event.kind.starts_with("cluster."))?;
    serde_json::from_value(data).ok()
}
