//! `labyard auth logout`

use std::process::ExitCode;

use crate::{
    failure::{Done, Failure},
    output,
    session::Session,
};

/// Ends the login on the server and forgets it here; forgets it even when the server is away.
pub(crate) async fn run(session: &mut Session) -> Done {
    let ended = session
        .call(|client| async move { client.logout().await })
        .await;
    session.forget()?;
    match ended {
        Ok(()) => output::complain("Logged out."),
        Err(Failure::NotLoggedIn) => output::complain("You were not logged in."),
        Err(failure) => {
            output::complain("Forgotten here; the server was not told:");
            failure.tell();
        }
    }
    Ok(ExitCode::SUCCESS)
}
