//! Whether labyard is well, and what administrators see and switch.

use super::{error::Error, handle::Client, send::Again};
use crate::{
    Page,
    health::Health,
    host::{Host, Installation, PoolSwitch},
};

impl Client {
    pub async fn health(&self) -> Result<Health, Error> {
        self.get("/api/health").await
    }

    pub async fn hosts(&self) -> Result<Page<Host>, Error> {
        self.hosts_page(&[]).await
    }

    /// One page of them.
    pub async fn hosts_page(&self, query: &[(&str, &str)]) -> Result<Page<Host>, Error> {
        Ok(self.page("/api/v1/hosts", query).await?.0)
    }

    /// Switches and self-checks.
    pub async fn installation(&self) -> Result<Installation, Error> {
        self.get("/api/v1/installation").await
    }

    /// Pauses the warm pool or lets it go on.
    pub async fn switch_pool(&self, wanted: &PoolSwitch) -> Result<Installation, Error> {
        let path = "/api/v1/installation/pool";
        Ok(self.change(path, wanted, Again::Always).await?.0)
    }
}
