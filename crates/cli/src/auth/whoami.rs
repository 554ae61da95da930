//! `labyard auth whoami`

use std::process::ExitCode;

use api::auth::Me;

use crate::{
    environment::{self, VARIABLE},
    failure::Done,
    output::{self, Shown},
    session::Session,
};

pub(crate) async fn run(session: &mut Session) -> Done {
    let me = session
        .call(|client| async move { client.me().await })
        .await?;
    output::one(session.format, &me)?;
    if session.format.is_for_people() && environment::has_token() {
        output::complain(&format!("By the API token in {VARIABLE}."));
    }
    Ok(ExitCode::SUCCESS)
}

impl Shown for Me {
    const HEAD: &'static [&'static str] = &["email", "name", "organizations"];
    const WIDE: &'static [&'static str] = &["id"];

    fn name(&self) -> String {
        self.user.email.clone()
    }

    fn row(&self) -> Vec<String> {
        let organizations: Vec<String> = self
            .organizations
            .iter()
            .map(|member| format!("{} ({})", member.name, member.role.as_str()))
            .collect();
        vec![
            self.user.email.clone(),
            self.user.name.clone(),
            organizations.join(", "),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.user.id.to_string()]
    }
}
