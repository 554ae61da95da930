//! `labyard audit`: what was done and what was refused.

use std::process::ExitCode;

use api::{
    Page,
    audit::{self, AuditEntry},
};
use domain::limits;

use crate::{
    failure::{Done, Failure},
    output::{self, Shown},
    pages,
    session::Session,
};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Audit {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Of this organization, by its name or ID; for its admins. By default your own
    #[arg(long)]
    org: Option<String>,
    /// Only of this cluster, by its name or ID, even a deleted one
    #[arg(long)]
    cluster: Option<String>,
    /// Only this action, like delete_cluster
    #[arg(long)]
    action: Option<String>,
    /// Only what was refused
    #[arg(long)]
    refused: bool,
    /// At most this many, 1 to 200
    #[arg(long, default_value_t = limits::PAGE_DEFAULT, value_parser = clap::value_parser!(u64).range(1..=limits::PAGE_MAX))]
    limit: u64,
    /// Everything, for another program
    #[arg(long, value_enum, conflicts_with = "limit")]
    export: Option<Export>,
}

#[derive(clap::Subcommand)]
enum Verb {
    /// Export all of an organization's audit, newest first; for its admins
    Export(Whole),
}

#[derive(clap::Args)]
struct Whole {
    /// The organization's name or ID
    #[arg(long)]
    org: String,
    /// The format: a JSON object a line, or CSV
    #[arg(long, value_enum, default_value_t = Lines::Ndjson)]
    format: Lines,
    /// Only of this cluster, by its name or ID, even a deleted one
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
                    output::pass_on((audit::csv_head() + &lines).as_bytes())?;
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        let limit = self.limit.to_string();
        let query = &filter.with(&[("limit", &limit)]);
        let page: Page<AuditEntry> = session
            .call(|client| async move { client.audit(query).await })
            .await?;
        output::list(session.format, &page.items, "No such entries.")?;
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

impl Shown for AuditEntry {
    const HEAD: &'static [&'static str] = &["time", "who", "action", "object", "allowed", "from"];
    const WIDE: &'static [&'static str] = &["number"];

    fn name(&self) -> String {
        self.number.to_string()
    }

    fn row(&self) -> Vec<String> {
        let allowed = match (self.allowed, &self.code) {
            (true, _) => "yes".to_owned(),
            (false, Some(code)) => format!("no: {code}"),
            (false, None) => "no".to_owned(),
        };
        vec![
            self.at.to_string(),
            output::or_dash(self.email.as_ref()),
            self.action.clone(),
            output::or_dash(self.object.as_ref()),
            allowed,
            output::or_dash(self.address.as_ref()),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.number.to_string()]
    }
}
