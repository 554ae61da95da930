//! Readiness, asked of the cluster itself and never of a log: `/readyz`, a Ready node, the default
//! ServiceAccount, and `kubernetes.default` on its ClusterIP.

use std::time::Duration;

use domain::NodeState;
use k8s_openapi::api::core::v1::{Node, ServiceAccount};
use kube::{
    Api, Client, Config,
    api::ListParams,
    config::{KubeConfigOptions, Kubeconfig},
};
use tokio::time::{Instant, sleep, timeout};

use super::Docker;
use crate::{Command, Error, Reach, Spec, notes};

/// Seconds a cluster may take.
const READY_SECS: u64 = 120;
const POLL: Duration = Duration::from_millis(25);
/// Looking at whether the container still runs costs more than asking the API.
const LOOK_AT_NODE: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(2);

/// What a cluster lacks, in the order in which it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    Api,
    Admin,
    Account,
    Node,
    ClusterIp,
}

impl Missing {
    const fn text(self) -> &'static str {
        match self {
            Self::Api => "its API does not answer",
            Self::Admin => "its admin kubeconfig is not there",
            Self::Account => "the default ServiceAccount is not there",
            Self::Node => "its node is not Ready",
            Self::ClusterIp => "kubernetes.default does not answer on its ClusterIP",
        }
    }
}

impl Docker {
    /// Whether everything is there right now.
    pub(super) async fn is_ready(&self, spec: &Spec, port: Option<u16>) -> bool {
        let Some(port) = port else { return false };
        let mut probe = Probe::new(self, spec, port);
        probe.advance().await.is_none()
    }

    /// Waits until everything is there.
    pub(super) async fn until_ready(&self, spec: &Spec) -> Result<(), Error> {
        let port = self.bound_port(spec).await?.or(spec.desired.api_port);
        let port = port.ok_or_else(|| Error::Refused("the node has no port".into()))?;
        let deadline = Instant::now() + Duration::from_secs(READY_SECS);
        let mut look = Instant::now() + LOOK_AT_NODE;
        let mut probe = Probe::new(self, spec, port);
        let (began, mut lacked) = (Instant::now(), None);
        loop {
            let Some(missing) = probe.advance().await else {
                notes::say(format!("{} ms: ready", began.elapsed().as_millis()));
                return Ok(());
            };
            if lacked != Some(missing) {
                let ms = began.elapsed().as_millis();
                notes::say(format!("{ms} ms: {}", missing.text()));
                lacked = Some(missing);
            }
            if Instant::now() > deadline {
                return Err(Error::NotReady {
                    secs: READY_SECS,
                    missing: missing.text().to_owned(),
                });
            }
            if Instant::now() > look {
                look = Instant::now() + LOOK_AT_NODE;
                if self.node_state(spec).await? != NodeState::Running {
                    return Err(Error::NodeEnded(missing.text().to_owned()));
                }
            }
            sleep(POLL).await;
        }
    }
}

/// Remembers which conditions have held, so that each is asked for once.
struct Probe<'a> {
    docker: &'a Docker,
    spec: &'a Spec,
    port: u16,
    anonymous: Option<Client>,
    admin: Option<Client>,
    missing: Missing,
}

impl<'a> Probe<'a> {
    fn new(docker: &'a Docker, spec: &'a Spec, port: u16) -> Self {
        Self {
            docker,
            spec,
            port,
            anonymous: None,
            admin: None,
            missing: Missing::Api,
        }
    }

    /// Asks as far as it gets; gives the first thing missing.
    async fn advance(&mut self) -> Option<Missing> {
        loop {
            let (held, next) = match self.missing {
                Missing::Api => (self.api().await, Some(Missing::Admin)),
                Missing::Admin => (self.log_in().await, Some(Missing::Account)),
                Missing::Account => (self.account().await, Some(Missing::Node)),
                Missing::Node => (self.node().await, Some(Missing::ClusterIp)),
                Missing::ClusterIp => (self.cluster_ip().await, None),
            };
            match (held, next) {
                (false, _) => return Some(self.missing),
                (true, None) => return None,
                (true, Some(next)) => self.missing = next,
            }
        }
    }

    /// `/readyz` needs no login.
    async fn api(&mut self) -> bool {
        if self.anonymous.is_none() {
            self.anonymous = anonymous(self.port);
        }
        let Some(client) = &self.anonymous else {
            return false;
        };
        readyz(client).await
    }

    async fn log_in(&mut self) -> bool {
        let Ok(text) = self.docker.admin_kubeconfig(self.spec.instance()).await else {
            return false;
        };
        self.admin = admin(&text, self.port).await;
        self.admin.is_some()
    }

    async fn account(&self) -> bool {
        let Some(client) = &self.admin else {
            return false;
        };
        let accounts: Api<ServiceAccount> = Api::namespaced(client.clone(), "default");
        matches!(timeout(ANSWER, accounts.get("default")).await, Ok(Ok(_)))
    }

    async fn node(&self) -> bool {
        let Some(client) = &self.admin else {
            return false;
        };
        let nodes: Api<Node> = Api::all(client.clone());
        let Ok(Ok(list)) = timeout(ANSWER, nodes.list(&ListParams::default())).await else {
            return false;
        };
        list.items.iter().any(|node| {
            let conditions = node
                .status
                .as_ref()
                .and_then(|status| status.conditions.as_ref());
            conditions
                .into_iter()
                .flatten()
                .any(|condition| condition.type_ == "Ready" && condition.status == "True")
        })
    }

    /// Asked from inside, where ClusterIPs are.
    async fn cluster_ip(&self) -> bool {
        let argv = [
            "kubectl",
            "--kubeconfig=/etc/rancher/k3s/k3s.yaml",
            "--server=https://10.43.0.1",
            "--request-timeout=1s",
            "get",
            "--raw",
            "/readyz",
        ];
        let command = Command {
            argv: argv.map(str::to_owned).to_vec(),
            ..Command::default()
        };
        let asking = async {
            let running = self.docker.exec(self.spec.instance(), command).await.ok()?;
            futures_util::StreamExt::for_each(running.output, |_| async {}).await;
            running.exit.await.ok()
        };
        matches!(timeout(ANSWER, asking).await, Ok(Some(0)))
    }
}

async fn readyz(client: &Client) -> bool {
    let Ok(request) = http_get("/readyz") else {
        return false;
    };
    matches!(timeout(ANSWER, client.request_text(request)).await, Ok(Ok(text)) if text == "ok")
}

fn http_get(path: &str) -> Result<http::Request<Vec<u8>>, http::Error> {
    http::Request::get(path).body(Vec::new())
}

/// Asks only whether the API answers; nothing is sent that could be stolen.
fn anonymous(port: u16) -> Option<Client> {
    let mut config = Config::new(format!("https://127.0.0.1:{port}").parse().ok()?);
    config.accept_invalid_certs = true;
    config.connect_timeout = Some(ANSWER);
    config.read_timeout = Some(ANSWER);
    Client::try_from(config).ok()
}

async fn admin(kubeconfig: &str, port: u16) -> Option<Client> {
    let kubeconfig = Kubeconfig::from_yaml(kubeconfig).ok()?;
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .ok()?;
    config.cluster_url = format!("https://127.0.0.1:{port}").parse().ok()?;
    config.connect_timeout = Some(ANSWER);
    config.read_timeout = Some(ANSWER);
    config.proxy_url = None;
    Client::try_from(config).ok()
}
