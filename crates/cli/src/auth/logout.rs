//! `labyard auth logout`

use std::process::ExitCode;

use api::client::Error;
use domain::{Code, SessionId};

use crate::{
    failure::{Done, Failure},
    output,
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Logout {
    /// Every login you have, in browsers and on machines; API tokens go on
    #[arg(long)]
    everywhere: bool,
    /// That one login elsewhere, by its ID of labyard auth sessions; this one stays
    #[arg(long, conflicts_with = "everywhere")]
    session: Option<SessionId>,
}

impl Logout {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let Some(id) = self.session else {
            return here(session, self.everywhere).await;
        };
        session
            .call(|client| async move { client.end_session(id).await })
            .await?;
        output::complain("That login has ended.");
        Ok(ExitCode::SUCCESS)
    }
}

/// Ends the login on the server and forgets it here. It is forgotten even when the server is away,
/// but then the login lives on there, which is no success.
async fn here(session: &mut Session, everywhere: bool) -> Done {
    let ended = session
        .call(|client| async move {
            match everywhere {
                true => client.logout_everywhere().await,
                false => client.logout().await,
            }
        })
        .await;
    session.forget()?;
    match ended {
        Ok(()) if everywhere => output::complain("Logged out everywhere."),
        Ok(()) => output::complain("Logged out."),
        Err(Failure::NotLoggedIn) => output::complain("You were not logged in."),
        Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::Unauthenticated => {
            output::complain("Logged out; the login was over already.");
        }
        Err(failure) => {
            output::complain("Forgotten here; the server was not told:");
            return Ok(failure.tell());
        }
    }
    Ok(ExitCode::SUCCESS)
}
