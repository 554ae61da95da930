//! `labyard auth logout`

use std::process::ExitCode;

use api::client::Error;
use domain::{Code, SessionId};

use crate::{
    confirm::Sure,
    environment::{self, VARIABLE},
    failure::{Done, Failure},
    output,
    report::report,
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Logout {
    /// End all your logins, in browsers and on machines; API tokens stay valid
    #[arg(long)]
    everywhere: bool,
    /// End that one login elsewhere, by its ID of `labyard auth sessions`; this one stays
    #[arg(long, conflicts_with = "everywhere")]
    session: Option<SessionId>,
    #[command(flatten)]
    sure: Sure,
}

impl Logout {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        if environment::has_token() {
            return Err(of_the_environment());
        }
        let Some(id) = self.session else {
            if self.everywhere {
                self.sure
                    .ask("End all your logins, in browsers and on machines?")?;
            }
            return here(session, self.everywhere).await;
        };
        session
            .call(|client| async move { client.end_session(id).await })
            .await?;
        output::complain("Login ended.");
        Ok(ExitCode::SUCCESS)
    }
}

/// Other programs may share the token: it is not this one's to end.
fn of_the_environment() -> Failure {
    Failure::usage(
        format!(
            "Nothing to log out: commands here use the API token in {VARIABLE}, which stays valid."
        ),
        format!(
            "To log out of a login of labyard auth login: unset {VARIABLE} first. To end the token: labyard token revoke"
        ),
    )
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
        Err(Failure::NotLoggedIn { .. }) => output::complain("You weren't logged in."),
        Err(Failure::Api(Error::Problem(problem))) if problem.code == Code::Unauthenticated => {
            output::complain("Logged out. The login had already ended.");
        }
        Err(failure) => {
            output::complain("Logged out here, but not on the server, which didn't hear of it:");
            return Ok(report(&failure));
        }
    }
    Ok(ExitCode::SUCCESS)
}
