//! Reaching inside an instance: what exec-service needs of a driver, and no more.

use std::{future::Future, pin::Pin};

use bytes::Bytes;
use domain::{ClusterId, Endpoint};
use futures_util::stream::BoxStream;

use crate::credential::{Credential, Unusable};

/// One generation of a cluster as it stands on this host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instance {
    pub cluster: ClusterId,
    pub generation: u32,
}

/// The cluster's API as what runs inside sees it, by the first of the addresses of its Services.
pub const API_INSIDE: &str = "https://10.43.0.1";

/// An instance that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Changes whenever the instance starts anew: what was put inside it is gone then.
    pub boot_id: String,
    /// Where the cluster's API answers; `None` where the driver's clusters have none (fake).
    pub api: Option<Endpoint>,
}

/// A command inside the control-plane container.
#[derive(Debug, Clone, Default)]
pub struct Command {
    pub argv: Vec<String>,
    /// `NAME=value`
    pub env: Vec<String>,
    /// `uid:gid`; root if absent.
    pub user: Option<String>,
    pub working_dir: Option<String>,
    /// Written to its standard input, which is then closed.
    pub stdin: Option<Bytes>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Stdout(Bytes),
    Stderr(Bytes),
}

/// A command under way. Dropping it leaves the command running.
pub struct Running {
    pub output: BoxStream<'static, Result<Output, ReachError>>,
    /// The exit code; ask when `output` has ended.
    pub exit: Pin<Box<dyn Future<Output = Result<i32, ReachError>> + Send>>,
}

/// Why an instance could not be reached.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// There is no such instance here, or it is not running.
    #[error("the cluster is not running on this host")]
    NotRunning,
    /// The engine or the container did not answer as it should.
    #[error("the host's engine did not answer")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The engine or the container took longer than it may.
    #[error("the cluster's container did not answer in time")]
    Slow,
    /// What stands where the cluster's administrator's credential is.
    #[error("the cluster's credential cannot be used")]
    Credential(#[from] Unusable),
}

/// What exec-service may do on a host.
pub trait Reach: Send + Sync + 'static {
    fn inspect(
        &self,
        instance: Instance,
    ) -> impl Future<Output = Result<Inspected, ReachError>> + Send;

    /// The cluster's administrator, as far as what the instance wrote is believed; it never leaves this host in clear.
    fn credential(
        &self,
        instance: Instance,
    ) -> impl Future<Output = Result<Credential, ReachError>> + Send;

    fn exec(
        &self,
        instance: Instance,
        command: Command,
    ) -> impl Future<Output = Result<Running, ReachError>> + Send;
}
