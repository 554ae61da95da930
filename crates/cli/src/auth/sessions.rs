//! `labyard auth sessions`: where one is logged in.

use std::process::ExitCode;

use api::auth::account::Session as Login;

use crate::{
    failure::Done,
    output::{self, Format},
    session::Session,
};

pub(crate) async fn run(session: &mut Session) -> Done {
    let page = session
        .call(|client| async move { client.sessions().await })
        .await?;
    match session.format {
        Format::Json => output::json(&page.items)?,
        Format::Table => output::say(&output::table(
            &["id", "kind", "from", "since", "last used", "until", ""],
            page.items.iter().map(row).collect(),
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn row(login: &Login) -> Vec<String> {
    vec![
        login.id.to_string(),
        login.kind.clone(),
        login.address.clone().unwrap_or_else(|| "-".into()),
        login.created_at.to_string(),
        login
            .last_used_at
            .map_or_else(|| "-".into(), |at| at.to_string()),
        login.expires_at.to_string(),
        if login.current { "this one" } else { "" }.to_owned(),
    ]
}
