//! Shares of a cluster, who may reach it, and the audit.

use domain::{ClusterId, ShareId};
use reqwest::Method;

use super::{error::Error, handle::Client, send::Again};
use crate::{
    Page,
    audit::AuditEntry,
    share::{Access, CreateShare, NewShare, RedeemShare, Share, ShareFor},
};

impl Client {
    /// One page of a cluster's shares and links, newest first.
    pub async fn shares(
        &self,
        id: ClusterId,
        query: &[(&str, &str)],
    ) -> Result<Page<Share>, Error> {
        let path = format!("/api/v1/clusters/{id}/shares");
        Ok(self.page(&path, query).await?.0)
    }

    /// The answer is the only time a link's token is shown.
    pub async fn create_share(
        &self,
        id: ClusterId,
        wanted: &CreateShare,
    ) -> Result<NewShare, Error> {
        let path = format!("/api/v1/clusters/{id}/shares");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// A link ends with all that came by it. Everyone may end their own.
    pub async fn end_share(&self, id: ClusterId, share: ShareId) -> Result<(), Error> {
        self.remove(&format!("/api/v1/clusters/{id}/shares/{share}"))
            .await
    }

    /// What a link gives; nobody needs a login for that.
    pub async fn look_at_share(&self, token: &RedeemShare) -> Result<ShareFor, Error> {
        self.send(Method::POST, "/api/v1/shares/look", Some(token))
            .await
    }

    pub async fn redeem_share(&self, token: &RedeemShare) -> Result<Share, Error> {
        let path = "/api/v1/shares/redeem";
        Ok(self.change(path, token, Again::Always).await?.0)
    }

    /// Who may do what, and why.
    pub async fn access(&self, id: ClusterId) -> Result<Access, Error> {
        self.get(&format!("/api/v1/clusters/{id}/access")).await
    }

    /// One page of what was done and refused, newest first.
    pub async fn audit(&self, query: &[(&str, &str)]) -> Result<Page<AuditEntry>, Error> {
        Ok(self.page("/api/v1/audit", query).await?.0)
    }
}
