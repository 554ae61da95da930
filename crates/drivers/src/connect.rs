//! From a configuration to a connected driver, and to the name of its host.

use std::{sync::Arc, time::Duration};

use domain::HostId;

use crate::{
    docker::Docker,
    driver::Driver,
    fake::Fake,
    host,
    options::{DriverKind, Options},
    provision::Error,
};

impl Options {
    /// The driver, connected.
    ///
    /// # Errors
    /// When the engine cannot be reached or the configuration cannot be used.
    pub async fn connect(&self) -> Result<Driver, Error> {
        match self.driver {
            DriverKind::Fake => {
                let step = Duration::from_millis(self.fake_step_ms);
                Ok(Driver::Fake(Arc::new(Fake::open(&self.fake_dir, step)?)))
            }
            DriverKind::Docker => Ok(Driver::Docker(Arc::new(Docker::connect(self).await?))),
        }
    }

    /// This host's name.
    ///
    /// # Errors
    /// When the engine does not say who it is.
    pub async fn host(&self, driver: &Driver) -> Result<HostId, Error> {
        match (&self.host, driver) {
            (Some(host), _) => Ok(host.clone()),
            (None, Driver::Docker(docker)) => Ok(host::from_engine(&docker.identity().await?)),
            (None, Driver::Fake(fake)) => Ok(host::from_engine(&fake.identity())),
        }
    }
}
