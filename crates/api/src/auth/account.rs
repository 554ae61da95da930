//! The caller's own account: logins, password, API tokens.

use domain::{Scope, SessionId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp, object,
    secret::{Secret, sent, sent_if},
};

/// A login, as `GET /api/v1/auth/sessions` lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    /// For `DELETE /api/v1/auth/sessions/{session_id}`.
    pub id: SessionId,
    /// `browser` or `machine`.
    pub kind: String,
    /// IP address it was started from; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// When it was started.
    pub created_at: Timestamp,
    /// Last request with it, to the minute; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// When it ends unless it is used before. A browser's login is extended with each use, to 30 days at most.
    pub expires_at: Timestamp,
    /// Whether this is the login that asks.
    pub current: bool,
}

/// Body of `POST /api/v1/auth/password`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangePassword {
    /// The current password. Ignored for users who have none; they must have logged in within the last 10 minutes.
    #[serde(serialize_with = "sent")]
    pub password: Secret,
    /// 10 to 200 characters.
    #[schemars(length(min = limits::PASSWORD_MIN, max = limits::PASSWORD_MAX))]
    #[serde(serialize_with = "sent")]
    pub new_password: Secret,
}

/// Body of `PATCH /api/v1/auth/me`. Absent fields stay as they are.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangeAccount {
    /// The new name, 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: Option<String>,
    /// The new email address, at most 254 characters; 409 if it is taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: Option<String>,
    /// The current password; needed for a new address.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub password: Option<Secret>,
}

/// Body of `DELETE /api/v1/auth/me`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeleteAccount {
    /// The current password. Ignored for users who have none; they must have logged in within the last 10 minutes.
    #[serde(serialize_with = "sent")]
    pub password: Secret,
}

/// Body of `POST /api/v1/auth/reset-links`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateResetLink {
    /// Email address of the user who may choose a new password.
    pub email: String,
}

/// A link that lets anyone who has it choose a new password for its user, once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResetLink {
    /// The page with the token behind a `#`, for sending to the user.
    #[serde(serialize_with = "sent")]
    pub url: Secret,
    /// The token alone, for `POST /api/v1/auth/reset`.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
    /// When it expires, 24 hours after it was created.
    pub expires_at: Timestamp,
}

/// Body of `POST /api/v1/auth/reset`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResetPassword {
    /// The token of a reset link.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
    /// 10 to 200 characters.
    #[schemars(length(min = limits::PASSWORD_MIN, max = limits::PASSWORD_MAX))]
    #[serde(serialize_with = "sent")]
    pub new_password: Secret,
}

/// Body of `POST /api/v1/auth/tokens`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateApiToken {
    /// What it is for, in your own words; 1 to 100 characters.
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: String,
    /// What the token may do, and where.
    #[serde(deserialize_with = "object::only")]
    pub scope: Scope,
    /// Days until the token expires, 1 to 366; 90 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::API_TOKEN_DAYS_MAX))]
    pub days: Option<u32>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiToken {
    /// For `DELETE /api/v1/auth/tokens/{token_id}`.
    pub id: SessionId,
    /// What it is for, in its user's words.
    pub name: String,
    /// The part before the secret, for recognizing the token: `lby_0123abcd`.
    pub prefix: String,
    /// What the token may do, and where.
    pub scope: Scope,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// Last request with it, to the minute; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// A new API token. Only this answer shows its secret.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewApiToken {
    /// The token as lists show it.
    pub api_token: ApiToken,
    /// The secret, for `Authorization: Bearer`.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
}
