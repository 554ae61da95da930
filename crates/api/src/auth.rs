//! People, logins and tokens.

pub mod account;
pub mod device;
pub mod oidc;

use domain::{Action, OrganizationId, Role, Scope, SessionId, UserId, WorkspaceId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp,
    secret::{Secret, sent, sent_if},
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    pub id: UserId,
    /// Lower-case.
    pub email: String,
    pub name: String,
    /// Looks after the installation: hosts, flags, all audit.
    pub is_admin: bool,
    pub created_at: Timestamp,
}

/// `POST /api/v1/auth/register`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Register {
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: String,
    /// 10 to 200 characters.
    #[schemars(length(min = limits::PASSWORD_MIN, max = limits::PASSWORD_MAX))]
    #[serde(serialize_with = "sent")]
    pub password: Secret,
    /// How others see you; the part before the `@` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: Option<String>,
    /// The token of an invitation: the new user is a member at once. Needed where registration is by invitation.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub invitation: Option<Secret>,
}

/// `POST /api/v1/auth/session` and, as JSON, `POST /api/v1/auth/token`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Login {
    pub email: String,
    #[serde(serialize_with = "sent")]
    pub password: Secret,
}

/// The grants of `POST /api/v1/auth/token` as an OAuth2 form.
pub const PASSWORD_GRANT: &str = "password";
pub const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub const EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// `POST /api/v1/auth/token` as an OAuth2 form: which fields are needed follows from the grant.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct TokenForm {
    /// `password` if absent; `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628) or
    /// `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// Of a password: the e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub password: Option<Secret>,
    /// Of a device: the code that it keeps.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub device_code: Option<Secret>,
    /// Of an exchange: the trust's ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Of an exchange: the token of the pipeline's provider.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub subject_token: Option<Secret>,
    /// Of an exchange: `urn:ietf:params:oauth:token-type:jwt` or `…:id_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_token_type: Option<String>,
}

/// What a machine logs in with from now on.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// A JWT for `Authorization: Bearer`.
    #[serde(serialize_with = "sent")]
    pub access_token: Secret,
    /// `bearer`
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    /// None for a pipeline: its login ends by itself.
    #[serde(
        default,
        serialize_with = "sent_if",
        skip_serializing_if = "Option::is_none"
    )]
    pub refresh_token: Option<Secret>,
    /// Of an exchange: what `access_token` is (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<String>,
}

/// `POST /api/v1/auth/refresh`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Refresh {
    #[serde(serialize_with = "sent")]
    pub refresh_token: Secret,
}

/// `POST /api/v1/auth/stream-token`: good for `?token=` on the stream routes alone.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct StreamToken {
    #[serde(serialize_with = "sent")]
    pub token: Secret,
    /// Seconds.
    pub expires_in: u64,
}

/// `GET /api/v1/auth/me`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    pub user: User,
    pub session_id: SessionId,
    pub organizations: Vec<Membership>,
    pub workspaces: Vec<Workspace>,
    /// What the API token that asks is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Without one they come in by a provider of identities alone.
    #[serde(default)]
    pub has_password: bool,
    /// How labs are kept apart on this installation's hosts: `dev` is plain containers.
    pub isolation: String,
}

/// The caller's place in an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    pub organization_id: OrganizationId,
    pub name: String,
    pub role: Role,
    /// What that role lets them do there; shares and what they made themselves may allow more.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Made with the user and theirs alone.
    pub personal: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub organization_id: OrganizationId,
    pub name: String,
}
