//! Organizations, who is in them, invitations and workspaces.

use bytes::Bytes;
use domain::{InvitationId, OrganizationId, UserId, WorkspaceId};
use reqwest::{Method, Response};

use super::{error::Error, handle::Client, send::Again};
use crate::{
    Page,
    organization::{
        ChangeMember, ChangeWorkspace, CreateInvitation, CreateWorkspace, Invitation,
        InvitationFor, InvitationToken, Member, NameOrganization, NewInvitation, Organization,
        Transfer, WorkspaceDetail,
    },
};

const ORGANIZATIONS: &str = "/api/v1/organizations";
const WORKSPACES: &str = "/api/v1/workspaces";

impl Client {
    /// The caller's organizations, the personal one first.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn organizations(&self) -> Result<Page<Organization>, Error> {
        self.get(ORGANIZATIONS).await
    }

    /// One organization.
    ///
    /// # Errors
    /// When there is none that the caller may see (`not_found`).
    pub async fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        self.get(&format!("{ORGANIZATIONS}/{id}")).await
    }

    /// Creates an organization with the caller as its owner.
    ///
    /// # Errors
    /// When the name isn't valid, or the caller owns too many (`quota_exceeded`).
    pub async fn create_organization(
        &self,
        wanted: &NameOrganization,
    ) -> Result<Organization, Error> {
        Ok(self.change(ORGANIZATIONS, wanted, Again::Always).await?.0)
    }

    /// Renames an organization.
    ///
    /// # Errors
    /// When the name isn't valid, or the caller isn't an admin of it.
    pub async fn rename_organization(
        &self,
        id: OrganizationId,
        wanted: &NameOrganization,
    ) -> Result<Organization, Error> {
        self.patch(&format!("{ORGANIZATIONS}/{id}"), wanted).await
    }

    /// Deletes an organization.
    ///
    /// # Errors
    /// When it still has clusters (`wrong_status`), or the caller isn't its owner.
    pub async fn delete_organization(&self, id: OrganizationId) -> Result<(), Error> {
        self.remove(&format!("{ORGANIZATIONS}/{id}")).await
    }

    /// Makes another member the owner, and the caller an admin.
    ///
    /// # Errors
    /// When the user isn't a member, or the caller isn't an owner.
    pub async fn transfer_organization(
        &self,
        id: OrganizationId,
        wanted: &Transfer,
    ) -> Result<Organization, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/transfer");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// One page of the members, oldest first.
    ///
    /// # Errors
    /// When there is no such organization that the caller may see (`not_found`).
    pub async fn members(
        &self,
        id: OrganizationId,
        query: &[(&str, &str)],
    ) -> Result<Page<Member>, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/members");
        Ok(self.page(&path, query).await?.0)
    }

    /// Changes a member's role.
    ///
    /// # Errors
    /// When there is no such member, it is the last owner, or the caller may not.
    pub async fn change_member(
        &self,
        id: OrganizationId,
        user: UserId,
        wanted: &ChangeMember,
    ) -> Result<Member, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/members/{user}");
        self.patch(&path, wanted).await
    }

    /// Removes a member; everyone may remove themselves.
    ///
    /// # Errors
    /// When there is no such member, it is the last owner, or the caller may not.
    pub async fn remove_member(&self, id: OrganizationId, user: UserId) -> Result<(), Error> {
        self.remove(&format!("{ORGANIZATIONS}/{id}/members/{user}"))
            .await
    }

    /// One page of the open invitations, newest first.
    ///
    /// # Errors
    /// When the caller isn't an admin of the organization.
    pub async fn invitations(
        &self,
        id: OrganizationId,
        query: &[(&str, &str)],
    ) -> Result<Page<Invitation>, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/invitations");
        Ok(self.page(&path, query).await?.0)
    }

    /// Creates an invitation. Only this answer has its token.
    ///
    /// # Errors
    /// When a field isn't valid, or the caller isn't an admin of the organization.
    pub async fn invite(
        &self,
        id: OrganizationId,
        wanted: &CreateInvitation,
    ) -> Result<NewInvitation, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/invitations");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// Revokes an invitation.
    ///
    /// # Errors
    /// When there is no such invitation (`not_found`), or the caller isn't an admin of the organization.
    pub async fn revoke_invitation(
        &self,
        id: OrganizationId,
        invitation: InvitationId,
    ) -> Result<(), Error> {
        self.remove(&format!("{ORGANIZATIONS}/{id}/invitations/{invitation}"))
            .await
    }

    /// What an invitation is for. Needs no login.
    ///
    /// # Errors
    /// When the token isn't valid or has expired (`not_found`).
    pub async fn look_at_invitation(
        &self,
        token: &InvitationToken,
    ) -> Result<InvitationFor, Error> {
        let path = "/api/v1/invitations/look";
        self.send(Method::POST, path, Some(token)).await
    }

    /// Joins an organization.
    ///
    /// # Errors
    /// When the token isn't valid, has expired, or is for another email address.
    pub async fn accept_invitation(&self, token: &InvitationToken) -> Result<Organization, Error> {
        let path = "/api/v1/invitations/accept";
        Ok(self.change(path, token, Again::Always).await?.0)
    }

    /// The workspaces of the caller's organizations, or of the one that the query names.
    ///
    /// # Errors
    /// When there is no such organization that the caller may see (`not_found`).
    pub async fn workspaces(&self, query: &[(&str, &str)]) -> Result<Page<WorkspaceDetail>, Error> {
        Ok(self.page(WORKSPACES, query).await?.0)
    }

    /// One workspace, with usage and quota.
    ///
    /// # Errors
    /// When there is none that the caller may see (`not_found`).
    pub async fn workspace(&self, id: WorkspaceId) -> Result<WorkspaceDetail, Error> {
        self.get(&format!("{WORKSPACES}/{id}")).await
    }

    /// Creates a workspace.
    ///
    /// # Errors
    /// When a field isn't valid, the name is taken, or the caller isn't an admin of the organization.
    pub async fn create_workspace(
        &self,
        wanted: &CreateWorkspace,
    ) -> Result<WorkspaceDetail, Error> {
        Ok(self.change(WORKSPACES, wanted, Again::Always).await?.0)
    }

    /// Changes a workspace's name or quota.
    ///
    /// # Errors
    /// When a field isn't valid, the name is taken, or the caller isn't an admin of the organization.
    pub async fn change_workspace(
        &self,
        id: WorkspaceId,
        wanted: &ChangeWorkspace,
    ) -> Result<WorkspaceDetail, Error> {
        self.patch(&format!("{WORKSPACES}/{id}"), wanted).await
    }

    /// Deletes a workspace.
    ///
    /// # Errors
    /// When it still has clusters (`wrong_status`), or the caller isn't an admin of the organization.
    pub async fn delete_workspace(&self, id: WorkspaceId) -> Result<(), Error> {
        self.remove(&format!("{WORKSPACES}/{id}")).await
    }

    /// An organization's whole audit log, newest first, in pieces; `format` is `ndjson` or `csv`.
    ///
    /// # Errors
    /// When the caller isn't an admin of the organization.
    pub async fn audit_export(
        &self,
        id: OrganizationId,
        query: &[(&str, &str)],
    ) -> Result<Export, Error> {
        let url = format!("{}{ORGANIZATIONS}/{id}/audit/export", self.base);
        let request = self.authorized(self.streams.get(url)).query(query);
        Ok(Export {
            response: self.checked(request).await?,
            client: self.clone(),
        })
    }
}

/// A file that is being downloaded.
pub struct Export {
    response: Response,
    client: Client,
}

impl Export {
    /// The next piece; `None` after the last.
    ///
    /// # Errors
    /// When the download breaks off.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = self.response.chunk().await;
        piece.map_err(|source| self.client.unreachable(source))
    }
}
