//! `labyard auth login`

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use api::{
    auth::{self, Register},
    client::{Client, Credential},
};

use super::password;
use crate::{
    config::Folder,
    failure::{Done, Failure},
    output,
    session::{Session, interactive, with_tokens},
};

const HELP: &str = "See labyard auth login --help";

#[derive(clap::Args)]
pub(crate) struct Login {
    /// The e-mail address; asked for if absent
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input instead of asking for it
    #[arg(long)]
    password_stdin: bool,
    /// Register first
    #[arg(long)]
    register: bool,
}

impl Login {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let server = session.server_to_log_in()?;
        let email = match self.email {
            Some(email) => email,
            None => ask("E-mail: ")?,
        };
        let password = password::of("Password: ", self.password_stdin)?;
        let stranger = Client::new(&server, Credential::None)?;
        if self.register {
            stranger
                .register(&Register {
                    email: email.clone(),
                    password: password.clone(),
                    name: None,
                    invitation: None,
                })
                .await?;
        }
        let tokens = stranger
            .token(&auth::Login {
                email: email.clone(),
                password,
            })
            .await?;
        let folder = Folder::of_user()?;
        let lock = folder.lock()?;
        folder.write(&with_tokens(server.clone(), tokens), &lock)?;
        output::complain(&format!("Logged in to {server} as {email}."));
        Ok(ExitCode::SUCCESS)
    }
}

fn ask(question: &str) -> Result<String, Failure> {
    if !interactive() {
        return Err(Failure::Usage {
            what: "Nobody is here to be asked: give --email and --password-stdin.",
            help: HELP,
        });
    }
    output::pass_on_error(question);
    std::io::stderr().flush().ok();
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .context("the e-mail address could not be read")?;
    Ok(answer.trim().to_owned())
}
