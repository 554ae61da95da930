//! The pipelines that an organization trusts, by the claims in their provider's tokens.

use std::collections::BTreeMap;

use domain::{ScopeLevel, TrustId, UserId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, object};

/// Body of `POST /api/v1/organizations/{id}/trusts`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateTrust {
    /// Name of the member that the pipeline acts as, 1 to 100 characters.
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: String,
    /// Issuer of the pipeline's tokens, exactly as in their `iss`: `https://token.actions.githubusercontent.com`.
    pub issuer: String,
    /// The `aud` of the pipeline's tokens, 1 to 256 characters; this installation's address if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub audience: Option<String>,
    /// Claims that the token must have, at most 16, each exactly so; a `*` at the end stands for anything. At least
    /// one of `repository`, `repository_id`, `project_path`, `project_id` and `sub` is needed, without a `*`.
    pub claims: BTreeMap<String, String>,
    /// What the pipeline may do: `read`, `use` or `change`.
    pub level: ScopeLevel,
    /// Minutes that its login lasts, 1 to 60; 60 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = 60))]
    pub minutes: Option<u32>,
}

/// A rule that lets pipelines log in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// `tru_` and 32 lower-case hex digits of a UUIDv7; never reused. The pipeline sends it as
    /// `audience` when it exchanges its token.
    pub id: TrustId,
    /// Name of the member that the pipeline acts as.
    pub name: String,
    /// The member that the pipeline acts as.
    pub user_id: UserId,
    /// Issuer of the pipeline's tokens, exactly as in their `iss`.
    pub issuer: String,
    /// The `aud` of the pipeline's tokens.
    pub audience: String,
    /// Claims that the token must have, each exactly so; a `*` at the end stands for anything.
    pub claims: BTreeMap<String, String>,
    /// What the pipeline may do: `read`, `use` or `change`.
    pub level: ScopeLevel,
    /// Minutes that its login lasts.
    pub minutes: u32,
    /// When it was created.
    pub created_at: Timestamp,
    /// Last login by it; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}
