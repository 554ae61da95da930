//! The door: every stream into a cluster begins here, with a capability or not at all.

use api::bus::{Capability, Fault, Open, OpenReply, OpenRequest};
use bus::{Bus, Direction, seal::SealKey};
use domain::{Code, HostId, StreamKind, StreamLimits};
use drivers::{Driver, ReachError};

use crate::{
    capability::Verifier, config::Options, error::Error, exec, kubeconfig, person::People,
    slots::Slots,
};

pub(crate) struct Door {
    verifier: Verifier,
    people: People,
    driver: Driver,
    host: HostId,
    bus: Bus,
    seal: SealKey,
    commands: Slots,
    kubeconfigs: Slots,
}

impl Door {
    pub(crate) fn new(options: &Options, driver: Driver, host: HostId, bus: Bus) -> Self {
        Self {
            verifier: Verifier::new(options.gateway_keys.capability, host.clone()),
            people: People::new(driver.clone()),
            driver,
            host,
            bus,
            seal: options.gateway_keys.seal.clone(),
            commands: Slots::new(StreamLimits {
                host: options.exec_max,
                cluster: options.exec_per_cluster,
                person: options.exec_per_user,
                ..StreamKind::Exec.rules().limits
            }),
            kubeconfigs: Slots::new(StreamKind::Kubeconfig.rules().limits),
        }
    }

    pub(crate) async fn open(&self, request: OpenRequest) -> Result<OpenReply, Fault> {
        let capability = self
            .verifier
            .verify(&request.capability, request.open.kind())?;
        match request.open {
            Open::Exec { argv, stdin } => {
                self.exec(&capability, &request.stream, argv, stdin).await
            }
            Open::Kubeconfig => self.kubeconfig(&capability).await,
        }
    }

    /// Starts a command; its output and end go down the stream.
    async fn exec(
        &self,
        capability: &Capability,
        stream: &str,
        argv: Vec<String>,
        stdin: Option<String>,
    ) -> Result<OpenReply, Fault> {
        exec::check(&argv)?;
        let stdin = exec::input(stdin)?;
        let slot = self.commands.claim(capability)?;
        let person = self.people.inside(capability).await.map_err(fault)?;
        let sender = self
            .bus
            .send_stream(&self.host, stream, Direction::Down)
            .await
            .map_err(|error| {
                tracing::error!(%error, "a stream could not be opened");
                unavailable("the bus did not take the stream")
            })?;
        let limits = exec::Limits {
            secs: capability.secs_max,
            output: capability.output_max,
        };
        let started = exec::start(&self.driver, &person, limits, argv, stdin)
            .await
            .map_err(|error| {
                // What was put inside may be gone with the container: the next try makes it anew.
                self.people.forget(capability);
                fault(error)
            })?;
        metrics::counter!("labyard_execs_total").increment(1);
        let driver = self.driver.clone();
        tokio::spawn(async move {
            exec::relay(driver, started, sender).await;
            drop(slot);
        });
        Ok(OpenReply { sealed: None })
    }

    async fn kubeconfig(&self, capability: &Capability) -> Result<OpenReply, Fault> {
        let _slot = self.kubeconfigs.claim(capability)?;
        let person = self.people.inside(capability).await.map_err(fault)?;
        let (certificate, endpoint) = person.login.as_ref().ok_or_else(|| fault(Error::NoApi))?;
        let cluster = capability.cluster.to_string();
        let text = kubeconfig::outside(certificate, endpoint, &cluster, &capability.user_name);
        let sealed = self
            .seal
            .seal(text.as_bytes())
            .map_err(|_| unavailable("the kubeconfig could not be sealed"))?;
        Ok(OpenReply {
            sealed: Some(sealed),
        })
    }
}

/// What the asker is told of a failure; the cause stays in this service's log.
fn fault(error: Error) -> Fault {
    tracing::warn!(
        error = &error as &dyn std::error::Error,
        "a cluster could not be reached"
    );
    match error {
        Error::Reach(ReachError::NotRunning) => Fault {
            code: Code::WrongStatus,
            message: "The cluster's container is not running on its host.".into(),
            retryable: true,
        },
        Error::Reach(ReachError::Engine(_)) => {
            unavailable("The host's container engine did not answer.")
        }
        Error::Reach(ReachError::Slow) | Error::Slow => {
            unavailable("The cluster did not answer in time.")
        }
        Error::Reach(ReachError::Credential(_)) => unavailable(
            "The credential inside the cluster cannot be used. If an owner changed it, restart the cluster.",
        ),
        Error::Api(_) | Error::Certificate => {
            unavailable("The cluster's API did not answer as it should.")
        }
        Error::NoApi => unavailable("This driver's clusters have no API."),
        Error::Unguarded => {
            unavailable("The cluster did not put its policies for guests in force in time.")
        }
        Error::Inside(_) | Error::Key => {
            unavailable("The cluster's container could not be prepared for you.")
        }
    }
}

fn unavailable(message: &str) -> Fault {
    Fault {
        code: Code::Unavailable,
        message: message.to_owned(),
        retryable: true,
    }
}
