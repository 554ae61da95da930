//! Shares of a cluster, for people and by link, and who has access to it and why.

use domain::{Action, ClusterId, Group, Level, NamespaceGrant, Role, ShareId, UserId, limits};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp, object,
    secret::{Secret, sent, sent_if},
};

/// A user, as others in the same organization or cluster see them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Person {
    /// `usr_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub user_id: UserId,
    /// The user's name.
    pub name: String,
    /// The user's email address.
    pub email: String,
    /// Whether an identity provider has verified that the address is theirs. If not, nobody has: the first to
    /// register an address has it, so send a link where it matters who gets access.
    #[serde(default)]
    pub email_verified: bool,
    /// Present if the address has letters outside ASCII, which may look like others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookalike: Option<Lookalike>,
}

/// How an email address can be mistaken for another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lookalike {
    /// The address in ASCII: its domain as in DNS (`xn--…`), other letters as `\u{430}`.
    pub spelled: String,
    /// The ASCII address that it looks like; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looks_like: Option<String>,
    /// Whether it mixes letters of several scripts.
    pub mixed_scripts: bool,
}

/// Access to one cluster, for a person or by a link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// `shr_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: ShareId,
    /// The cluster that it gives access to.
    pub cluster_id: ClusterId,
    /// The person who has access; absent for a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<Person>,
    /// The link that the person used; absent without one. The share ends with the link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_id: Option<ShareId>,
    /// How much of the cluster it grants.
    pub level: Level,
    /// The granted namespaces; empty unless `level` is `namespaces`.
    #[serde(default)]
    pub namespaces: Vec<NamespaceGrant>,
    /// How many people may still use the link; absent for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
    /// When it expires. It ends with the cluster at the latest; absent if only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// The user who shared the cluster.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Body of `POST /api/v1/clusters/{id}/shares`: shares with a person, or creates a link.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateShare {
    /// Email address of a user to share with; a link is created if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: Option<String>,
    /// How much of the cluster to grant.
    pub level: Level,
    /// The namespaces to grant: 1 to 20 if `level` is `namespaces`, else none.
    #[serde(
        default,
        deserialize_with = "object::list",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(length(max = limits::SHARE_NAMESPACES_MAX))]
    pub namespaces: Vec<NamespaceGrant>,
    /// Hours until it expires, 0.1 to 720. If absent, 24 for a link; for a person, as long as the cluster lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = limits::SHARE_MIN_HOURS, max = limits::SHARE_MAX_HOURS))]
    pub hours: Option<f64>,
    /// How many people may use the link, 1 to 500; 1 if absent. Only for links.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::LINK_USES_MAX))]
    pub uses: Option<u32>,
}

/// A new share. Only this answer shows a link's token.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewShare {
    /// The share as lists show it.
    pub share: Share,
    /// The token alone, for `POST /api/v1/shares/redeem`; absent for a person.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub token: Option<Secret>,
    /// The link to send; absent for a person. The token is behind a `#`, so that no server logs it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "sent_if"
    )]
    pub url: Option<Secret>,
}

/// What a share link gives, shown to anyone with its token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ShareFor {
    /// Name of the cluster.
    pub cluster_name: String,
    /// Name of the user who shares it.
    pub shared_by: String,
    /// How much of the cluster it grants.
    pub level: Level,
    /// The granted namespaces; empty unless `level` is `namespaces`.
    #[serde(default)]
    pub namespaces: Vec<NamespaceGrant>,
    /// When it expires. It ends with the cluster at the latest; absent if only then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Body of `POST /api/v1/shares/look` and `POST /api/v1/shares/redeem`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct RedeemShare {
    /// The link's token: the part behind the `#`.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
}

/// Answer of `GET /api/v1/clusters/{id}/access`: the people with access to a cluster, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Access {
    /// The cluster.
    pub cluster_id: ClusterId,
    /// The caller first. The others, at most 500 people in all, only if the caller may share the cluster.
    pub people: Vec<PersonAccess>,
    /// Open links, newest first, at most 100; absent unless the caller may share the cluster and there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Share>,
    /// Whether there are more people or links than shown.
    #[serde(default)]
    pub more: bool,
}

/// What one person may do with a cluster, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PersonAccess {
    /// The person.
    pub person: Person,
    /// What the person may do from outside, among `cluster_read`, `cluster_use`,
    /// `cluster_change` and `cluster_share`.
    pub actions: Vec<Action>,
    /// The person's groups inside the cluster, where Kubernetes' RBAC decides.
    pub groups: Vec<Group>,
    /// Where the access comes from. All of it adds up.
    pub because: Vec<Because>,
}

/// One source of a person's access.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Because {
    /// A role in the cluster's organization.
    Role {
        /// The person's role there.
        role: Role,
    },
    /// They created the cluster, and their role may create clusters.
    MadeIt,
    /// A share for them.
    Share {
        /// The share, for `DELETE /api/v1/clusters/{id}/shares/{share_id}`.
        share_id: ShareId,
        /// How much of the cluster it grants.
        level: Level,
        /// The granted namespaces; empty unless `level` is `namespaces`.
        #[serde(default)]
        namespaces: Vec<NamespaceGrant>,
        /// When it expires; absent if only with the cluster.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
        /// Whether it came by a link.
        link: bool,
    },
    /// A source from a newer version than this reader.
    #[serde(other)]
    Unknown,
}
