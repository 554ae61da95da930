//! The health of a service, as it reports it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Answer of `GET /health`, `/api/health` and `/readyz`: 200 if `status` is `ok`, else 503.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    /// `ok` or `unavailable`.
    pub status: String,
    /// The service that answers, like `api-gateway`.
    pub service: String,
    /// Its version, like `0.1.0`.
    pub version: String,
    /// What the service needs, one entry each.
    pub checks: Vec<Check>,
}

/// One thing that a service or a host needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// What is checked, like `database`.
    pub name: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// Its state in words: `ok`, where it is, or what is wrong.
    pub message: String,
}
