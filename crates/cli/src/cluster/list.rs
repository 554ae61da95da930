//! `labyard cluster list`

use std::process::ExitCode;

use super::show;
use crate::{
    failure::Done,
    output::{self, Format},
    session::Session,
};

/// Every page, newest first.
pub(crate) async fn run(session: &mut Session) -> Done {
    let mut clusters = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
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
            break;
        }
    }
    match session.format {
        Format::Json => output::json(&clusters)?,
        Format::Table if clusters.is_empty() => {
            output::complain("No clusters yet. Create one: labyard cluster create --name demo");
        }
        Format::Table => show(&clusters)?,
    }
    Ok(ExitCode::SUCCESS)
}
