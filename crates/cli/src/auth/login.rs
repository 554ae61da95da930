//! `labyard auth login`

use std::{io::Write, process::ExitCode};

use anyhow::Context;
use api::{
    auth::{self, Register, Tokens},
    client::{Client, Credential},
};

use domain::TrustId;

use super::{device, password, pipeline};
use crate::{
    config::Folder,
    failure::{Done, Failure},
    output,
    session::{Session, interactive, with_tokens},
};

pub(super) const HELP: &str = "See labyard auth login --help";

const WAYS: &str = "Ways to log in:
  labyard auth login                  e-mail address and password, asked for
  labyard auth login --device         a code to type in a browser where you are logged in: for accounts of a provider
                                      of identities (single sign-on), and for machines without a browser
  labyard auth login --ci TRUST_ID    a pipeline, by the token of its provider; the trust is made by an admin of the
                                      organization (labyard org trust create). The token is $LABYARD_CI_TOKEN, or the
                                      GitHub Actions runner is asked for one (permissions: id-token: write)
Without a login: LABYARD_TOKEN holds an API token.";

#[derive(clap::Args)]
#[command(after_help = WAYS)]
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
    /// Show a code to type in a browser, instead of a password
    #[arg(long, conflicts_with_all = ["email", "password_stdin", "register", "ci"])]
    device: bool,
    /// Log a pipeline in, as a trust says
    #[arg(long, value_name = "TRUST_ID", conflicts_with_all = ["email", "password_stdin", "register"])]
    ci: Option<TrustId>,
    /// Whom the runner's token is for; the server's address if absent
    #[arg(long, requires = "ci")]
    audience: Option<String>,
}

impl Login {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        let server = session.server_to_log_in()?;
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
        let folder = Folder::of_user()?;
        let lock = folder.lock()?;
        folder.write(&with_tokens(server.clone(), tokens), &lock)?;
        output::complain(&format!("Logged in to {server} as {who}."));
        Ok(ExitCode::SUCCESS)
    }

    async fn by_password(self, stranger: &Client) -> Result<(Tokens, String), Failure> {
        let email = match self.email {
            Some(email) => email,
            None => ask("E-mail: ")?,
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
        Ok((stranger.token(&login).await?, login.email))
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
