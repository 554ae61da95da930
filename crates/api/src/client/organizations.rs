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
    /// The caller's, their own first.
    pub async fn organizations(&self) -> Result<Page<Organization>, Error> {
        self.get(ORGANIZATIONS).await
    }

    pub async fn organization(&self, id: OrganizationId) -> Result<Organization, Error> {
        self.get(&format!("{ORGANIZATIONS}/{id}")).await
    }

    pub async fn create_organization(
        &self,
        wanted: &NameOrganization,
    ) -> Result<Organization, Error> {
        Ok(self.change(ORGANIZATIONS, wanted, Again::Always).await?.0)
    }

    pub async fn rename_organization(
        &self,
        id: OrganizationId,
        wanted: &NameOrganization,
    ) -> Result<Organization, Error> {
        self.patch(&format!("{ORGANIZATIONS}/{id}"), wanted).await
    }

    /// Refused while it holds a cluster.
    pub async fn delete_organization(&self, id: OrganizationId) -> Result<(), Error> {
        self.remove(&format!("{ORGANIZATIONS}/{id}")).await
    }

    /// That member becomes its owner, the caller an admin.
    pub async fn transfer_organization(
        &self,
        id: OrganizationId,
        wanted: &Transfer,
    ) -> Result<Organization, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/transfer");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// One page, in the order in which they came.
    pub async fn members(
        &self,
        id: OrganizationId,
        query: &[(&str, &str)],
    ) -> Result<Page<Member>, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/members");
        Ok(self.page(&path, query).await?.0)
    }

    pub async fn change_member(
        &self,
        id: OrganizationId,
        user: UserId,
        wanted: &ChangeMember,
    ) -> Result<Member, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/members/{user}");
        self.patch(&path, wanted).await
    }

    /// Everyone may take themselves out.
    pub async fn remove_member(&self, id: OrganizationId, user: UserId) -> Result<(), Error> {
        self.remove(&format!("{ORGANIZATIONS}/{id}/members/{user}"))
            .await
    }

    /// One page of those that can still be taken, newest first.
    pub async fn invitations(
        &self,
        id: OrganizationId,
        query: &[(&str, &str)],
    ) -> Result<Page<Invitation>, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/invitations");
        Ok(self.page(&path, query).await?.0)
    }

    /// The answer is the only time its token is shown.
    pub async fn invite(
        &self,
        id: OrganizationId,
        wanted: &CreateInvitation,
    ) -> Result<NewInvitation, Error> {
        let path = format!("{ORGANIZATIONS}/{id}/invitations");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    pub async fn revoke_invitation(
        &self,
        id: OrganizationId,
        invitation: InvitationId,
    ) -> Result<(), Error> {
        self.remove(&format!("{ORGANIZATIONS}/{id}/invitations/{invitation}"))
            .await
    }

    /// What it is for; nobody needs a login for that.
    pub async fn look_at_invitation(
        &self,
        token: &InvitationToken,
    ) -> Result<InvitationFor, Error> {
        let path = "/api/v1/invitations/look";
        self.send(Method::POST, path, Some(token)).await
    }

    pub async fn accept_invitation(&self, token: &InvitationToken) -> Result<Organization, Error> {
        let path = "/api/v1/invitations/accept";
        Ok(self.change(path, token, Again::Always).await?.0)
    }

    /// All of the caller's organizations, or those of the one the query names.
    pub async fn workspaces(&self, query: &[(&str, &str)]) -> Result<Page<WorkspaceDetail>, Error> {
        Ok(self.page(WORKSPACES, query).await?.0)
    }

    pub async fn workspace(&self, id: WorkspaceId) -> Result<WorkspaceDetail, Error> {
        self.get(&format!("{WORKSPACES}/{id}")).await
    }

    pub async fn create_workspace(
        &self,
        wanted: &CreateWorkspace,
    ) -> Result<WorkspaceDetail, Error> {
        Ok(self.change(WORKSPACES, wanted, Again::Always).await?.0)
    }

    pub async fn change_workspace(
        &self,
        id: WorkspaceId,
        wanted: &ChangeWorkspace,
    ) -> Result<WorkspaceDetail, Error> {
        self.patch(&format!("{WORKSPACES}/{id}"), wanted).await
    }

    /// Refused while it holds a cluster.
    pub async fn delete_workspace(&self, id: WorkspaceId) -> Result<(), Error> {
        self.remove(&format!("{WORKSPACES}/{id}")).await
    }

    /// All of an organization's audit, newest first, piece by piece; `format` is `ndjson` or `csv`.
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

/// A file on its way.
pub struct Export {
    response: Response,
    client: Client,
}

impl Export {
    /// The next piece; none after the last. One that breaks off is an error, never an end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let piece = self.response.chunk().await;
        piece.map_err(|source| self.client.unreachable(source))
    }
}
