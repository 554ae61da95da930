//! `labyard auth password`, and how passwords are read: asked for without showing them, or line by line
//! from standard input, never from the command line.

use std::process::ExitCode;

use anyhow::Context;
use api::{Secret, auth::account::ChangePassword};

use crate::{
    failure::{Done, Failure},
    output,
    session::{Session, interactive},
};

#[derive(clap::Args)]
pub(crate) struct Change {
    /// Read two lines from standard input: the current password and the new one
    #[arg(long)]
    password_stdin: bool,
}

impl Change {
    /// Every other login ends with it; API tokens go on.
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let password = of("Current password: ", self.password_stdin)?;
        let new_password = of("New password: ", self.password_stdin)?;
        if !self.password_stdin {
            let again = of("New password again: ", false)?;
            if again.expose() != new_password.expose() {
                return Err(Failure::usage(
                    "The new passwords differ. Nothing was changed.",
                    "Try again: labyard auth password",
                ));
            }
        }
        let wanted = &ChangePassword {
            password,
            new_password,
        };
        session
            .call(|client| async move { client.change_password(wanted).await })
            .await?;
        output::complain("Password changed. Your other logins have ended.");
        Ok(ExitCode::SUCCESS)
    }
}

/// A password, from a line of standard input or from whoever sits there.
pub(super) fn of(question: &str, from_stdin: bool) -> Result<Secret, Failure> {
    if from_stdin {
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line);
        if read.context("Can't read the password")? == 0 {
            return Err(Failure::usage(
                "Standard input was empty: there is no password in it.",
                "Write the password on a line of its own, such as: labyard auth login --password-stdin < FILE",
            ));
        }
        return Ok(line.trim_end_matches(['\r', '\n']).into());
    }
    if !interactive() {
        return Err(Failure::usage(
            "No terminal to prompt on. Pass --password-stdin.",
            "See labyard auth login --help and labyard auth password --help",
        ));
    }
    let text = rpassword::prompt_password(question).context("Can't read the password")?;
    Ok(text.into())
}
