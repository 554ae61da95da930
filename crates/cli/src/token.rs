//! `labyard token …`: API tokens, what a person hands to a program instead of their login.

use std::process::ExitCode;

use api::auth::account::{ApiToken, CreateApiToken};
use clap::Subcommand;
use domain::{Scope, ScopeLevel, SessionId};

use crate::{
    failure::{Done, Failure},
    lookup::the_one,
    output::{self, Format},
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Make a token; it is shown once
    Create(Create),
    /// List your tokens, without their secrets
    List,
    /// End a token and every stream it has open
    Revoke(Revoke),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// What it is for, in your words
    #[arg(long)]
    name: String,
    /// What it may: read, use (commands and kubeconfigs), change (clusters) or admin (all but your account)
    #[arg(long, value_parser = level)]
    scope: ScopeLevel,
    /// In this organization alone, by its name or ID; in all of yours if absent
    #[arg(long)]
    org: Option<String>,
    /// Days until it ends, 1 to 366; 90 if absent
    #[arg(long)]
    days: Option<u32>,
}

#[derive(clap::Args)]
pub(crate) struct Revoke {
    /// The token's name, prefix or ID
    which: String,
}

fn level(word: &str) -> Result<ScopeLevel, String> {
    ScopeLevel::from_word(word).ok_or_else(|| "read, use, change or admin".into())
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::Create(create) => create.run(session).await,
            Self::List => list(session).await,
            Self::Revoke(revoke) => revoke.run(session).await,
        }
    }
}

impl Create {
    async fn run(self, session: &mut Session) -> Done {
        let organization_id = match &self.org {
            Some(name) => Some(session.organization(name).await?.id),
            None => None,
        };
        let wanted = &CreateApiToken {
            name: self.name,
            scope: Scope {
                level: self.scope,
                organization_id,
            },
            days: self.days,
        };
        let made = session
            .call(|client| async move { client.create_api_token(wanted).await })
            .await?;
        match session.format {
            Format::Json => output::json(&made)?,
            Format::Table => {
                output::complain(&format!(
                    "Good until {}. It is not shown again:",
                    made.api_token.expires_at
                ));
                output::say(made.token.expose())?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn all(session: &mut Session) -> Result<Vec<ApiToken>, Failure> {
    let page = session
        .call(|client| async move { client.api_tokens().await })
        .await?;
    Ok(page.items)
}

async fn list(session: &mut Session) -> Done {
    let tokens = all(session).await?;
    match session.format {
        Format::Json => output::json(&tokens)?,
        Format::Table if tokens.is_empty() => output::complain(
            "You have no API token. Make one: labyard token create --name ci --scope change",
        ),
        Format::Table => output::say(&output::table(
            &[
                "name",
                "prefix",
                "scope",
                "organization",
                "last used",
                "until",
                "id",
            ],
            tokens.iter().map(row).collect(),
        ))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn row(token: &ApiToken) -> Vec<String> {
    let organization = token.scope.organization_id;
    vec![
        token.name.clone(),
        token.prefix.clone(),
        token.scope.level.as_str().to_owned(),
        organization.map_or_else(|| "all".into(), |id| id.to_string()),
        token
            .last_used_at
            .map_or_else(|| "-".into(), |at| at.to_string()),
        token.expires_at.to_string(),
        token.id.to_string(),
    ]
}

impl Revoke {
    async fn run(self, session: &mut Session) -> Done {
        let id = match self.which.parse::<SessionId>() {
            Ok(id) => id,
            Err(_) => {
                let mut tokens = all(session).await?;
                tokens.retain(|token| token.name == self.which || token.prefix == self.which);
                the_one("token", &self.which, tokens, |found| found.id.to_string())?.id
            }
        };
        session
            .call(|client| async move { client.revoke_api_token(id).await })
            .await?;
        output::complain("The token is good no more.");
        Ok(ExitCode::SUCCESS)
    }
}
