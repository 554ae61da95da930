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

/// An organization: people with roles, workspaces and their clusters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Organization {
    /// `org_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: OrganizationId,
    /// Name, 1 to 100 characters; not unique.
    pub name: String,
    /// Whether it is a user's personal organization, which came with the account and has no other members.
    pub personal: bool,
    /// The caller's role in it.
    pub role: Role,
    /// How many members it has, pipelines included.
    pub members: u32,
    /// How many workspaces it has.
    pub workspaces: u32,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Body of `POST /api/v1/organizations` and `PATCH /api/v1/organizations/{id}`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NameOrganization {
    /// 1 to 100 characters in one line, at least one of them visible.
    #[schemars(regex(pattern = limits::pattern::PERSON_NAME), length(max = limits::PERSON_NAME_MAX))]
    pub name: String,
}

/// A member of an organization.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Member {
    /// The user, or the pipeline, that is a member.
    pub user_id: UserId,
    /// The member's name.
    pub name: String,
    /// The member's email address; for a pipeline, one that ends in `@service.invalid`.
    pub email: String,
    /// The member's role.
    pub role: Role,
    /// When they joined.
    pub since: Timestamp,
}

/// Body of `PATCH /api/v1/organizations/{id}/members/{user_id}`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ChangeMember {
    /// The member's new role. Only owners make owners and change owners.
    pub role: Role,
}

/// Body of `POST /api/v1/organizations/{id}/transfer`. The caller becomes an admin.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Transfer {
    /// The member who becomes the owner.
    pub user_id: UserId,
}

/// A link for joining an organization, as long as it is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Invitation {
    /// For `DELETE /api/v1/organizations/{id}/invitations/{invitation_id}`.
    pub id: InvitationId,
    /// The organization that it leads into.
    pub organization_id: OrganizationId,
    /// Role of the people who join by it.
    pub role: Role,
    /// The only email address that may join by it; absent if anyone with the link may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How many people may still join by it.
    pub uses_left: u32,
    /// When it expires.
    pub expires_at: Timestamp,
    /// The member who created it.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
}

/// Body of `POST /api/v1/organizations/{id}/invitations`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateInvitation {
    /// Role of the people who join by it.
    pub role: Role,
    /// The only email address that may join by it; anyone with the link if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::EMAIL), length(max = limits::EMAIL_MAX))]
    pub email: Option<String>,
    /// How many people may join by it, 1 to 500; 1 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::LINK_USES_MAX))]
    pub uses: Option<u32>,
    /// Days until it expires, 1 to 30; 7 if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(min = 1, max = limits::INVITATION_DAYS_MAX))]
    pub days: Option<u32>,
}

/// A new invitation. Only this answer shows its token.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct NewInvitation {
    /// The invitation as lists show it.
    pub invitation: Invitation,
    /// The token alone, for `POST /api/v1/invitations/accept`.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
    /// The link to send. The token is behind a `#`, so that no server logs it.
    #[serde(serialize_with = "sent")]
    pub url: Secret,
}

/// Body of `POST /api/v1/invitations/look` and `POST /api/v1/invitations/accept`.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
pub struct InvitationToken {
    /// The invitation's token: the part of its link behind the `#`.
    #[serde(serialize_with = "sent")]
    pub token: Secret,
}

/// What an invitation is for, shown to anyone with its token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationFor {
    /// The organization that it leads into.
    pub organization_id: OrganizationId,
    /// Name of that organization.
    pub organization_name: String,
    /// Role of the people who join by it.
    pub role: Role,
    /// The only email address that may join by it; absent if anyone with the link may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// When it expires.
    pub expires_at: Timestamp,
}

/// A workspace: a group of clusters in an organization, with its quota and usage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorkspaceDetail {
    /// `ws_` and 32 lower-case hex digits of a UUIDv7; never reused.
    pub id: WorkspaceId,
    /// The organization that it belongs to.
    pub organization_id: OrganizationId,
    /// Name, unique in the organization.
    pub name: String,
    /// The caller's role in the organization.
    pub role: Role,
    /// Status of its clusters in one word. It may change with every `cluster.created` and `cluster.changed`.
    #[serde(default)]
    pub status: WorkspaceStatus,
    /// Why a new cluster doesn't fit: the part of the quota that is used up. Absent if one fits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Reason>,
    /// What it may hold.
    pub quota: Quota,
    /// What it holds.
    pub used: Used,
    /// When it was created.
    pub created_at: Timestamp,
}

/// What a workspace may hold at once. An absent field is no limit, if nothing else is said there.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Quota {
    /// Clusters that aren't deleted; the installation's own limit if absent.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub clusters: Option<u32>,
    /// Thousandths of a CPU, for all clusters that aren't stopped together.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub cpu_millis: Option<u32>,
    /// MiB of memory, for all clusters that aren't stopped together.
    #[serde(
        default,
        deserialize_with = "object::whole",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(range(max = u32::MAX))]
    pub memory_mib: Option<u32>,
    /// Hours that clusters exist in one calendar month (UTC), counting what living ones may still live.
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
    /// Clusters that aren't deleted.
    pub clusters: u32,
    /// Thousandths of a CPU, for all clusters that aren't stopped together.
    pub cpu_millis: u32,
    /// MiB of memory, for all clusters that aren't stopped together.
    pub memory_mib: u32,
    /// Hours that clusters exist in this calendar month (UTC), counting what living ones may still live.
    pub cluster_hours: f64,
}

/// Body of `POST /api/v1/workspaces`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CreateWorkspace {
    /// The organization to create it in; the caller's personal one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// 1 to 40 characters of a-z, 0-9 and `-`, starting with a letter; unique in the organization.
    #[schemars(regex(pattern = limits::pattern::NAME))]
    pub name: String,
    /// What it may hold; no limits of its own if absent.
    #[serde(default, deserialize_with = "object::only")]
    pub quota: Quota,
}

/// Body of `PATCH /api/v1/workspaces/{id}`. Absent fields stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub struct ChangeWorkspace {
    /// The new name: 1 to 40 characters of a-z, 0-9 and `-`, starting with a letter; unique in the organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = limits::pattern::NAME))]
    pub name: Option<String>,
    /// The new quota, which replaces all of the old one: a limit that is absent here is lifted.
    #[serde(
        default,
        deserialize_with = "object::maybe",
        skip_serializing_if = "Option::is_none"
    )]
    pub quota: Option<Quota>,
}
