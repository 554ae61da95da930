//! The subcommands: for whoever has the keys and the database.

use std::{io::Write, time::Duration};

use anyhow::Context;

use crate::{
    app::login,
    config::{Admin, Command, Options},
    crypto::Keys,
    db, migrate, openapi,
    state::{App, pool},
};

/// Runs one subcommand to its end.
///
/// # Errors
/// When it could not be done; the message says why.
pub async fn run(options: Options, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Migrate => Ok(migrate::run(
            &pool(&options.database_url, 2, Duration::from_secs(10)).await?,
        )
        .await?),
        Command::Keys => say(&Keys::derive(&options.secret_key, &options.encryption_key)?
            .public()
            .to_string()),
        Command::Openapi => print_openapi(),
        Command::Admin(Admin::Installation) => {
            let database = pool(&options.database_url, 2, Duration::from_secs(10)).await?;
            say(&db::host::installation(&database).await?)
        }
        Command::Admin(Admin::ResetPassword { email }) => {
            let mut password = String::new();
            std::io::stdin()
                .read_line(&mut password)
                .context("the new password is read from standard input")?;
            let app = App::connect(options).await?;
            let password = password.trim_end_matches(['\r', '\n']).to_owned();
            login::reset_password(&app, &email, password)
                .await
                .map_err(|error| anyhow::anyhow!("{}", error.reason().message))?;
            say("The password is changed and every login of that person has ended.")
        }
    }
}

/// Prints the OpenAPI document.
///
/// # Errors
/// When standard output is closed.
pub fn print_openapi() -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(&openapi::document())?)
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
}
