//! The configuration of a host's driver, the same for its worker and its exec-service.

use std::{path::PathBuf, sync::Arc, time::Duration};

use domain::HostId;

use crate::{Driver, Error, docker, fake, host};

#[derive(Debug, Clone, clap::Args)]
#[group(id = "driver_options")]
pub struct Options {
    /// `docker`, or `fake` for load and fault tests only
    #[arg(long, env = "LABYARD_DRIVER", default_value = "docker")]
    pub driver: String,
    /// This host's name; made from the engine's identity if absent
    #[arg(long, env = "LABYARD_HOST")]
    pub host: Option<HostId>,
    /// The node image; the newest `labyard-node` or `rancher/k3s` of the wanted version if absent
    #[arg(long, env = "LABYARD_NODE_IMAGE")]
    pub node_image: Option<String>,
    /// Where the networks of labs are cut from, a /28 each
    #[arg(long, env = "LABYARD_SUBNETS", default_value = "10.213.0.0/16")]
    pub subnets: String,
    /// `dev` is plain containers, else the name of an OCI runtime
    #[arg(long, env = "LAB_ISOLATION", default_value = "dev")]
    pub isolation: String,
    /// The fake driver's world
    #[arg(long, env = "LABYARD_FAKE_DIR", default_value = "/tmp/labyard-fake")]
    pub fake_dir: PathBuf,
    /// How long each step of the fake driver takes, in milliseconds
    #[arg(long, env = "LABYARD_FAKE_STEP_MS", default_value_t = 5)]
    pub fake_step_ms: u64,
}

impl Options {
    /// The driver, connected.
    ///
    /// # Errors
    /// When the engine cannot be reached or the configuration cannot be used.
    pub async fn connect(&self) -> Result<Driver, Error> {
        match self.driver.as_str() {
            "fake" => {
                let step = Duration::from_millis(self.fake_step_ms);
                Ok(Driver::Fake(Arc::new(fake::Fake::open(
                    &self.fake_dir,
                    step,
                )?)))
            }
            "docker" => Ok(Driver::Docker(Arc::new(
                docker::Docker::connect(self).await?,
            ))),
            other => Err(Error::Refused(format!(
                "LABYARD_DRIVER={other} is not docker or fake"
            ))),
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
