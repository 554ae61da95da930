//! The configuration of a host's driver, the same for its worker and its exec-service.

use std::{convert::Infallible, path::PathBuf, str::FromStr};

use domain::HostId;

#[derive(Debug, Clone, clap::Args)]
#[group(id = "driver_options")]
pub struct Options {
    /// `docker`, or `fake` for load and fault tests only
    #[arg(long, env = "LABYARD_DRIVER", default_value = "docker")]
    pub driver: DriverKind,
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
    pub isolation: Isolation,
    /// The fake driver's world
    #[arg(long, env = "LABYARD_FAKE_DIR", default_value = "/tmp/labyard-fake")]
    pub fake_dir: PathBuf,
    /// How long each step of the fake driver takes, in milliseconds
    #[arg(long, env = "LABYARD_FAKE_STEP_MS", default_value_t = 5)]
    pub fake_step_ms: u64,
}

/// The drivers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriverKind {
    Docker,
    /// For load and fault tests only.
    Fake,
}

impl DriverKind {
    /// The word in configuration and on the bus.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Fake => "fake",
        }
    }
}

impl FromStr for DriverKind {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        [Self::Docker, Self::Fake]
            .into_iter()
            .find(|kind| kind.as_str() == word)
            .ok_or_else(|| format!("LABYARD_DRIVER={word} is not docker or fake"))
    }
}

/// What keeps a lab from its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// Plain containers.
    Dev,
    /// An OCI runtime by its name.
    Runtime(String),
}

impl FromStr for Isolation {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(match word {
            "dev" => Self::Dev,
            name => Self::Runtime(name.to_owned()),
        })
    }
}
