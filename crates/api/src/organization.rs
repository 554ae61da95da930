//! Organizations, their members and invitations, workspaces and their quotas.

use domain::{
    InvitationId, OrganizationId, Reason, Role, UserId, WorkspaceId, WorkspaceStatus, limits,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    Timestamp, object,
    secret::{Secret, sent},
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// Made with a user and theirs alone.
    pub personal: bool,
    /// The caller's.
    pub role: Role,
    pub members: u32,
    pub workspaces: u32,
    pub created_at: Timestamp,
}

/// `POST /api/v1/organizations`, `PATCH /api/v1/organizations/{id}`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NameOrganization {
    /// 1 to 100 printable characters.
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: String,
}

/// Someone's place in an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub since: Timestamp,
}

/// `PATCH /api/v1/organizations/{id}/members/{user_id}`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangeMember {
    pub role: Role,
}

/// `POST /api/v1/organizations/{id}/transfer`: that member becomes owner, the caller an admin.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    pub user_id: UserId,
}

/// A way into an organization that has not been taken, or not by all it is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    pub id: InvitationId,
    pub organization_id: OrganizationId,
    /// What whoever takes it becomes.
    pub role: Role,
    /// Only for this address; for anyone who has the link if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How many people may still take it.
    pub uses_left: u32,
    pub expires_at: Timestamp,
    pub created_by: UserId,
    pub created_at: Timestamp,
}

/// `POST /api/v1/organizations/{id}/invitations`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateInvitation {
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: Option<String>,
    /// How many people may take it, 1 to 500; 1 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::LINK_USES_MAX))]
    pub uses: Option<u32>,
    /// Days it is good, 1 to 30; 7 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::INVITATION_DAYS_MAX))]
    pub days: Option<u32>,
}

/// The answer to a new invitation: the only time its token is shown.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewInvitation {
    pub invitation: Invitation,
    #[serde(serialize_with = "sent")]
    pub token: Secret,
    /// To be sent to whom it is for; the token is behind a `#`, so that no server logs it.
    #[serde(serialize_with = "sent")]
    pub url: Secret,
}

/// `POST /api/v1/invitations/look`, `POST /api/v1/invitations/accept`
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct InvitationToken {
    #[serde(serialize_with = "sent")]
    pub token: Secret,
}

/// What an invitation is for, shown to whoever holds its token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationFor {
    pub organization_id: OrganizationId,
    pub organization_name: String,
    pub role: Role,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    pub expires_at: Timestamp,
}

/// A group of clusters in an organization, with what it may hold and what it holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceDetail {
    pub id: WorkspaceId,
    pub organization_id: OrganizationId,
    pub name: String,
    /// The caller's, in the workspace's organization.
    pub role: Role,
    /// What its clusters come to: changes with `cluster.created` and `cluster.changed`.
    #[serde(default)]
    pub status: WorkspaceStatus,
    /// Why it takes no new cluster of ordinary size: what of its quota is used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Reason>,
    pub quota: Quota,
    pub used: Used,
    pub created_at: Timestamp,
}

/// What a workspace may hold at once; absent is without a limit of its own.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// Live clusters; the installation's own limit if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub clusters: Option<u32>,
    /// Thousandths of a CPU of all clusters that are not stopped.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub cpu_millis: Option<u32>,
    /// Mebibytes of memory of all clusters that are not stopped.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub memory_mib: Option<u32>,
    /// Hours that clusters exist in one calendar month (UTC), what live ones have still to live included.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub cluster_hours: Option<u32>,
}

/// What a workspace holds, as its quota counts it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Used {
    pub clusters: u32,
    pub cpu_millis: u32,
    pub memory_mib: u32,
    pub cluster_hours: f64,
}

/// `POST /api/v1/workspaces`
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateWorkspace {
    /// The caller's own if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// An RFC 1123 label of at most 40 characters, unique in the organization.
    #[schemars(regex(pattern = limits::pattern::NAME))]
    pub name: String,
    #[serde(default, deserialize_with = "object::only")]
    pub quota: Quota,
}

/// `PATCH /api/v1/workspaces/{id}`: what is absent stays; a quota replaces the whole of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ChangeWorkspace {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::NAME))]
    pub name: Option<String>,
    #[serde(
        default,
        deserialize_with = "object::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub quota: Option<Quota>,
}
