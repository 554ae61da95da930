//! Webhooks: the events of a workspace, sent to an address outside.

use domain::{EventId, OrganizationId, UserId, WebhookId, WorkspaceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    pub id: WebhookId,
    pub organization_id: OrganizationId,
    pub workspace_id: WorkspaceId,
    pub url: String,
    /// The types of events it is sent; all if empty.
    pub types: Vec<String>,
    pub enabled: bool,
    /// Why labyard turned it off, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_because: Option<String>,
    /// Since when nothing went through; absent while all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// When the event that it stands at is tried again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
    pub created_at: Timestamp,
}

/// `POST /api/v1/workspaces/{id}/webhooks`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateWebhook {
    /// `https`, and an address of the public internet unless the installation allows others.
    pub url: String,
    /// The types of events wanted; all if absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// `PATCH /api/v1/webhooks/{id}`: what is absent stays. Turned on again, it goes on where it stood.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ChangeWebhook {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// The answer to a new webhook and to a new secret: the only time that is shown.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewWebhook {
    pub webhook: Webhook,
    /// `whsec_` and the key of the signatures in base64, as Standard Webhooks has it.
    pub secret: String,
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    pub at: Timestamp,
    pub event_id: EventId,
    #[serde(rename = "type")]
    pub kind: String,
    /// 1 is the first.
    pub attempt: u32,
    pub outcome: Outcome,
    /// The HTTP status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    pub took_millis: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Delivered,
    /// It is tried again.
    Failed,
    /// It is not tried again: it happened too long ago.
    GivenUp,
    #[serde(other)]
    Unknown,
}

impl Outcome {
    pub const ALL: [Self; 3] = [Self::Delivered, Self::Failed, Self::GivenUp];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
            Self::Unknown => "unknown",
        }
    }
}
