//! Users, logins and tokens.

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

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// `usr_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: UserId,
    /// Email address in lower case, unique among users.
    pub email: String,
    /// The name that others see, 1 to 100 characters.
    pub name: String,
    /// Whether the user is an administrator of the installation: hosts, warm pool, reset links, the whole audit log.
    pub is_admin: bool,
    /// When the user registered.
    pub created_at: Timestamp,
}

/// Body of `POST /api/v1/auth/register`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Register {
    /// Address to log in with, at most 254 characters. It is stored in lower case; 409 if it is taken.
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: String,
    /// 10 to 200 characters.
    #[schemars(length(min = limits::PASSWORD_MIN, max = limits::PASSWORD_MAX))]
    #[serde(serialize_with = "sent")]
    pub password: Secret,
    /// The name that others see, 1 to 100 characters. If absent, the part of the address before the `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: Option<String>,
    /// Token of an invitation; the new user joins its organization at once. Needed where
    /// registration is by invitation only.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub invitation: Option<Secret>,
}

/// Body of `POST /api/v1/auth/session` and, as JSON, of `POST /api/v1/auth/token`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Login {
    /// The user's email address; case doesn't matter.
    pub email: String,
    /// The user's password; case matters.
    #[serde(serialize_with = "sent")]
    pub password: Secret,
}

/// `grant_type` for an email address and a password, and the one taken if absent.
pub const PASSWORD_GRANT: &str = "password";
/// `grant_type` for a device's code (RFC 8628).
pub const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
/// `grant_type` for a pipeline's token (RFC 8693).
pub const EXCHANGE_GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// Body of `POST /api/v1/auth/token` as an OAuth2 form. `grant_type` decides which other fields are needed.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct TokenForm {
    /// `password` (taken if absent), `urn:ietf:params:oauth:grant-type:device_code` (RFC 8628) or
    /// `urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// For `password`: the user's email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// For `password`: the user's password; case matters.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub password: Option<Secret>,
    /// For a device: the `device_code` of `POST /api/v1/auth/device`.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub device_code: Option<Secret>,
    /// For an exchange: ID of the trust, `tru_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// For an exchange: the JWT that the pipeline's provider issued.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub subject_token: Option<Secret>,
    /// For an exchange: `urn:ietf:params:oauth:token-type:jwt` or `urn:ietf:params:oauth:token-type:id_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_token_type: Option<String>,
}

/// Tokens for a program that has logged in.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// A JWT for `Authorization: Bearer`.
    #[serde(serialize_with = "sent")]
    pub access_token: Secret,
    /// Always `bearer`.
    pub token_type: String,
    /// Seconds until the access token expires: 3600, for a pipeline as many as its trust allows.
    pub expires_in: u64,
    /// For `POST /api/v1/auth/refresh`, until 30 days after the login. Absent for a pipeline, whose
    /// login ends with the access token.
    #[serde(
        default,
        serialize_with = "sent_if",
        skip_serializing_if = "Option::is_none"
    )]
    pub refresh_token: Option<Secret>,
    /// For an exchange: what `access_token` is (RFC 8693). Absent otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<String>,
}

/// Body of `POST /api/v1/auth/refresh`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Refresh {
    /// The newest refresh token. One that was replaced more than 10 s ago ends the login.
    #[serde(serialize_with = "sent")]
    pub refresh_token: Secret,
}

/// Answer of `POST /api/v1/auth/stream-token`: a token for `?token=` on the stream routes, and good for nothing else.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct StreamToken {
    /// The value for `?token=`; usable several times until it expires.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
    /// Seconds until the token expires: 60. A stream that is open by then stays open.
    pub expires_in: u64,
}

/// Answer of `GET /api/v1/auth/me`: the caller and what they belong to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Me {
    /// The caller.
    pub user: User,
    /// The login or API token that asks.
    pub session_id: SessionId,
    /// The caller's organizations, the personal one first.
    pub organizations: Vec<Membership>,
    /// The workspaces of these organizations.
    pub workspaces: Vec<Workspace>,
    /// Limits of the API token that asks; absent for a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Whether the caller has a password. Without one they log in through an identity provider only.
    #[serde(default)]
    pub has_password: bool,
    /// How clusters are isolated on this installation's hosts. `dev` means plain containers: root in
    /// a cluster is root on its host.
    pub isolation: String,
}

/// The caller's membership in an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Membership {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Name of the organization.
    pub name: String,
    /// The caller's role in it.
    pub role: Role,
    /// What the role allows. Shares, and having created a cluster, may allow more.
    #[serde(default)]
    pub actions: Vec<Action>,
    /// Whether this is the caller's personal organization, which came with the account and has no other members.
    pub personal: bool,
}

/// A workspace, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workspace {
    /// `ws_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: WorkspaceId,
    /// The organization that it belongs to.
    pub organization_id: OrganizationId,
    /// Name, unique in the organization.
    pub name: String,
}
