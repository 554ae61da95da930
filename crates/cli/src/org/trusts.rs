//! `labyard org trust …`: which pipelines an organization lets in.

use std::{collections::BTreeMap, process::ExitCode};

use api::trust::{CreateTrust, Trust};
use clap::Subcommand;
use domain::{ScopeLevel, TrustId};

use super::organization::Which;
use crate::{
    failure::Done,
    names::Title,
    output::{self, Shown},
    session::Session,
    span,
};

const GITHUB: &str = "https://token.actions.githubusercontent.com";

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the trusted pipelines
    #[command(visible_alias = "ls")]
    List(Which),
    /// Trust a pipeline; its runs log in with `labyard auth login --ci ID`
    Create(Box<Create>),
    /// Revoke a trust: its runs lose access and its member is removed
    #[command(visible_aliases = ["end", "rm"])]
    Revoke(End),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The organization's name or ID
    organization: String,
    #[command(flatten)]
    name: Title,
    /// The issuer of its token, exactly
    #[arg(long, default_value = GITHUB)]
    issuer: String,
    /// The audience of its token; by default the address of labyard
    #[arg(long)]
    audience: Option<String>,
    /// Its repository, like acme/shop: the claim `repository`
    #[arg(long)]
    repository: Option<String>,
    /// Its branch or tag, like refs/heads/main: the claim `ref`; a `*` at the end matches any rest
    #[arg(long = "ref")]
    reference: Option<String>,
    /// Its environment: the claim `environment`
    #[arg(long)]
    environment: Option<String>,
    /// Another claim, as NAME=VALUE; repeatable
    #[arg(long = "claim", value_parser = pair)]
    claims: Vec<(String, String)>,
    /// Its permissions: read, use or change
    #[arg(long, default_value = "change", value_parser = level)]
    level: ScopeLevel,
    /// How long its login lasts, 1m to 60m; 60m by default
    #[arg(long = "for", value_parser = span::minutes)]
    time: Option<u32>,
    /// The same as a number of minutes
    #[arg(long, conflicts_with = "time", hide = true)]
    minutes: Option<u32>,
}

#[derive(clap::Args)]
pub(crate) struct End {
    /// The organization's name or ID
    organization: String,
    /// The trust's ID
    trust: TrustId,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("a claim is NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn level(word: &str) -> Result<ScopeLevel, String> {
    let known = ScopeLevel::from_word(word).filter(|level| *level != ScopeLevel::Admin);
    known.ok_or_else(|| "one of read, use, change".to_owned())
}

impl Verb {
    pub(super) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List(which) => list(session, &which.organization).await,
            Self::Create(create) => create.run(session).await,
            Self::Revoke(end) => end.run(session).await,
        }
    }
}

async fn list(session: &mut Session, name: &str) -> Done {
    let id = session.organization(name).await?.id;
    let trusts = session
        .call(|client| async move { client.trusts(id).await })
        .await?
        .items;
    output::list(session.format, &trusts, "No trusted pipelines.")?;
    Ok(ExitCode::SUCCESS)
}

impl Create {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        let named = [
            ("repository", self.repository),
            ("ref", self.reference),
            ("environment", self.environment),
        ];
        let named = named
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let claims: BTreeMap<String, String> = named.chain(self.claims).collect();
        let wanted = &CreateTrust {
            name: self.name.into_string(),
            issuer: self.issuer,
            audience: self.audience,
            claims,
            level: self.level,
            minutes: self.time.or(self.minutes),
        };
        let made = session
            .call(|client| async move { client.create_trust(id, wanted).await })
            .await?;
        output::one(session.format, &made)?;
        if session.format.is_for_people() {
            let id = made.id;
            output::complain(&format!(
                "Its runs log in with: labyard auth login --ci {id}"
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl End {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        session
            .call(|client| async move { client.end_trust(id, self.trust).await })
            .await?;
        output::complain("Trust revoked.");
        Ok(ExitCode::SUCCESS)
    }
}

impl Shown for Trust {
    const HEAD: &'static [&'static str] = &["name", "issuer", "claims", "level", "login", "id"];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        let claims: Vec<String> = self
            .claims
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        vec![
            self.name.clone(),
            self.issuer.clone(),
            claims.join(" "),
            self.level.as_str().to_owned(),
            format!("{}m", self.minutes),
            self.id.to_string(),
        ]
    }
}
