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
    /// A workspace's webhooks, oldest first; all are on one page.
    ///
    /// # Errors
    /// When there is no such workspace (`not_found`), or the caller isn't an admin of its organization.
    pub async fn webhooks(&self, workspace: WorkspaceId) -> Result<Page<Webhook>, Error> {
        self.get(&format!("/api/v1/workspaces/{workspace}/webhooks"))
            .await
    }

    /// Creates a webhook. Only this answer has its secret.
    ///
    /// # Errors
    /// When a field isn't valid, the workspace has too many (`quota_exceeded`), or the caller
    /// isn't an admin of its organization.
    pub async fn create_webhook(
        &self,
        workspace: WorkspaceId,
        wanted: &CreateWebhook,
    ) -> Result<NewWebhook, Error> {
        let path = format!("/api/v1/workspaces/{workspace}/webhooks");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// One webhook.
    ///
    /// # Errors
    /// When there is none that the caller may see (`not_found`).
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, Error> {
        self.get(&path(id)).await
    }

    /// Changes a webhook's address or types, or turns it off or on.
    ///
    /// # Errors
    /// When a field isn't valid, or there is no such webhook (`not_found`).
    pub async fn change_webhook(
        &self,
        id: WebhookId,
        wanted: &ChangeWebhook,
    ) -> Result<Webhook, Error> {
        self.patch(&path(id), wanted).await
    }

    /// Deletes a webhook.
    ///
    /// # Errors
    /// When there is no such webhook (`not_found`).
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), Error> {
        self.remove(&path(id)).await
    }

    /// Gives a webhook a new secret. Only this answer has it.
    ///
    /// # Errors
    /// When there is no such webhook (`not_found`).
    pub async fn renew_webhook_secret(&self, id: WebhookId) -> Result<NewWebhook, Error> {
        let path = format!("{}/secret", path(id));
        Ok(self.change_without_body(Method::POST, &path, None).await?.0)
    }

    /// Sends a test event; the answer says how it went.
    ///
    /// # Errors
    /// When there is no such webhook (`not_found`).
    pub async fn test_webhook(&self, id: WebhookId) -> Result<Delivery, Error> {
        let path = format!("{}/test", path(id));
        Ok(self.change_without_body(Method::POST, &path, None).await?.0)
    }

    /// One page of a webhook's deliveries, newest first.
    ///
    /// # Errors
    /// When there is no such webhook (`not_found`), or the query isn't valid.
    pub async fn deliveries(
        &self,
        id: WebhookId,
        query: &[(&str, &str)],
    ) -> Result<Page<Delivery>, Error> {
        let path = format!("{}/deliveries", path(id));
        Ok(self.page(&path, query).await?.0)
    }
}
