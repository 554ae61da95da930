//! `labyard cluster list`

use std::process::ExitCode;

use super::show;
use crate::{
    failure::Done,
    output::{self, Format},
    pages,
    session::Session,
};

pub(crate) async fn run(session: &mut Session) -> Done {
    let clusters = pages::all(session, "clusters", |client, from| async move {
        Ok(client.clusters(&pages::query(&from)).await?.0)
    })
    .await?;
    match session.format {
        Format::Json => output::json(&clusters)?,
        Format::Table if clusters.is_empty() => {
            output::complain("No clusters yet. Create one: labyard cluster create --name demo");
        }
        Format::Table => show(&clusters)?,
    }
    Ok(ExitCode::SUCCESS)
}
