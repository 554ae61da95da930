//! Logins by a provider of identities (OpenID Connect), and who somebody is there.

use domain::IdentityId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp, secret::sent_if};

/// A provider that people may log in with, as `GET /api/v1/auth/providers` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provider {
    /// What its addresses are made of: `/api/v1/auth/oidc/<id>`.
    pub id: String,
    /// What its button says.
    pub label: String,
}

/// `POST /api/v1/auth/oidc/{provider}`
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct BeginLogin {
    /// The page of ours to come back to; the dashboard if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The token of an invitation: whoever comes back is a member at once.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub invitation: Option<Secret>,
}

/// Where the browser goes now: the provider's page. It comes back by itself, within ten minutes.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct BegunLogin {
    pub url: String,
}

/// `POST /api/v1/auth/identities`: connects the account of a provider to one's own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ConnectIdentity {
    /// The provider's ID.
    pub provider: String,
}

/// Who one is at a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    pub id: IdentityId,
    /// The provider's ID.
    pub provider: String,
    /// What the provider calls them.
    pub subject: String,
    /// As the provider said it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
}

/// Why a login by a provider ended without one: `?refused=` of the page the browser comes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefusedLogin {
    /// The provider does not answer, or not as it should.
    ProviderAway,
    /// It was begun too long ago, in another browser, or ended before.
    Stale,
    /// The provider said no, or the person did.
    Denied,
    /// What the provider said is not proven.
    Untrusted,
    /// The provider does not vouch for an e-mail address.
    Unverified,
    /// The address is not of a domain that may come in.
    OtherDomain,
    /// Nobody can register here, or not without an invitation.
    Closed,
    /// The address is somebody's already: log in, and connect the provider.
    EmailTaken,
    /// That account of the provider is connected to somebody else.
    IdentityTaken,
    /// The invitation is not good, or not for this address.
    Invitation,
    /// A reason of a later version than this reader.
    #[serde(other)]
    Unknown,
}

impl RefusedLogin {
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
