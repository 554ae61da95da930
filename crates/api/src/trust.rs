//! Which pipelines an organization lets in: by what the provider of their identities says of them.

use std::collections::BTreeMap;

use domain::{ScopeLevel, TrustId, UserId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Timestamp, object};

/// `POST /api/v1/organizations/{id}/trusts`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateTrust {
    /// What the pipeline's member is called.
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: String,
    /// Who vouches for it, to the letter: `https://token.actions.githubusercontent.com`.
    pub issuer: String,
    /// Whom its token is for; this installation's address if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub audience: Option<String>,
    /// What its token says, each to the letter; a `*` at the end stands for any rest. At least one of
    /// `repository`, `repository_id`, `project_path`, `project_id` and `sub` is here, and without a `*`.
    pub claims: BTreeMap<String, String>,
    /// What it may do: `read`, `use` or `change`.
    pub level: ScopeLevel,
    /// How long its login lasts, 1 to 60; 60 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = 60))]
    pub minutes: Option<u32>,
}

/// A rule that lets pipelines in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trust {
    /// The pipeline names it as its token's `audience` in the exchange.
    pub id: TrustId,
    pub name: String,
    /// The member that it acts as.
    pub user_id: UserId,
    pub issuer: String,
    pub audience: String,
    pub claims: BTreeMap<String, String>,
    pub level: ScopeLevel,
    pub minutes: u32,
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
}
