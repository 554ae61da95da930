//! One's own account: logins, password, API tokens.

use domain::{Scope, SessionId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, object};

/// One login, as `GET /api/v1/auth/sessions` lists it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Session {
    pub id: SessionId,
    /// `browser` or `machine`.
    pub kind: String,
    /// Where it was begun from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub created_at: Timestamp,
    /// To the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Timestamp,
    /// The one that asks.
    pub current: bool,
}

/// `POST /api/v1/auth/password`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangePassword {
    /// The one so far.
    pub password: String,
    /// 10 to 200 characters.
    #[schemars(length(min = limits::PASSWORD_MIN, max = limits::PASSWORD_MAX))]
    pub new_password: String,
}

/// `PATCH /api/v1/auth/me`: what is absent stays.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangeAccount {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: Option<String>,
    /// Needed for another address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// `DELETE /api/v1/auth/me`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct DeleteAccount {
    pub password: String,
}

/// `POST /api/v1/auth/reset-links`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateResetLink {
    /// Whose password may be chosen anew.
    pub email: String,
}

/// A link that lets somebody choose a new password, once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResetLink {
    pub url: String,
    pub token: String,
    pub expires_at: Timestamp,
}

/// `POST /api/v1/auth/reset`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct ResetPassword {
    /// Of a reset link.
    pub token: String,
    /// 10 to 200 characters.
    #[schemars(length(min = limits::PASSWORD_MIN, max = limits::PASSWORD_MAX))]
    pub new_password: String,
}

/// `POST /api/v1/auth/tokens`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateApiToken {
    /// What it is for, in your words.
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: String,
    #[serde(deserialize_with = "object::only")]
    pub scope: Scope,
    /// Days until it ends, 1 to 366; 90 if absent.
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
    pub id: SessionId,
    pub name: String,
    /// What comes before the secret, to know it by: `lby_0123abcd`.
    pub prefix: String,
    pub scope: Scope,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// To the minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}

/// A token that was just made: its secret is shown here and never again.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewApiToken {
    pub api_token: ApiToken,
    /// For `Authorization: Bearer`.
    pub token: String,
}
