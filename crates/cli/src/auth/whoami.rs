//! `labyard auth whoami`

use std::process::ExitCode;

use crate::{
    failure::Done,
    output::{self, Format},
    session::Session,
};

pub(crate) async fn run(session: &mut Session) -> Done {
    let me = session
        .call(|client| async move { client.me().await })
        .await?;
    if session.format == Format::Json {
        output::json(&me)?;
        return Ok(ExitCode::SUCCESS);
    }
    let organizations: Vec<String> = me
        .organizations
        .iter()
        .map(|member| format!("{} ({})", member.name, member.role.as_str()))
        .collect();
    let rows = vec![vec![
        me.user.email.clone(),
        me.user.name.clone(),
        organizations.join(", "),
    ]];
    output::say(&output::table(&["email", "name", "organizations"], rows))?;
    Ok(ExitCode::SUCCESS)
}
