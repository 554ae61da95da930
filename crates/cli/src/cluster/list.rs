//! `labyard cluster list`

use std::process::ExitCode;

use anyhow::anyhow;
use api::cluster::Cluster;

use super::show;
use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
};

/// Pages of one list, 20,000 clusters; a server that has more has lost its way.
const PAGES_MAX: usize = 100;

/// Every page, newest first; all of them or a failure.
async fn all(session: &mut Session) -> Result<Vec<Cluster>, Failure> {
    let mut clusters = Vec::new();
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_MAX {
        let from = cursor.clone();
        let (page, _) = session
            .call(|client| {
                let from = from.clone();
                async move {
                    let mut query = vec![("limit", "200")];
                    query.extend(from.as_deref().map(|cursor| ("cursor", cursor)));
                    client.clusters(&query).await
                }
            })
            .await?;
        clusters.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(clusters);
        }
    }
    let pages = anyhow!("the list of clusters has no end after {PAGES_MAX} pages");
    Err(Failure::Other(pages))
}

pub(crate) async fn run(session: &mut Session) -> Done {
    let clusters = all(session).await?;
    match session.format {
        Format::Json => output::json(&clusters)?,
        Format::Table if clusters.is_empty() => {
            output::complain("No clusters yet. Create one: labyard cluster create --name demo");
        }
        Format::Table => show(&clusters)?,
    }
    Ok(ExitCode::SUCCESS)
}
