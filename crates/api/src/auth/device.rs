//! A program without a browser logs in by one elsewhere (RFC 8628).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Secret, Timestamp, secret::sent};

/// `POST /api/v1/auth/device`
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct BeginDevice {
    /// What asks, as whoever decides will see it: a program and a machine. At most 80 characters are kept.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "client_id")]
    pub client: Option<String>,
}

/// The two codes: one the program keeps, one it shows.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct BegunDevice {
    /// For `POST /api/v1/auth/token`.
    #[serde(serialize_with = "sent")]
    pub device_code: Secret,
    /// `BCDF-GHJK`; case and dashes do not matter.
    pub user_code: String,
    /// Where the code is typed in.
    pub verification_uri: String,
    /// The same with the code in it, behind the `#`.
    pub verification_uri_complete: String,
    /// Seconds until both are good no more.
    pub expires_in: u32,
    /// Seconds between two asks.
    pub interval: u32,
}

/// `POST /api/v1/auth/device/look`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct UserCode {
    pub user_code: String,
}

/// Who asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AskingDevice {
    /// In its own words.
    pub client: String,
    /// Where it asks from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// `POST /api/v1/auth/device/decide`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct DecideDevice {
    pub user_code: String,
    /// Let it in as oneself; else it is told no.
    pub approve: bool,
}
