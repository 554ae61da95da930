//! `labyard auth sessions`: where one is logged in.

use std::process::ExitCode;

use api::auth::account::Session as Login;

use crate::{
    failure::Done,
    output::{self, Shown},
    session::Session,
};

pub(crate) async fn run(session: &mut Session) -> Done {
    let page = session
        .call(|client| async move { client.sessions().await })
        .await?;
    output::list(session.format, &page.items, "You have no logins.")?;
    Ok(ExitCode::SUCCESS)
}

impl Shown for Login {
    const HEAD: &'static [&'static str] =
        &["id", "kind", "from", "since", "last used", "expires", ""];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.id.to_string(),
            self.kind.clone(),
            output::or_dash(self.address.as_ref()),
            self.created_at.to_string(),
            output::or_dash(self.last_used_at),
            self.expires_at.to_string(),
            if self.current { "this one" } else { "" }.to_owned(),
        ]
    }
}
