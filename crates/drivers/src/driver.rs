//! The drivers there are, behind one type.

use std::sync::Arc;

use domain::{ClusterId, Endpoint, Observed};

use crate::{
    credential::Credential,
    docker::Docker,
    exec::{Command, Inspected, Instance, Reach, ReachError, Running},
    fake::Fake,
    provision::{Capacity, Error, Finding, Inventory, Provision, Spec},
};

/// A connected driver; cheap to clone.
#[derive(Clone)]
pub enum Driver {
    Docker(Arc<Docker>),
    /// For load and fault tests only: its clusters are files.
    Fake(Arc<Fake>),
}

macro_rules! each {
    ($self:ident, $driver:ident => $call:expr) => {
        match $self {
            Self::Docker($driver) => $call.await,
            Self::Fake($driver) => $call.await,
        }
    };
}

impl Provision for Driver {
    fn name(&self) -> &'static str {
        match self {
            Self::Docker(driver) => driver.name(),
            Self::Fake(driver) => driver.name(),
        }
    }
    async fn observe(&self, spec: &Spec) -> Result<Observed, Error> {
        each!(self, driver => driver.observe(spec))
    }
    async fn prepare(&self, spec: &Spec) -> Result<Endpoint, Error> {
        each!(self, driver => driver.prepare(spec))
    }
    async fn create(&self, spec: &Spec) -> Result<(), Error> {
        each!(self, driver => driver.create(spec))
    }
    async fn start(&self, spec: &Spec) -> Result<(), Error> {
        each!(self, driver => driver.start(spec))
    }
    async fn ready(&self, spec: &Spec) -> Result<(), Error> {
        each!(self, driver => driver.ready(spec))
    }
    async fn stop(&self, spec: &Spec) -> Result<(), Error> {
        each!(self, driver => driver.stop(spec))
    }
    async fn remove(&self, installation: &str, cluster: ClusterId) -> Result<(), Error> {
        each!(self, driver => driver.remove(installation, cluster))
    }
    async fn inventory(&self, installation: &str) -> Inventory {
        each!(self, driver => driver.inventory(installation))
    }
    async fn capacity(&self) -> Result<Capacity, Error> {
        each!(self, driver => driver.capacity())
    }
    async fn checks(&self) -> Vec<Finding> {
        each!(self, driver => driver.checks())
    }
}

impl Reach for Driver {
    async fn inspect(&self, instance: Instance) -> Result<Inspected, ReachError> {
        each!(self, driver => driver.inspect(instance))
    }
    async fn credential(&self, instance: Instance) -> Result<Credential, ReachError> {
        each!(self, driver => driver.credential(instance))
    }
    async fn exec(&self, instance: Instance, command: Command) -> Result<Running, ReachError> {
        each!(self, driver => driver.exec(instance, command))
    }
}
