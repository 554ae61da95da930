//! Logins through an identity provider (OpenID Connect), and users' accounts there.

use domain::IdentityId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp, secret::sent_if};

/// An identity provider that people may log in with, as `GET /api/v1/auth/providers` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provider {
    /// Its name in paths, as in `/api/v1/auth/oidc/{provider}`.
    pub id: String,
    /// Its name for people, for a button.
    pub label: String,
}

/// Body of `POST /api/v1/auth/oidc/{provider}`.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct BeginLogin {
    /// Path of the page to return to, like `/clusters`; the dashboard if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Token of an invitation; the user joins its organization on returning.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub invitation: Option<Secret>,
}

/// Where to send the browser. The provider sends it back, which must happen within 10 minutes.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct BegunLogin {
    /// Address of the provider's page.
    pub url: String,
}

/// Body of `POST /api/v1/auth/identities`, which connects a provider account to the caller's account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ConnectIdentity {
    /// The provider's ID, from `GET /api/v1/auth/providers`.
    pub provider: String,
}

/// A user's account at an identity provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// For `DELETE /api/v1/auth/identities/{identity_id}`.
    pub id: IdentityId,
    /// The provider's ID.
    pub provider: String,
    /// The provider's own ID for the user (`sub`).
    pub subject: String,
    /// Email address at the provider, as of the last login; absent if the provider names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it was connected.
    pub created_at: Timestamp,
    /// The last login with it.
    pub last_used_at: Timestamp,
}

/// Why a login through a provider failed: `?refused=` of the page that the browser returns to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedLogin {
    /// The provider doesn't answer, or not as it should.
    ProviderAway,
    /// The login was started too long ago or in another browser, or has ended already.
    Stale,
    /// The provider or the person refused.
    Denied,
    /// The provider's answer can't be verified.
    Untrusted,
    /// The provider hasn't verified an email address.
    Unverified,
    /// The email address isn't in an allowed domain.
    OtherDomain,
    /// Registration is closed, or needs an invitation.
    Closed,
    /// Another account has this email address: log in to that one and connect the provider.
    EmailTaken,
    /// The provider account is connected to another user.
    IdentityTaken,
    /// The invitation isn't valid, or is for another email address.
    Invitation,
    /// A reason from a newer version than this reader.
    #[serde(other)]
    Unknown,
}

impl RefusedLogin {
    /// The word in `?refused=`: `provider_away`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProviderAway => "provider_away",
            Self::Stale => "stale",
            Self::Denied => "denied",
            Self::Untrusted => "untrusted",
            Self::Unverified => "unverified",
            Self::OtherDomain => "other_domain",
            Self::Closed => "closed",
            Self::EmailTaken => "email_taken",
            Self::IdentityTaken => "identity_taken",
            Self::Invitation => "invitation",
            Self::Unknown => "unknown",
        }
    }
}
