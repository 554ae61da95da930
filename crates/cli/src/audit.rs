//! `labyard audit`: what was done and what was refused.

use std::process::ExitCode;

use api::{
    Page,
    audit::{self, AuditEntry},
};
use domain::limits;

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    pages,
    session::Session,
};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Of this organization, by its name or ID; for its admins. Else your own
    #[arg(long)]
    org: Option<String>,
    /// Only of this cluster, by its name or ID; a deleted one too
    #[arg(long)]
    cluster: Option<String>,
    /// Only this action, like delete_cluster
    #[arg(long)]
    action: Option<String>,
    /// Only what was refused
    #[arg(long)]
    refused: bool,
    /// At most so many, 1 to 200
    #[arg(long, default_value_t = limits::PAGE_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=limits::PAGE_MAX))]
    limit: u64,
    /// All of it, for another program
    #[arg(long, value_enum, conflicts_with = "limit")]
    export: Option<Export>,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Write all of an organization's audit, newest first, however much it is; for its admins
    Export(Whole),
}

#[derive(clap::Args)]
struct Whole {
    /// The organization's name or ID
    #[arg(long)]
    org: String,
    /// How it is written: a JSON object a line, or CSV
    #[arg(long, value_enum, default_value_t = Lines::Ndjson)]
    format: Lines,
    /// Only of this cluster, by its name or ID; a deleted one too
    #[arg(long)]
    cluster: Option<String>,
    /// Only this action, like delete_cluster
    #[arg(long)]
    action: Option<String>,
    /// Only what was refused
    #[arg(long)]
    refused: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Lines {
    Ndjson,
    Csv,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Export {
    Csv,
    Json,
}

/// What entries must be.
struct Filter(Vec<(&'static str, String)>);

impl Filter {
    fn with<'a>(&'a self, rest: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let own = self.0.iter().map(|(name, value)| (*name, value.as_str()));
        own.chain(rest.iter().copied()).collect()
    }
}

impl Audit {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        if let Some(Verb::Export(whole)) = self.verb {
            return whole.run(session).await;
        }
        let filter = &self.filter(session).await?;
        if let Some(export) = self.export {
            let entries = pages::all(session, "entries", |client, from| async move {
                client.audit(&filter.with(&pages::query(&from))).await
            })
            .await?;
            match export {
                Export::Json => output::json(&entries)?,
                Export::Csv => {
                    let lines: String = entries.iter().map(AuditEntry::csv).collect();
                    output::pass_on(&(audit::csv_head() + &lines))?;
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        let limit = self.limit.to_string();
        let query = &filter.with(&[("limit", &limit)]);
        let page: Page<AuditEntry> = session
            .call(|client| async move { client.audit(query).await })
            .await?;
        match session.format {
            Format::Json => output::json(&page.items)?,
            Format::Table if page.items.is_empty() => output::complain("Nothing of that was done."),
            Format::Table => output::say(&output::table(
                &["time", "who", "action", "object", "allowed", "from"],
                page.items.iter().map(row).collect(),
            ))?,
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn filter(&self, session: &mut Session) -> Result<Filter, Failure> {
        let mut filter = Vec::new();
        if let Some(name) = &self.org {
            let id = session.organization(name).await?.id;
            filter.push(("organization_id", id.to_string()));
        }
        if let Some(name) = &self.cluster {
            let id = session.cluster_even_deleted(name).await?.id;
            filter.push(("cluster_id", id.to_string()));
        }
        filter.extend(self.action.iter().map(|action| ("action", action.clone())));
        filter.extend(self.refused.then(|| ("allowed", "false".to_owned())));
        Ok(Filter(filter))
    }
}

impl Whole {
    async fn run(self, session: &mut Session) -> Done {
        let id = session.organization(&self.org).await?.id;
        let mut query = vec![];
        if let Some(name) = &self.cluster {
            let id = session.cluster_even_deleted(name).await?.id;
            query.push(("cluster_id", id.to_string()));
        }
        query.extend(self.action.map(|action| ("action", action)));
        query.extend(self.refused.then(|| ("allowed", "false".to_owned())));
        let format = match self.format {
            Lines::Ndjson => "ndjson",
            Lines::Csv => "csv",
        };
        query.push(("format", format.to_owned()));
        let query: &Vec<_> = &query
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let mut export = session
            .call(|client| async move { client.audit_export(id, query).await })
            .await?;
        while let Some(piece) = export.next().await? {
            output::pass_on(&piece)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn row(entry: &AuditEntry) -> Vec<String> {
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    let allowed = match (entry.allowed, &entry.code) {
        (true, _) => "yes".to_owned(),
        (false, Some(code)) => format!("no: {code}"),
        (false, None) => "no".to_owned(),
    };
    vec![
        entry.at.to_string(),
        or_dash(&entry.email),
        entry.action.clone(),
        or_dash(&entry.object),
        allowed,
        or_dash(&entry.address),
    ]
}
