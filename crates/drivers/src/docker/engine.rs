//! The engine: how it is reached, with which settings, and what its answers mean.

use bollard::errors::Error as Bollard;

use super::subnet;
use crate::{
    options::{Isolation, Options},
    provision::Error,
};

pub struct Docker {
    pub(super) engine: bollard::Docker,
    pub(super) node_image: Option<String>,
    pub(super) subnets: subnet::Pool,
    /// The OCI runtime; the engine's default one if absent.
    pub(super) runtime: Option<String>,
}

impl Docker {
    pub(crate) async fn connect(options: &Options) -> Result<Self, Error> {
        let engine = bollard::Docker::connect_with_defaults().map_err(unreachable)?;
        let engine = engine.negotiate_version().await.map_err(unreachable)?;
        Ok(Self {
            engine,
            node_image: options.node_image.clone(),
            subnets: options.subnets.parse()?,
            runtime: match &options.isolation {
                Isolation::Dev => None,
                Isolation::Runtime(name) => Some(name.clone()),
            },
        })
    }

    /// The engine's own ID, the same for as long as it is installed.
    pub(crate) async fn identity(&self) -> Result<String, Error> {
        let info = self.engine.info().await.map_err(unreachable)?;
        info.id
            .filter(|id| !id.is_empty())
            .ok_or_else(|| Error::Refused("the engine has no ID; set LABYARD_HOST".into()))
    }
}

/// The engine's answer to a request, where "not there" is an answer too.
pub(super) fn absent<T>(result: Result<T, Bollard>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Bollard::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(None),
        Err(error) => Err(failed(error)),
    }
}

pub(super) fn failed(error: Bollard) -> Error {
    match error {
        Bollard::DockerResponseServerError {
            status_code,
            message,
        } => Error::Refused(format!("{} ({status_code})", message.trim())),
        other => unreachable(other),
    }
}

pub(super) fn unreachable(error: Bollard) -> Error {
    Error::Unreachable(Box::new(error))
}

/// The status of a refusal, if it is one.
pub(super) fn status(error: &Bollard) -> Option<u16> {
    match error {
        Bollard::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}
