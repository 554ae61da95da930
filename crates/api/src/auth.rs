//! People, logins and tokens.

pub mod account;

use domain::{Action, OrganizationId, Role, Scope, SessionId, UserId, WorkspaceId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;

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
    pub password: String,
    /// How others see you; the part before the `@` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: Option<String>,
    /// The token of an invitation: the new user is a member at once. Needed where registration is by invitation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<String>,
}

/// `POST /api/v1/auth/session` and, as JSON, `POST /api/v1/auth/token`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Login {
    pub email: String,
    pub password: String,
}

/// `POST /api/v1/auth/token` as an OAuth2 password form.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct TokenForm {
    pub username: String,
    pub password: String,
    /// `password`, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
}

/// What a machine logs in with from now on.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Tokens {
    /// A JWT for `Authorization: Bearer`.
    pub access_token: String,
    /// `bearer`
    pub token_type: String,
    /// Seconds.
    pub expires_in: u64,
    pub refresh_token: String,
}

/// `POST /api/v1/auth/refresh`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct Refresh {
    pub refresh_token: String,
}

/// `POST /api/v1/auth/stream-token`: good for `?token=` on the stream routes alone.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct StreamToken {
    pub token: String,
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
