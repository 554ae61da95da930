//! `labyard auth login`

use std::process::ExitCode;

use anyhow::Context;
use api::{
    auth::{self, Register, Tokens},
    client::{Client, Credential, Error},
};

use domain::{Address, Code, TrustId};

use super::{
    device, password,
    pipeline::{self, HELP},
};
use crate::{
    config::Folder,
    environment::{self, VARIABLE},
    failure::{Done, Failure},
    output,
    session::{Session, interactive, with_tokens},
};

const WAYS: &str = "Ways to log in:
  labyard auth login                  with your email and password
  labyard auth login --device         with a code that you type in a browser where you are logged in: for single
                                      sign-on, and for machines without a browser
  labyard auth login --ci TRUST_ID    as a pipeline, with its provider's token. An admin of the organization adds the
                                      trust (labyard org trust create). The token is in LABYARD_CI_TOKEN, or comes from
                                      the GitHub Actions runner (permissions: id-token: write)
Without a login: set LABYARD_TOKEN to an API token. It wins over a login.";

#[derive(clap::Args)]
#[command(after_help = WAYS)]
pub(crate) struct Login {
    /// Your email; asked for by default
    #[arg(long)]
    email: Option<String>,
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Create the account first
    #[arg(long)]
    register: bool,
    /// Log in with a code in a browser instead of a password
    #[arg(long, conflicts_with_all = ["email", "password_stdin", "register", "ci"])]
    device: bool,
    /// Log in as a pipeline, by this trust
    #[arg(long, value_name = "TRUST_ID", conflicts_with_all = ["email", "password_stdin", "register"])]
    ci: Option<TrustId>,
    /// The audience of the runner's token; by default the server's address
    #[arg(long, requires = "ci")]
    audience: Option<String>,
}

impl Login {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let server = session.server_to_log_in()?;
        // A login that can't be kept isn't made.
        let folder = Folder::of_user()?;
        drop(folder.lock()?);
        let stranger = Client::new(&server, Credential::None)?;
        let (tokens, who) = match self.ci {
            Some(trust) => {
                named(
                    &server,
                    pipeline::log_in(&stranger, trust, self.audience).await?,
                )
                .await?
            }
            None if self.device => named(&server, device::log_in(&stranger).await?).await?,
            None => self.by_password(&stranger).await?,
        };
        let lock = folder.lock()?;
        folder.write(&with_tokens(server.clone(), tokens), &lock)?;
        output::complain(&format!("Logged in to {server} as {who}."));
        if environment::has_token() {
            output::complain(&format!(
                "{VARIABLE} is set and wins: commands here use that API token, not this login."
            ));
            output::advise(&format!("To use the login: unset {VARIABLE}"));
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn by_password(self, stranger: &Client) -> Result<(Tokens, String), Failure> {
        let email = match self.email {
            Some(email) => email,
            None => ask("Email: ")?,
        };
        let password = password::of("Password: ", self.password_stdin)?;
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
        let login = auth::Login { email, password };
        // No login helps against a wrong password.
        let tokens = stranger.token(&login).await.map_err(|error| match error {
            Error::Problem(problem) if problem.code == Code::Unauthenticated => {
                Failure::Refused(problem)
            }
            error => error.into(),
        })?;
        Ok((tokens, Address::of(&login.email).as_str().to_owned()))
    }
}

/// Who the tokens belong to.
async fn named(server: &str, tokens: Tokens) -> Result<(Tokens, String), Failure> {
    let bearer = Credential::Bearer(tokens.access_token.clone());
    let me = Client::new(server, bearer)?.me().await?;
    Ok((tokens, me.user.name))
}

fn ask(question: &str) -> Result<String, Failure> {
    if !interactive() {
        return Err(Failure::usage(
            "No terminal to prompt on. Pass --email and --password-stdin.",
            HELP,
        ));
    }
    output::ask(question);
    let mut answer = String::new();
    std::io::stdin()
        .read_line(&mut answer)
        .context("Can't read the email")?;
    Ok(answer.trim().to_owned())
}
