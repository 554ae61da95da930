//! `labyard webhook …`

use std::process::ExitCode;

use api::webhook::{ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Outcome, Webhook};
use clap::Subcommand;
use domain::{WebhookId, WorkspaceId};

use crate::{
    failure::{Done, Failure},
    lookup,
    output::{self, Format},
    pages,
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the webhooks of a workspace
    List(Where),
    /// Send a workspace's events to an address; the secret is shown once
    Create(Create),
    /// Send a test event now and say how it went
    Test(Which),
    /// Show what was tried in the last 30 days, newest first
    Log(Log),
    /// Turn a webhook on again; it goes on where it stood
    On(Which),
    /// Turn a webhook off; what happens meanwhile waits
    Off(Which),
    /// Make another secret, shown once; the one before signs along for a day
    RenewSecret(Which),
    /// Delete a webhook
    Delete(Which),
}

#[derive(clap::Args)]
pub(crate) struct Where {
    /// The workspace's name or ID; your own if absent
    #[arg(long)]
    workspace: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// Where the events go: https://…
    url: String,
    /// Only events of this type, like cluster.changed; as often as you like
    #[arg(long = "type")]
    types: Vec<String>,
    #[command(flatten)]
    place: Where,
}

#[derive(clap::Args)]
pub(crate) struct Which {
    /// The webhook's ID
    webhook: WebhookId,
}

#[derive(clap::Args)]
pub(crate) struct Log {
    #[command(flatten)]
    which: Which,
    /// Only what did not go through
    #[arg(long)]
    failed: bool,
}

impl Verb {
    pub(crate) async fn run(self, session: &mut Session) -> Done {
        match self {
            Self::List(place) => list(session, &place).await,
            Self::Create(create) => create.run(session).await,
            Self::Test(Which { webhook }) => test(session, webhook).await,
            Self::Log(log) => log.run(session).await,
            Self::On(Which { webhook }) => switch(session, webhook, true).await,
            Self::Off(Which { webhook }) => switch(session, webhook, false).await,
            Self::RenewSecret(Which { webhook }) => {
                let made = session
                    .call(|client| async move { client.renew_webhook_secret(webhook).await })
                    .await?;
                show_secret(session.format, &made)
            }
            Self::Delete(Which { webhook }) => {
                session
                    .call(|client| async move { client.delete_webhook(webhook).await })
                    .await?;
                output::complain("The webhook is deleted.");
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Where {
    async fn find(&self, session: &mut Session) -> Result<WorkspaceId, Failure> {
        if let Some(name) = &self.workspace {
            return Ok(session.workspace(name, None).await?.id);
        }
        // One's own organization is the first, and its workspace the first of it.
        let mine = lookup::workspaces(session, None).await?;
        let first = mine.first().map(|workspace| workspace.id);
        first.ok_or(Failure::Usage {
            what: "You have no workspace.",
            help: "labyard workspace list",
        })
    }
}

async fn list(session: &mut Session, place: &Where) -> Done {
    let workspace = place.find(session).await?;
    let webhooks = session
        .call(|client| async move { client.webhooks(workspace).await })
        .await?
        .items;
    match session.format {
        Format::Json => output::json(&webhooks)?,
        Format::Table if webhooks.is_empty() => {
            output::complain("There is none. Make one: labyard webhook create https://…");
        }
        Format::Table => show(&webhooks)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Create {
    async fn run(self, session: &mut Session) -> Done {
        let workspace = self.place.find(session).await?;
        let wanted = &CreateWebhook {
            url: self.url,
            types: self.types,
        };
        let made = session
            .call(|client| async move { client.create_webhook(workspace, wanted).await })
            .await?;
        show_secret(session.format, &made)
    }
}

/// The secret as the result, the rest beside it.
fn show_secret(format: Format, made: &NewWebhook) -> Done {
    match format {
        Format::Json => output::json(made)?,
        Format::Table => {
            let id = made.webhook.id;
            output::complain(&format!(
                "{id} signs with this secret, which is not shown again. Try it: labyard webhook test {id}"
            ));
            output::say(made.secret.expose())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn switch(session: &mut Session, webhook: WebhookId, on: bool) -> Done {
    let wanted = &ChangeWebhook {
        enabled: Some(on),
        ..ChangeWebhook::default()
    };
    let changed = session
        .call(|client| async move { client.change_webhook(webhook, wanted).await })
        .await?;
    match session.format {
        Format::Json => output::json(&changed)?,
        Format::Table => show(&[changed])?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails if the event did not get there.
async fn test(session: &mut Session, webhook: WebhookId) -> Done {
    let tried = session
        .call(|client| async move { client.test_webhook(webhook).await })
        .await?;
    match session.format {
        Format::Json => output::json(&tried)?,
        Format::Table => show_log(std::slice::from_ref(&tried))?,
    }
    Ok(match tried.outcome {
        Outcome::Delivered => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

impl Log {
    async fn run(self, session: &mut Session) -> Done {
        let id = self.which.webhook;
        let failed = self.failed;
        let tried = pages::all(session, "deliveries", |client, from| async move {
            let mut query = pages::query(&from);
            query.extend(failed.then_some(("status", Outcome::Failed.as_str())));
            client.deliveries(id, &query).await
        })
        .await?;
        match session.format {
            Format::Json => output::json(&tried)?,
            Format::Table if tried.is_empty() => {
                output::complain("Nothing was sent in the last 30 days.");
            }
            Format::Table => show_log(&tried)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn show(webhooks: &[Webhook]) -> Result<(), Failure> {
    let head = ["address", "types", "state", "id"];
    output::say(&output::table(&head, webhooks.iter().map(row).collect()))
}

fn row(webhook: &Webhook) -> Vec<String> {
    let types = match webhook.types.is_empty() {
        true => "all".to_owned(),
        false => webhook.types.join(", "),
    };
    vec![
        webhook.url.clone(),
        types,
        state(webhook),
        webhook.id.to_string(),
    ]
}

fn state(webhook: &Webhook) -> String {
    match (webhook.enabled, &webhook.off_because, webhook.failing_since) {
        (false, Some(because), _) => format!("off: {because}"),
        (false, None, _) => "off".into(),
        (true, _, Some(since)) => format!("failing since {since}"),
        (true, _, None) => "on".into(),
    }
}

fn show_log(tried: &[Delivery]) -> Result<(), Failure> {
    let head = ["when", "type", "try", "outcome", "took", "why"];
    let rows = tried.iter().map(|one| {
        vec![
            one.at.to_string(),
            one.kind.clone(),
            one.attempt.to_string(),
            one.outcome.as_str().to_owned(),
            format!("{} ms", one.took_millis),
            one.detail.clone().unwrap_or_default(),
        ]
    });
    output::say(&output::table(&head, rows.collect()))
}
