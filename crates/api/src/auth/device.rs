//! Logins of programs without a browser, approved in a browser elsewhere (RFC 8628).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp, secret::sent};

/// Body of `POST /api/v1/auth/device`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct BeginDevice {
    /// The program and its machine, as the person who approves will see it, like `labyard on box`. 80 characters are
    /// kept. OAuth clients send it as `client_id`.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "client_id")]
    pub client: Option<String>,
}

/// Answer of `POST /api/v1/auth/device`: a code for the program to keep and one for it to show.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct BegunDevice {
    /// The code to keep, for `POST /api/v1/auth/token`.
    #[serde(serialize_with = "sent")]
    pub device_code: Secret,
    /// The code to show, like `BCDF-GHJK`; case and dashes don't matter.
    pub user_code: String,
    /// The page on which the person enters the code.
    pub verification_uri: String,
    /// The same page with the code behind the `#`.
    pub verification_uri_complete: String,
    /// Seconds until both codes expire: 600.
    pub expires_in: u32,
    /// Seconds to wait between two requests for the tokens.
    pub interval: u32,
}

/// Body of `POST /api/v1/auth/device/look`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct UserCode {
    /// The code that the program shows, like `BCDF-GHJK`; case and dashes don't matter.
    pub user_code: String,
}

/// The program that shows a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskingDevice {
    /// The program and its machine, in its own words; nobody has checked them.
    pub client: String,
    /// IP address it asks from; absent if unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// When it asked for the code.
    pub created_at: Timestamp,
    /// When the code expires.
    pub expires_at: Timestamp,
}

/// Body of `POST /api/v1/auth/device/decide`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecideDevice {
    /// The code that the program shows, like `BCDF-GHJK`; case and dashes don't matter.
    pub user_code: String,
    /// True to log the program in as the caller, false to deny it.
    pub approve: bool,
}
