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
    ///
    /// # Errors
    /// When there is no such cluster (`not_found`), or the caller may not share it.
    pub async fn shares(
        &self,
        id: ClusterId,
        query: &[(&str, &str)],
    ) -> Result<Page<Share>, Error> {
        let path = format!("/api/v1/clusters/{id}/shares");
        Ok(self.page(&path, query).await?.0)
    }

    /// Shares a cluster with a person, or creates a link. Only this answer has a link's token.
    ///
    /// # Errors
    /// When a field isn't valid, the cluster is being deleted (`wrong_status`), or the caller may not share it.
    pub async fn create_share(
        &self,
        id: ClusterId,
        wanted: &CreateShare,
    ) -> Result<NewShare, Error> {
        let path = format!("/api/v1/clusters/{id}/shares");
        Ok(self.change(&path, wanted, Again::Always).await?.0)
    }

    /// Removes a share, or a link and every share that came from it. People can remove their own.
    ///
    /// # Errors
    /// When there is no such share (`not_found`), or the caller may not.
    pub async fn end_share(&self, id: ClusterId, share: ShareId) -> Result<(), Error> {
        self.remove(&format!("/api/v1/clusters/{id}/shares/{share}"))
            .await
    }

    /// What a link gives. Needs no login.
    ///
    /// # Errors
    /// When the token isn't valid or has expired (`not_found`).
    pub async fn look_at_share(&self, token: &RedeemShare) -> Result<ShareFor, Error> {
        self.send(Method::POST, "/api/v1/shares/look", Some(token))
            .await
    }

    /// Accepts a share link.
    ///
    /// # Errors
    /// When the token isn't valid, has expired or is used up.
    pub async fn redeem_share(&self, token: &RedeemShare) -> Result<Share, Error> {
        let path = "/api/v1/shares/redeem";
        Ok(self.change(path, token, Again::Always).await?.0)
    }

    /// The people with access to a cluster, and why.
    ///
    /// # Errors
    /// When there is no such cluster that the caller may see (`not_found`).
    pub async fn access(&self, id: ClusterId) -> Result<Access, Error> {
        self.get(&format!("/api/v1/clusters/{id}/access")).await
    }

    /// One page of the audit log, newest first.
    ///
    /// # Errors
    /// When the caller may not read that organization's.
    pub async fn audit(&self, query: &[(&str, &str)]) -> Result<Page<AuditEntry>, Error> {
        Ok(self.page("/api/v1/audit", query).await?.0)
    }
}
