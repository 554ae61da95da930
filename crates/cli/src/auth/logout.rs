//! `labyard auth logout`

use std::process::ExitCode;

use api::client::Error;
use domain::Code;

use crate::{
    failure::{Done, Failure},
    output,
    session::Session,
};

/// Ends the login on the server and forgets it here. It is forgotten even when the server is away,
/// but then the login lives on there, which is no success.
pub(crate) async fn run(session: &mut Session) -> Done {
    let ended = session
        .call(|client| async move { client.logout().await })
        .await;
    session.forget()?;
    match ended {
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
