//! `labyard task list`

use std::process::ExitCode;

use domain::{TaskKind, TaskStatus, limits};

use super::status;
use crate::{failure::Done, output, session::Session};

#[derive(clap::Args)]
pub(crate) struct List {
    /// Only tasks of this cluster, by its name or ID, even a deleted one
    #[arg(long)]
    cluster: Option<String>,
    /// Only tasks with this status: pending, in_progress, completed, failed or cancelled
    #[arg(long, value_parser = status::parse)]
    status: Option<TaskStatus>,
    /// Only tasks of this kind: create, start, stop or delete
    #[arg(long, value_parser = kind)]
    kind: Option<TaskKind>,
    /// At most this many, 1 to 200
    #[arg(long, default_value_t = limits::PAGE_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=limits::PAGE_MAX))]
    limit: u64,
}

fn kind(word: &str) -> Result<TaskKind, String> {
    match TaskKind::from_word(word) {
        TaskKind::Unknown => {
            let words: Vec<&str> = TaskKind::ALL.iter().map(|kind| kind.as_str()).collect();
            Err(format!("one of {}", words.join(", ")))
        }
        kind => Ok(kind),
    }
}

impl List {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let cluster = match &self.cluster {
            Some(name) => {
                let cluster = session.cluster_even_deleted(name).await?;
                Some(cluster.id.to_string())
            }
            None => None,
        };
        let limit = self.limit.to_string();
        let mut query = vec![("limit", limit.as_str())];
        query.extend(cluster.as_deref().map(|id| ("cluster_id", id)));
        query.extend(self.status.map(|status| ("status", status.as_str())));
        query.extend(self.kind.map(|kind| ("kind", kind.as_str())));
        let query = query.as_slice();
        let tasks = session
            .call(|client| async move { client.tasks(query).await })
            .await?
            .items;
        output::list(session.format, &tasks, "No such tasks.")?;
        Ok(ExitCode::SUCCESS)
    }
}
