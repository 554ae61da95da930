//! Clusters, organizations, workspaces and members by the words people have for them: a name, an address, an ID.

use api::{
    cluster::Cluster,
    organization::{Member, Organization, WorkspaceDetail},
};
use domain::{ClusterId, OrganizationId, UserId, WorkspaceId, text::fold};

use crate::{failure::Failure, pages, session::Session};

impl Session {
    /// A cluster by its name or its ID.
    pub(crate) async fn cluster(&mut self, name: &str) -> Result<Cluster, Failure> {
        if let Ok(id) = name.parse::<ClusterId>() {
            return self
                .call(|client| async move { client.cluster(id).await })
                .await;
        }
        let (page, _) = self
            .call(|client| async move { client.clusters(&[("name", name), ("limit", "10")]).await })
            .await?;
        // A name is unique in one workspace only.
        the_one("cluster", name, page.items, |found| found.id.to_string())
    }

    /// A cluster by its name or its ID; of those that are deleted the newest of this name.
    pub(crate) async fn cluster_even_deleted(&mut self, name: &str) -> Result<Cluster, Failure> {
        let missing = match self.cluster(name).await {
            Err(failure @ Failure::NoSuch { .. }) => failure,
            found => return found,
        };
        let query = [("name", name), ("include", "deleted"), ("limit", "1")];
        let (page, _) = self
            .call(|client| async move { client.clusters(&query).await })
            .await?;
        page.items.into_iter().next().ok_or(missing)
    }

    /// An organization by its name or its ID.
    pub(crate) async fn organization(&mut self, name: &str) -> Result<Organization, Failure> {
        if let Ok(id) = name.parse::<OrganizationId>() {
            return self
                .call(|client| async move { client.organization(id).await })
                .await;
        }
        let mut found = self
            .call(|client| async move { client.organizations().await })
            .await?
            .items;
        found.retain(|organization| fold(&organization.name) == fold(name));
        the_one("organization", name, found, |found| found.id.to_string())
    }

    /// A workspace by its name or its ID, of all organizations or of one.
    pub(crate) async fn workspace(
        &mut self,
        name: &str,
        organization: Option<OrganizationId>,
    ) -> Result<WorkspaceDetail, Failure> {
        if let Ok(id) = name.parse::<WorkspaceId>() {
            return self
                .call(|client| async move { client.workspace(id).await })
                .await;
        }
        let mut found = workspaces(self, organization).await?;
        found.retain(|workspace| fold(&workspace.name) == fold(name));
        the_one("workspace", name, found, |found| found.id.to_string())
    }

    /// A member by their e-mail address or their ID.
    pub(crate) async fn member(
        &mut self,
        organization: OrganizationId,
        who: &str,
    ) -> Result<Member, Failure> {
        let mut found = members(self, organization).await?;
        match who.parse::<UserId>() {
            Ok(id) => found.retain(|member| member.user_id == id),
            Err(_) => found.retain(|member| fold(&member.email) == fold(who)),
        }
        the_one("member", who, found, |found| found.user_id.to_string())
    }
}

pub(crate) async fn members(
    session: &mut Session,
    organization: OrganizationId,
) -> Result<Vec<Member>, Failure> {
    pages::all(session, "members", |client, from| async move {
        client.members(organization, &pages::query(&from)).await
    })
    .await
}

pub(crate) async fn workspaces(
    session: &mut Session,
    organization: Option<OrganizationId>,
) -> Result<Vec<WorkspaceDetail>, Failure> {
    let id = organization.map(|id| id.to_string());
    let query: Vec<_> = id
        .iter()
        .map(|id| ("organization_id", id.as_str()))
        .collect();
    let query = query.as_slice();
    let page = session
        .call(|client| async move { client.workspaces(query).await })
        .await?;
    Ok(page.items)
}

/// Names of different owners may be alike; who means one of them must say which.
pub(crate) fn the_one<T>(
    what: &'static str,
    name: &str,
    found: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Result<T, Failure> {
    let ids: Vec<String> = found.iter().map(id).collect();
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(Failure::Ambiguous {
            what,
            name: name.to_owned(),
            ids,
        }),
        (None, _) => Err(Failure::NoSuch {
            what,
            name: name.to_owned(),
        }),
    }
}
