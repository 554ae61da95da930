//! `labyard token …`: API tokens, what a person hands to a program instead of their login.

use std::process::ExitCode;

use api::auth::account::{ApiToken, CreateApiToken};
use clap::Subcommand;
use domain::{Scope, ScopeLevel, SessionId};

use crate::{
    failure::{Done, Failure},
    lookup::the_one,
    names::Title,
    output::{self, Shown},
    session::Session,
    span,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Create a token; it is shown once
    Create(Create),
    /// List your tokens, without their secrets
    #[command(visible_alias = "ls")]
    List,
    /// Revoke a token for every program that uses it
    #[command(visible_aliases = ["rm", "delete", "end"])]
    Revoke(Revoke),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    #[command(flatten)]
    name: Title,
    /// Its permissions: read, use (commands and kubeconfigs), change (clusters) or admin (all but your account)
    #[arg(long, value_parser = level)]
    scope: ScopeLevel,
    /// Only in this organization, by its name or ID; by default in all of yours
    #[arg(long)]
    org: Option<String>,
    /// How long it is valid, 1d to 366d; 90d by default
    #[arg(long = "for", value_parser = span::days)]
    time: Option<u32>,
    /// The same as a number of days
    #[arg(long, conflicts_with = "time", hide = true)]
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
            name: self.name.into_string(),
            scope: Scope {
                level: self.scope,
                organization_id,
            },
            days: self.time.or(self.days),
        };
        let made = session
            .call(|client| async move { client.create_api_token(wanted).await })
            .await?;
        if !output::data(session.format, &made)? {
            let until = made.api_token.expires_at;
            output::complain(&format!("Valid until {until}. It isn't shown again:"));
            output::print(made.token.expose())?;
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
    let none = "No API tokens. Create one: labyard token create ci --scope change";
    output::list(session.format, &tokens, none)?;
    Ok(ExitCode::SUCCESS)
}

impl Shown for ApiToken {
    const HEAD: &'static [&'static str] = &[
        "name",
        "prefix",
        "scope",
        "organization",
        "last used",
        "expires",
    ];
    const WIDE: &'static [&'static str] = &["id"];

    fn name(&self) -> String {
        self.name.clone()
    }

    fn row(&self) -> Vec<String> {
        let organization = self.scope.organization_id;
        vec![
            self.name.clone(),
            self.prefix.clone(),
            self.scope.level.as_str().to_owned(),
            organization.map_or_else(|| "all".into(), |id| id.to_string()),
            output::or_dash(self.last_used_at),
            self.expires_at.to_string(),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.id.to_string()]
    }
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
        output::complain("Token revoked.");
        Ok(ExitCode::SUCCESS)
    }
}
