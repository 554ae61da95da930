//! Webhooks of a workspace, and what became of what they sent.

use domain::{WebhookId, WorkspaceId};
use reqwest::Method;

use super::{error::Error, handle::Client, send::Again};
use crate::{
    Page,
    webhook::{ChangeWebhook, CreateWebhook, Delivery, NewWebhook, Webhook},
};

fn path(id: WebhookId) -> String {
    format!("/api/v1/webhooks/{id}")
}

impl Client {
    /// Those of a workspace; there are few, and no second page.
    pub async fn webhooks(&self, workspace: WorkspaceId) -> Result<Page<Webhook>, Error> {
        self.get(&format!("/api/v1/workspaces/{workspace}/webhooks"))
            .await
    }

    /// The answer is the only time its secret is shown.
    pub async fn create_webhook(
        &self,
        workspace: WorkspaceId,
        wanted: &CreateWebhook,
    ) -> Result<NewWebhook, Error> {
        let path = format!("/api/v1/workspaces/{workspace}/webhooks");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, Error> {
        self.get(&path(id)).await
    }

    pub async fn change_webhook(
        &self,
        id: WebhookId,
        wanted: &ChangeWebhook,
    ) -> Result<Webhook, Error> {
        self.patch(&path(id), wanted).await
    }

    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), Error> {
        self.remove(&path(id)).await
    }

    /// Another secret, shown this once.
    pub async fn renew_webhook_secret(&self, id: WebhookId) -> Result<NewWebhook, Error> {
        let path = format!("{}/secret", path(id));
        Ok(self.change_without_body(Method::POST, &path, None).await?.0)
    }

    /// Sends a test event; the answer says how it went.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<Delivery, Error> {
        let path = format!("{}/test", path(id));
        Ok(self.change_without_body(Method::POST, &path, None).await?.0)
    }

    /// One page of what was tried, newest first.
    pub async fn deliveries(
        &self,
        id: WebhookId,
        query: &[(&str, &str)],
    ) -> Result<Page<Delivery>, Error> {
        let path = format!("{}/deliveries", path(id));
        Ok(self.page(&path, query).await?.0)
    }
}
