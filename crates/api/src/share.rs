//! Shares of one cluster, to people and by link, and who may reach it and why.

use domain::{Action, ClusterId, Group, Level, NamespaceGrant, Role, ShareId, UserId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp, object,
    secret::{Secret, sent, sent_if},
};

/// A person, as others of the same organization or cluster see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    /// A provider of identities has verified that the address is theirs. Nobody has where this is false:
    /// whoever registers an address first has it, so send a link where it matters who it is.
    #[serde(default)]
    pub email_verified: bool,
    /// Of an address with letters outside ASCII, which may look like another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookalike: Option<Lookalike>,
}

/// How an address can be mistaken for another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lookalike {
    /// The same address in ASCII: its domain as DNS has it (`xn--…`), other letters as `\u{430}`.
    pub spelled: String,
    /// The address in ASCII that it looks like, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<String>,
    /// Letters of several scripts stand side by side.
    pub mixed_scripts: bool,
}

/// A grant on one cluster: to a person, or to whoever has a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    pub id: ShareId,
    pub cluster_id: ClusterId,
    /// Whom it is for; absent for a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// The link it came by; it ends with that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_id: Option<ShareId>,
    pub level: Level,
    /// What is shared where `level` is `namespaces`.
    #[serde(default)]
    pub namespaces: Vec<NamespaceGrant>,
    /// How many people may still take a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// With the cluster at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    pub created_by: UserId,
    pub created_at: Timestamp,
}

/// `POST /api/v1/clusters/{id}/shares`: to a person by their address, or a link without one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateShare {
    /// Whom it is for; a link is made if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: Option<String>,
    pub level: Level,
    #[serde(
        default,
        deserialize_with = "object::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(length(max = limits::SHARE_NAMESPACES_MAX))]
    pub namespaces: Vec<NamespaceGrant>,
    /// Hours it is good, 0.1 to 720; as long as the cluster lives if absent (24 for a link).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = limits::SHARE_MIN_HOURS, max = limits::SHARE_MAX_HOURS))]
    pub hours: Option<f64>,
    /// How many people may take a link, 1 to 500; 1 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::LINK_USES_MAX))]
    pub uses: Option<u32>,
}

/// The answer to a new share: the only time a link's token is shown.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewShare {
    pub share: Share,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub token: Option<Secret>,
    /// To be sent to whom it is for; the token is behind a `#`, so that no server logs it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub url: Option<Secret>,
}

/// What a link gives, shown to whoever holds its token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShareFor {
    pub cluster_name: String,
    /// The name of the person who shares it.
    pub shared_by: String,
    pub level: Level,
    /// What is shared where `level` is `namespaces`.
    #[serde(default)]
    pub namespaces: Vec<NamespaceGrant>,
    /// With the cluster at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `POST /api/v1/shares/look`, `POST /api/v1/shares/redeem`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct RedeemShare {
    #[serde(serialize_with = "sent")]
    pub token: Secret,
}

/// `GET /api/v1/clusters/{id}/access`: the caller's own first; everyone's, and what anybody may still come
/// by, if they may share it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    pub cluster_id: ClusterId,
    pub people: Vec<PersonAccess>,
    /// Links that can still be taken, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Share>,
    /// There are more people or links than are shown.
    #[serde(default)]
    pub more: bool,
}

/// What one person may do and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PersonAccess {
    pub person: Person,
    pub actions: Vec<Action>,
    /// Inside the cluster.
    pub groups: Vec<Group>,
    pub because: Vec<Because>,
}

/// One grant of the union.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Because {
    /// A role in the cluster's organization.
    Role { role: Role },
    /// They made the cluster, and their role may make clusters.
    MadeIt,
    /// A share to them.
    Share {
        share_id: ShareId,
        level: Level,
        #[serde(default)]
        namespaces: Vec<NamespaceGrant>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// By a link.
        link: bool,
    },
    #[serde(other)]
    Unknown,
}
