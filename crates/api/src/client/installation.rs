//! Whether labyard is well, and what administrators see and switch.

use super::{error::Error, handle::Client, send::Again};
use crate::{
    Page,
    health::Health,
    host::{Host, Installation, PoolSwitch},
};

impl Client {
    /// Whether the gateway and what it needs are well.
    ///
    /// # Errors
    /// When one of them isn't: that answer is a 503 without a problem, so [`Error::NotUnderstood`].
    pub async fn health(&self) -> Result<Health, Error> {
        self.get("/api/health").await
    }

    /// The first page of the hosts. For administrators.
    ///
    /// # Errors
    /// When the caller isn't an administrator (`forbidden`).
    pub async fn hosts(&self) -> Result<Page<Host>, Error> {
        self.hosts_page(&[]).await
    }

    /// One page of the hosts, by name. For administrators.
    ///
    /// # Errors
    /// When the caller isn't an administrator (`forbidden`).
    pub async fn hosts_page(&self, query: &[(&str, &str)]) -> Result<Page<Host>, Error> {
        Ok(self.page("/api/v1/hosts", query).await?.0)
    }

    /// Switches and self-checks. For administrators.
    ///
    /// # Errors
    /// When the caller isn't an administrator (`forbidden`).
    pub async fn installation(&self) -> Result<Installation, Error> {
        self.get("/api/v1/installation").await
    }

    /// Pauses or resumes the warm pool. For administrators.
    ///
    /// # Errors
    /// When the caller isn't an administrator (`forbidden`).
    pub async fn switch_pool(&self, wanted: &PoolSwitch) -> Result<Installation, Error> {
        let path = "/api/v1/installation/pool";
        Ok(self.change(path, wanted, Again::Always).await?.0)
    }
}
