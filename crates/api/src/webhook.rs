//! Webhooks: addresses that a workspace's events are sent to, and what became of each delivery.

use domain::{EventId, OrganizationId, UserId, WebhookId, WorkspaceId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    secret::{Secret, sent},
};

/// An address that the events of a workspace are sent to, signed as Standard Webhooks says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Webhook {
    /// `whk_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: WebhookId,
    /// The organization that the workspace belongs to.
    pub organization_id: OrganizationId,
    /// The workspace whose events are sent.
    pub workspace_id: WorkspaceId,
    /// Where they are sent, by `POST`.
    pub url: String,
    /// Types of events that are sent, like `cluster.changed`; all if empty.
    pub types: Vec<String>,
    /// Whether events are sent.
    pub enabled: bool,
    /// Why labyard turned it off; absent if it didn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_because: Option<String>,
    /// When deliveries began to fail; absent while they succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// When the failing delivery is tried again; absent while deliveries succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_try_at: Option<Timestamp>,
    /// The user who created it; absent if the account is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<UserId>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Body of `POST /api/v1/workspaces/{id}/webhooks`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateWebhook {
    /// An `https` address of at most 2048 bytes, on the public internet unless the installation allows others.
    pub url: String,
    /// Types of events to send, like `cluster.changed`; all if absent or empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
}

/// Body of `PATCH /api/v1/webhooks/{id}`. Absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ChangeWebhook {
    /// The new address, by the same rules as at the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Types of events to send from now on; all if empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<Vec<String>>,
    /// False to turn it off. True to turn it on again: it continues where it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
}

/// A webhook with a new secret. Only this answer shows the secret.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewWebhook {
    /// The webhook as lists show it.
    pub webhook: Webhook,
    /// Key of the signatures, as Standard Webhooks writes it: `whsec_` and base64.
    #[serde(serialize_with = "sent")]
    pub secret: Secret,
}

/// One attempt to deliver an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// When it was made.
    pub at: Timestamp,
    /// The event that was sent.
    pub event_id: EventId,
    /// Type of that event, like `cluster.changed`; `webhook.test` for a test.
    #[serde(rename = "type")]
    pub kind: String,
    /// Number of the attempt with this event, from 1.
    pub attempt: u32,
    /// How it went.
    pub outcome: Outcome,
    /// HTTP status of the answer; absent if there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it failed, in words; absent if it succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Milliseconds until the answer, or until it failed.
    pub took_millis: u32,
}

/// How an attempt to deliver an event went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The other side answered with a 2xx status.
    Delivered,
    /// It failed and is tried again.
    Failed,
    /// It failed and isn't tried again, because the event is too old or was a test.
    GivenUp,
    /// An outcome from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    /// Every outcome but `Unknown`.
    pub const ALL: [Self; 3] = [Self::Delivered, Self::Failed, Self::GivenUp];

    /// The word in JSON and in the database: `given_up`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::GivenUp => "given_up",
            Self::Unknown => "unknown",
        }
    }
}
