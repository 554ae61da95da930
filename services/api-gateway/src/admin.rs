//! The subcommands: for whoever has the keys and the database.

use std::{io::Write, time::Duration};

use anyhow::Context;
use api::Secret;
use domain::Code;

use crate::{
    config::{Admin, Command, Options},
    crypto::Keys,
    hosts::adopt,
    kernel::{
        error::Error,
        installation, migrate, sealed,
        state::{App, pool},
    },
    objects, openapi,
    people::operator,
    rights_page,
    routes::TABLE,
};

/// Runs one subcommand to its end.
///
/// # Errors
/// When it could not be done; the message says why.
pub async fn run(options: Options, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Migrate => Ok(migrate::run(
            &pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?,
        )
        .await?),
        Command::Keys => say(&Keys::derive(&options)?.public().to_string()),
        Command::Openapi => print_openapi(),
        Command::Errors => print_errors(),
        Command::Rights => print_rights(),
        Command::Admin(Admin::Installation) => {
            let database = pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?;
            say(&installation::sql::id(&database).await?)
        }
        Command::Admin(Admin::RotateKeys) => {
            let keys = Keys::derive(&options)?;
            let database = pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?;
            let moved = operator::rotate_keys(&database, &keys.envelope).await?;
            let key = keys.envelope.current();
            say(&format!("{moved} sealed values came under the key {key}."))?;
            let in_use = sealed::in_use(&database, &keys.envelope).await?;
            anyhow::ensure!(
                in_use.old == 0,
                "{} sealed values do not open and stay under an older key; the log names them",
                in_use.old
            );
            say(&in_use.lines.join("\n"))
        }
        Command::Admin(Admin::Sealed) => {
            let keys = Keys::derive(&options)?;
            let database = pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?;
            let in_use = sealed::in_use(&database, &keys.envelope).await?;
            say(&in_use.lines.join("\n"))
        }
        Command::Admin(Admin::Promote { email }) => {
            let database = pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?;
            operator::promote(&database, &email).await.map_err(said)?;
            say("Promoted to administrator.")
        }
        Command::Admin(Admin::Adopt) => {
            let database = pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?;
            say(&told(adopt::adopt(&database).await)?)
        }
        Command::Admin(Admin::Reap { host }) => {
            let database = pool(options.database_url.expose(), 2, Duration::from_secs(10)).await?;
            say(&told(adopt::reap(&database, &host).await)?)
        }
        Command::Admin(Admin::ResetPassword { email }) => {
            let mut password = String::new();
            std::io::stdin()
                .read_line(&mut password)
                .context("the new password is read from standard input")?;
            let app = App::connect(options, objects::again).await?;
            let password = Secret::from(password.trim_end_matches(['\r', '\n']));
            operator::reset_password(&app, &email, password)
                .await
                .map_err(said)?;
            say("Password changed. That person is logged out everywhere.")
        }
    }
}

/// Prints the OpenAPI document.
///
/// # Errors
/// When standard output is closed.
pub fn print_openapi() -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(&openapi::document(TABLE))?)
}

/// Prints the catalogue of error codes, a section each.
///
/// # Errors
/// When standard output is closed.
pub fn print_rights() -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(rights_page::page(TABLE).as_bytes())?)
}

/// # Errors
/// When standard output is closed.
pub fn print_errors() -> anyhow::Result<()> {
    let mut page = String::from(concat!(
        "# Errors\n\nEvery error and wait reason has one of these codes, the same in the API (`code`), on the page and in ",
        "the command line. A\nrunning labyard shows this page at `/docs/errors`.\n"
    ));
    for code in Code::ALL {
        let status = code
            .http_status()
            .map_or_else(String::new, |status| format!(" (HTTP {status})"));
        let (word, title, fix) = (code.as_str(), code.title(), code.fix());
        page.push_str(&format!("\n## {word}\n\n{title}{status}.\n\n{fix}\n"));
    }
    say(page.trim_end())
}

fn said(error: Error) -> anyhow::Error {
    anyhow::anyhow!("{}", error.reason().message)
}

/// Lines as one text, or what was refused.
fn told(lines: Result<Vec<String>, Error>) -> anyhow::Result<String> {
    lines
        .map(|lines| lines.join("\n"))
        .map_err(anyhow::Error::new)
}

fn say(text: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{text}").context("standard output is closed")
}
