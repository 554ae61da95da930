//! What a service says of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /health`, `/api/health`, `/readyz`: 200 when `status` is `ok`, else 503.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok` or `unavailable`
    pub status: String,
    pub service: String,
    pub version: String,
    /// What it needs, each with `ok`, or where it is, or what is wrong.
    pub checks: Vec<Check>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    pub name: String,
    pub ok: bool,
    pub message: String,
}
