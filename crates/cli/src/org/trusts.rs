//! `labyard org trust …`: which pipelines an organization lets in.

use std::{collections::BTreeMap, process::ExitCode};

use api::trust::{CreateTrust, Trust};
use clap::Subcommand;
use domain::{ScopeLevel, TrustId};

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    session::Session,
};

const GITHUB: &str = "https://token.actions.githubusercontent.com";

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the pipelines that are trusted
    List(super::Which),
    /// Trust a pipeline; its runs log in with `labyard auth login --ci ID`
    Create(Box<Create>),
    /// Trust a pipeline no more; its logins end and its member goes
    End(End),
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The organization's name or ID
    organization: String,
    /// What the pipeline's member is called
    #[arg(long)]
    name: String,
    /// Who vouches for it, to the letter
    #[arg(long, default_value = GITHUB)]
    issuer: String,
    /// Whom its token is for; the installation's address if absent
    #[arg(long)]
    audience: Option<String>,
    /// Its repository, like acme/shop: the claim `repository`
    #[arg(long)]
    repository: Option<String>,
    /// Its branch or tag, like refs/heads/main: the claim `ref`; a `*` at the end stands for any rest
    #[arg(long = "ref")]
    reference: Option<String>,
    /// Its environment: the claim `environment`
    #[arg(long)]
    environment: Option<String>,
    /// Another claim, as NAME=VALUE; as often as needed
    #[arg(long = "claim", value_parser = pair)]
    claims: Vec<(String, String)>,
    /// What it may do: read, use or change
    #[arg(long, default_value = "change", value_parser = level)]
    level: ScopeLevel,
    /// Minutes that its login lasts, 1 to 60; 60 if absent
    #[arg(long)]
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
            Self::End(end) => end.run(session).await,
        }
    }
}

async fn list(session: &mut Session, name: &str) -> Done {
    let id = session.organization(name).await?.id;
    let trusts = session
        .call(|client| async move { client.trusts(id).await })
        .await?
        .items;
    match session.format {
        Format::Json => output::json(&trusts)?,
        Format::Table => show(&trusts)?,
    }
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
            name: self.name,
            issuer: self.issuer,
            audience: self.audience,
            claims,
            level: self.level,
            minutes: self.minutes,
        };
        let made = session
            .call(|client| async move { client.create_trust(id, wanted).await })
            .await?;
        match session.format {
            Format::Json => output::json(&made)?,
            Format::Table => show(std::slice::from_ref(&made))?,
        }
        output::complain(&format!(
            "Its runs log in with: labyard auth login --ci {}",
            made.id
        ));
        Ok(ExitCode::SUCCESS)
    }
}

impl End {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.organization).await?.id;
        session
            .call(|client| async move { client.end_trust(id, self.trust).await })
            .await?;
        output::complain("That pipeline comes in no more.");
        Ok(ExitCode::SUCCESS)
    }
}

fn show(trusts: &[Trust]) -> Result<(), Failure> {
    let head = ["name", "issuer", "claims", "may", "minutes", "id"];
    let rows = trusts.iter().map(row).collect();
    output::say(&output::table(&head, rows))
}

fn row(trust: &Trust) -> Vec<String> {
    let claims: Vec<String> = trust
        .claims
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    vec![
        trust.name.clone(),
        trust.issuer.clone(),
        claims.join(" "),
        trust.level.as_str().to_owned(),
        trust.minutes.to_string(),
        trust.id.to_string(),
    ]
}
