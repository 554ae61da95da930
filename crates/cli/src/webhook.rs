//! `labyard webhook …`

use std::process::ExitCode;

use api::webhook::{ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Outcome, Webhook};
use clap::Subcommand;
use domain::{WebhookId, WorkspaceId};

use crate::{
    confirm::Sure,
    failure::{Done, Failure},
    lookup,
    output::{self, Format, Shown},
    pages,
    session::Session,
};

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// List the webhooks of a workspace
    #[command(visible_alias = "ls")]
    List(Where),
    /// Create a webhook for a workspace's events; its secret is shown once
    Create(Create),
    /// Send a test event and show the result
    Test(Which),
    /// Show the deliveries of the last 30 days, newest first
    Log(Log),
    /// Turn a webhook on; deliveries continue where they stopped
    On(Which),
    /// Turn a webhook off; events wait until it is on again
    Off(Which),
    /// Renew the secret, which is shown once; the old one stays valid for a day
    RenewSecret(Which),
    /// Delete a webhook
    #[command(visible_alias = "rm")]
    Delete(Delete),
}

#[derive(clap::Args)]
pub(crate) struct Where {
    /// The workspace's name or ID; by default your own
    #[arg(long)]
    workspace: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Create {
    /// The address for the events: https://…
    url: String,
    /// Only events of this type, like cluster.changed; repeatable
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
pub(crate) struct Delete {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    sure: Sure,
}

#[derive(clap::Args)]
pub(crate) struct Log {
    #[command(flatten)]
    which: Which,
    /// Only failures
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
            Self::Delete(delete) => {
                let webhook = delete.which.webhook;
                delete
                    .sure
                    .ask("Delete the webhook? Deliveries stop, and its log is deleted.")?;
                session
                    .call(|client| async move { client.delete_webhook(webhook).await })
                    .await?;
                output::complain("Webhook deleted.");
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
        first.ok_or_else(|| Failure::usage("You have no workspace.", "See: labyard workspace list"))
    }
}

async fn list(session: &mut Session, place: &Where) -> Done {
    let workspace = place.find(session).await?;
    let webhooks = session
        .call(|client| async move { client.webhooks(workspace).await })
        .await?
        .items;
    let none = "No webhooks. Create one: labyard webhook create https://…";
    output::list(session.format, &webhooks, none)?;
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
    if !output::data(format, made)? {
        let id = made.webhook.id;
        output::complain(&format!(
            "The secret that signs deliveries of {id}. It isn't shown again. Try it: labyard webhook test {id}"
        ));
        output::print(made.secret.expose())?;
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
    output::one(session.format, &changed)?;
    Ok(ExitCode::SUCCESS)
}

/// Fails if the event did not get there.
async fn test(session: &mut Session, webhook: WebhookId) -> Done {
    let tried = session
        .call(|client| async move { client.test_webhook(webhook).await })
        .await?;
    output::one(session.format, &tried)?;
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
        output::list(session.format, &tried, "No deliveries in the last 30 days.")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl Shown for Webhook {
    const HEAD: &'static [&'static str] = &["address", "types", "state", "id"];

    fn name(&self) -> String {
        self.id.to_string()
    }

    fn row(&self) -> Vec<String> {
        let types = match self.types.is_empty() {
            true => "all".to_owned(),
            false => self.types.join(", "),
        };
        vec![self.url.clone(), types, state(self), self.id.to_string()]
    }
}

fn state(webhook: &Webhook) -> String {
    match (webhook.enabled, &webhook.off_because, webhook.failing_since) {
        (false, Some(because), _) => format!("off: {because}"),
        (false, None, _) => "off".into(),
        (true, _, Some(since)) => format!("failing since {since}"),
        (true, _, None) => "on".into(),
    }
}

impl Shown for Delivery {
    const HEAD: &'static [&'static str] = &["when", "type", "try", "outcome", "took", "why"];
    const WIDE: &'static [&'static str] = &["event"];

    fn name(&self) -> String {
        self.event_id.to_string()
    }

    fn row(&self) -> Vec<String> {
        vec![
            self.at.to_string(),
            self.kind.clone(),
            self.attempt.to_string(),
            self.outcome.as_str().to_owned(),
            format!("{} ms", self.took_millis),
            self.detail.clone().unwrap_or_default(),
        ]
    }

    fn wide(&self) -> Vec<String> {
        vec![self.event_id.to_string()]
    }
}
