//! `labyard audit`: what was done and what was refused.

use std::process::ExitCode;

use api::{Page, audit::AuditEntry};
use domain::limits;

use crate::{
    failure::{Done, Failure},
    output::{self, Format},
    pages,
    session::Session,
};

#[derive(clap::Args)]
pub(crate) struct Audit {
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
        let filter = &self.filter(session).await?;
        if let Some(export) = self.export {
            let entries = pages::all(session, "entries", |client, from| async move {
                client.audit(&filter.with(&pages::query(&from))).await
            })
            .await?;
            match export {
                Export::Json => output::json(&entries)?,
                Export::Csv => output::pass_on(&csv(&entries))?,
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

const COLUMNS: [&str; 12] = [
    "number",
    "at",
    "organization_id",
    "workspace_id",
    "cluster_id",
    "user_id",
    "email",
    "action",
    "object",
    "allowed",
    "code",
    "address",
];

/// RFC 4180, the detail as JSON in the last column.
fn csv(entries: &[AuditEntry]) -> String {
    let mut text = format!("{},detail\r\n", COLUMNS.join(","));
    for entry in entries {
        let id = |id: Option<String>| id.unwrap_or_default();
        let fields = [
            entry.number.to_string(),
            entry.at.to_string(),
            id(entry.organization_id.map(|id| id.to_string())),
            id(entry.workspace_id.map(|id| id.to_string())),
            id(entry.cluster_id.map(|id| id.to_string())),
            id(entry.user_id.map(|id| id.to_string())),
            id(entry.email.clone()),
            entry.action.clone(),
            id(entry.object.clone()),
            entry.allowed.to_string(),
            id(entry.code.clone()),
            id(entry.address.clone()),
            id(entry.detail.as_ref().map(ToString::to_string)),
        ];
        let fields: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// Spreadsheets read a field that begins like a formula as one, quotes or not.
fn quoted(field: &str) -> String {
    let tamed = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{field}")
    } else {
        field.to_owned()
    };
    if tamed.contains(['"', ',', '\n', '\r']) {
        return format!("\"{}\"", tamed.replace('"', "\"\""));
    }
    tamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_one_field_and_no_formula() {
        for (field, written) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("{\"a\":1}", "\"{\"\"a\"\":1}\""),
            ("=1+1", "'=1+1"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(field), written);
        }
    }
}
