//! Readiness, asked of the cluster itself and never of a log: `/readyz`, a Ready node, the default
//! ServiceAccount, and `kubernetes.default` on its ClusterIP.

use std::time::Duration;

use domain::{Endpoint, NodeState};
use kube::Client;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use super::{engine::Docker, port};
use crate::{
    client,
    exec::{API_INSIDE, Command, Reach},
    notes,
    provision::{Error, Spec},
};

/// Seconds a cluster may take.
const READY_SECS: u64 = 120;
const POLL: Duration = Duration::from_millis(25);
/// To inspect whether the container still runs costs more than asking the API.
const INSPECT_NODE: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(2);
const ACCOUNT: &str = "/api/v1/namespaces/default/serviceaccounts/default";
const NODES: &str = "/api/v1/nodes?limit=8";

/// Nodes, as far as they are looked at.
#[derive(Deserialize)]
struct Nodes {
    items: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    status: Status,
}

#[derive(Default, Deserialize)]
struct Status {
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(Deserialize)]
struct Condition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
}

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
    pub(super) async fn is_ready(&self, spec: &Spec, endpoint: Option<Endpoint>) -> bool {
        let Some(endpoint) = endpoint else {
            return false;
        };
        let mut probe = Probe::new(self, spec, endpoint);
        Box::pin(probe.advance()).await.is_none()
    }

    /// Waits until everything is there.
    pub(super) async fn until_ready(&self, spec: &Spec) -> Result<(), Error> {
        let bound = self.bound_endpoint(spec).await?;
        let endpoint = bound
            .or_else(|| port::chosen(spec))
            .ok_or_else(|| Error::Refused("the node has no port".into()))?;
        let deadline = Instant::now() + Duration::from_secs(READY_SECS);
        let mut inspect_at = Instant::now() + INSPECT_NODE;
        let mut probe = Probe::new(self, spec, endpoint);
        let (began, mut lacked) = (Instant::now(), None);
        loop {
            let Some(missing) = Box::pin(probe.advance()).await else {
                notes::record(format!("{} ms: ready", began.elapsed().as_millis()));
                return Ok(());
            };
            if lacked != Some(missing) {
                let ms = began.elapsed().as_millis();
                notes::record(format!("{ms} ms: {}", missing.text()));
                lacked = Some(missing);
            }
            if Instant::now() > deadline {
                return Err(Error::NotReady {
                    secs: READY_SECS,
                    missing: missing.text().to_owned(),
                });
            }
            if Instant::now() > inspect_at {
                inspect_at = Instant::now() + INSPECT_NODE;
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
    endpoint: Endpoint,
    anonymous: Option<Client>,
    admin: Option<Client>,
    missing: Missing,
}

impl<'a> Probe<'a> {
    fn new(docker: &'a Docker, spec: &'a Spec, endpoint: Endpoint) -> Self {
        Self {
            docker,
            spec,
            endpoint,
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
            self.anonymous = anonymous(&self.endpoint);
        }
        let Some(client) = &self.anonymous else {
            return false;
        };
        readyz(client).await
    }

    async fn log_in(&mut self) -> bool {
        let reading = self.docker.credential(self.spec.instance());
        let Ok(Ok(credential)) = timeout(ANSWER, reading).await else {
            return false;
        };
        self.admin = credential.client(&self.endpoint, ANSWER).ok();
        self.admin.is_some()
    }

    async fn account(&self) -> bool {
        let Some(client) = &self.admin else {
            return false;
        };
        ask(client, ACCOUNT).await.is_some()
    }

    async fn node(&self) -> bool {
        let Some(client) = &self.admin else {
            return false;
        };
        ask(client, NODES).await.is_some_and(|text| ready(&text))
    }

    /// Asked from inside, where ClusterIPs are.
    async fn cluster_ip(&self) -> bool {
        let server = format!("--server={API_INSIDE}");
        let argv = [
            "kubectl",
            "--kubeconfig=/etc/rancher/k3s/k3s.yaml",
            &server,
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
    ask(client, "/readyz")
        .await
        .is_some_and(|text| text == "ok")
}

/// What the API says there, if it is no refusal.
async fn ask(client: &Client, path: &str) -> Option<String> {
    let request = http::Request::get(path).body(Vec::new()).ok()?;
    timeout(ANSWER, client.request_text(request))
        .await
        .ok()?
        .ok()
}

/// Whether one of these nodes is Ready.
fn ready(nodes: &str) -> bool {
    serde_json::from_str(nodes).is_ok_and(|Nodes { items }| {
        let conditions = items.iter().flat_map(|node| &node.status.conditions);
        conditions
            .into_iter()
            .any(|condition| condition.kind == "Ready" && condition.status == "True")
    })
}

/// Asks only whether the API answers; nothing is sent that could be stolen.
fn anonymous(endpoint: &Endpoint) -> Option<Client> {
    let mut config = client::config(endpoint, ANSWER).ok()?;
    config.accept_invalid_certs = true;
    client::bounded(config, ANSWER).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_ready_when_it_says_so() {
        let said = |status: &str| {
            format!(
                r#"{{"items":[{{}},{{"status":{{"conditions":[{{"type":"Ready","status":"{status}"}}]}}}}]}}"#
            )
        };
        assert!(ready(&said("True")));
        for text in [
            &said("False"),
            "",
            "[]",
            r#"{"items":[]}"#,
            r#"{"items":[{}]}"#,
        ] {
            assert!(!ready(text), "{text}");
        }
    }
}
