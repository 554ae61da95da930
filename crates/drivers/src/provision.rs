//! Making a host match what is desired: the verbs every driver has, and why they can fail.

use std::future::Future;

use domain::{ClusterId, Code, Desired, Endpoint, Observed, Reason, Step};

use crate::{exec::Instance, role::Role};

/// One cluster's order for this host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// The installation's ID as hex: what bears another one is never touched.
    pub installation: String,
    pub cluster: ClusterId,
    pub desired: Desired,
}

impl Spec {
    pub fn instance(&self) -> Instance {
        Instance {
            cluster: self.cluster,
            generation: self.desired.generation,
        }
    }
}

/// One thing on the host that bears our label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub cluster: ClusterId,
    pub generation: u32,
    pub role: Role,
    pub name: String,
    pub running: bool,
}

/// Everything on the host that bears one installation's label.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    pub items: Vec<Found>,
    /// False when a part of the listing failed: nothing may be concluded from what is missing.
    pub complete: bool,
    /// The Kubernetes versions whose node image is here.
    pub versions: Vec<String>,
}

/// What the host has, in all and free.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Capacity {
    pub cpu_millis: u32,
    pub memory_mib: u32,
    pub memory_free_mib: u32,
    pub disk_mib: u64,
    pub disk_free_mib: u64,
    /// The load average of one minute, in hundredths.
    pub load_hundredths: u32,
}

/// Something a host needs for its clusters, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub name: &'static str,
    pub ok: bool,
    /// The facts; what to do as well when it is not ok.
    pub message: String,
}

impl Finding {
    pub fn good(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            message: message.into(),
        }
    }

    pub fn bad(name: &'static str, message: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            message: message.into(),
        }
    }
}

/// Why a verb was not done, by what can be done about it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the node image for {0} is missing on this host")]
    ImageMissing(String),
    #[error("no free network range is left in {0}")]
    NoSubnet(String),
    #[error("no port between 20000 and 29999 is free on this host")]
    NoPort,
    #[error("the cluster did not become ready within {secs} s: {missing}")]
    NotReady { secs: u64, missing: String },
    #[error("the node ended while it was starting: {0}")]
    NodeEnded(String),
    #[error("{verb} was not done within {secs} s")]
    TimedOut { verb: &'static str, secs: u64 },
    /// Something with this name is there and was not made from this order.
    #[error("{0} is there already and is not what was asked for")]
    Conflict(String),
    #[error("the container engine did not answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the container engine refused: {0}")]
    Refused(String),
}

impl Error {
    /// Trying again later may help; nothing has to be changed first.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Unreachable(_)
            | Self::Refused(_)
            | Self::NodeEnded(_)
            | Self::TimedOut { .. }
            | Self::NoPort
            | Self::NoSubnet(_) => true,
            Self::ImageMissing(_) | Self::NotReady { .. } | Self::Conflict(_) => false,
        }
    }

    /// What people are told.
    pub fn reason(&self) -> Reason {
        let code = match self {
            Self::ImageMissing(_) => Code::ImageMissing,
            Self::NoSubnet(_) => Code::NoSubnet,
            Self::NoPort => Code::NoPort,
            Self::NotReady { .. } => Code::NotReady,
            Self::Unreachable(_) | Self::TimedOut { .. } => Code::HostUnreachable,
            Self::NodeEnded(_) | Self::Conflict(_) | Self::Refused(_) => Code::StepFailed,
        };
        let mut text = self.to_string();
        if let Some(first) = text.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        Reason::new(code, format!("{text}."))
    }
}

/// The verbs: what each step of `domain::plan` is on a host, and what is asked of one. None keeps anything in memory: what is there is asked of the host each time.
pub trait Provision: Send + Sync + 'static {
    /// The word in configuration and on the bus.
    fn name(&self) -> &'static str;
    /// Facts about one cluster.
    fn observe(&self, spec: &Spec) -> impl Future<Output = Result<Observed, Error>> + Send;
    /// Image, endpoint, network, volumes; gives the endpoint.
    fn prepare(&self, spec: &Spec) -> impl Future<Output = Result<Endpoint, Error>> + Send;
    /// The container, not started.
    fn create(&self, spec: &Spec) -> impl Future<Output = Result<(), Error>> + Send;
    fn start(&self, spec: &Spec) -> impl Future<Output = Result<(), Error>> + Send;
    /// Waits until the cluster answers.
    fn ready(&self, spec: &Spec) -> impl Future<Output = Result<(), Error>> + Send;
    /// Stops the container; every volume stays.
    fn stop(&self, spec: &Spec) -> impl Future<Output = Result<(), Error>> + Send;
    /// Removes everything of the cluster, of every generation.
    fn remove(
        &self,
        installation: &str,
        cluster: ClusterId,
    ) -> impl Future<Output = Result<(), Error>> + Send;
    /// Does one step of the plan; gives the endpoint where the step chooses it.
    fn act(
        &self,
        spec: &Spec,
        step: Step,
    ) -> impl Future<Output = Result<Option<Endpoint>, Error>> + Send {
        async move {
            match step {
                Step::Prepare => return self.prepare(spec).await.map(Some),
                Step::Create => self.create(spec).await,
                Step::Start => self.start(spec).await,
                Step::Ready => self.ready(spec).await,
                Step::Stop => self.stop(spec).await,
                Step::Remove => self.remove(&spec.installation, spec.cluster).await,
            }
            .map(|()| None)
        }
    }
    fn inventory(&self, installation: &str) -> impl Future<Output = Inventory> + Send;
    fn capacity(&self) -> impl Future<Output = Result<Capacity, Error>> + Send;
    /// What this kind of host needs beyond room: its engine, its images, its network ranges …
    fn checks(&self) -> impl Future<Output = Vec<Finding>> + Send;
}
