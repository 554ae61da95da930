//! The planner: from what is wanted and what is there to the one next step. Pure, and the same
//! function in the worker (to act) and in the gateway (to know when a goal is reached). Each step's
//! whole story is one row here: what it does, what shows that it is done, what undoes it, what is
//! shown of it. How a step is done is the driver's (`drivers::Provision`, a verb for each).

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::{
    cluster::{Desired, Goal},
    endpoint::Endpoint,
    word::read_by_word,
};

/// State of the control-plane container of one generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// There is no such container.
    #[default]
    Absent,
    /// It exists and doesn't run: it was never started, or it was stopped.
    Stopped,
    /// It runs, ready or not.
    Running,
}

/// What a host has of one cluster: facts, no judgment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Reported", into = "Reported")]
pub struct Observed {
    /// The node image, the network and every volume of the wanted generation exist.
    pub prepared: bool,
    /// State of the wanted generation's container.
    pub node: NodeState,
    /// The API answers `/readyz`, the node is Ready, the default ServiceAccount exists and
    /// `kubernetes.default` answers on its ClusterIP.
    pub ready: bool,
    /// Where the API answers or will answer, once that is chosen or found.
    pub endpoint: Option<Endpoint>,
    /// Things on the host with this cluster's label, of any generation; 0 when nothing is left.
    pub resources: u32,
}

/// What the host has of one cluster: facts alone, no judgement.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Reported {
    /// The node image, the network and every volume of the wanted generation are there.
    prepared: bool,
    node: NodeState,
    /// The API answers `/readyz`, the node is Ready, the default ServiceAccount exists and
    /// `kubernetes.default` answers on its ClusterIP.
    ready: bool,
    /// The endpoint's port: all that a gateway or a worker of an earlier version knows of it.
    api_port: Option<u16>,
    /// Where the API answers or will answer, once that is chosen or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoint: Option<Endpoint>,
    /// How many things bear this cluster's label on the host, of any generation.
    resources: u32,
}

impl From<Reported> for Observed {
    fn from(reported: Reported) -> Self {
        let port = reported.api_port;
        Self {
            prepared: reported.prepared,
            node: reported.node,
            ready: reported.ready,
            endpoint: reported.endpoint.or_else(|| port.map(Endpoint::loopback)),
            resources: reported.resources,
        }
    }
}

impl From<Observed> for Reported {
    fn from(observed: Observed) -> Self {
        Self {
            prepared: observed.prepared,
            node: observed.node,
            ready: observed.ready,
            api_port: observed.port(),
            endpoint: observed.endpoint,
            resources: observed.resources,
        }
    }
}

impl JsonSchema for Observed {
    fn schema_name() -> Cow<'static, str> {
        "Observed".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Reported::json_schema(generator)
    }
}

impl Observed {
    /// The endpoint's port.
    pub fn port(&self) -> Option<u16> {
        self.endpoint.as_ref().map(|endpoint| endpoint.port)
    }
}

/// One thing that a driver does for a cluster. Each may be repeated at any time without harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Choose the API's port, create the network and the volumes, and check that the image exists.
    Prepare,
    /// Create the container without starting it.
    Create,
    /// Start the container.
    Start,
    /// Wait until the cluster answers.
    Ready,
    /// Stop the container and keep its volumes.
    Stop,
    /// Remove everything with the cluster's label.
    Remove,
}

impl Step {
    /// Every step, in the order of a cluster's life.
    pub const ALL: [Self; 6] = [
        Self::Prepare,
        Self::Create,
        Self::Start,
        Self::Ready,
        Self::Stop,
        Self::Remove,
    ];
}

/// One step's story: a row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Story {
    /// In JSON, rows, settings and logs.
    pub word: &'static str,
    /// What a terminal says while it is under way.
    pub shown: &'static str,
    /// Seconds that it may take.
    pub secs_max: u64,
    /// It only waits: nothing is half done when it is left at once.
    pub waits: bool,
    /// The step after which it is not done any more; `None` where nothing brings back what it ended.
    pub undone_by: Option<Step>,
    /// What shows that it is done, or no more needed.
    done: fn(&Desired, &Observed) -> bool,
}

impl Step {
    /// The table.
    pub const fn story(self) -> Story {
        match self {
            Self::Prepare => Story {
                word: "prepare",
                shown: "preparing the host",
                secs_max: 60,
                waits: false,
                undone_by: Some(Self::Remove),
                done: |desired, observed| {
                    let chosen = desired.api_port.or(observed.port()).is_some();
                    observed.node != NodeState::Absent || (observed.prepared && chosen)
                },
            },
            Self::Create => Story {
                word: "create",
                shown: "creating the node",
                secs_max: 60,
                waits: false,
                undone_by: Some(Self::Remove),
                done: |_, observed| observed.node != NodeState::Absent,
            },
            Self::Start => Story {
                word: "start",
                shown: "starting the node",
                secs_max: 60,
                waits: false,
                undone_by: Some(Self::Stop),
                done: |_, observed| observed.node == NodeState::Running,
            },
            Self::Ready => Story {
                word: "ready",
                shown: "waiting for Kubernetes",
                // Longer than a driver's own wait, which says what is missing.
                secs_max: 150,
                waits: true,
                undone_by: Some(Self::Stop),
                done: |_, observed| observed.ready,
            },
            Self::Stop => Story {
                word: "stop",
                shown: "stopping the node",
                secs_max: 60,
                waits: false,
                undone_by: Some(Self::Start),
                done: |_, observed| observed.node != NodeState::Running,
            },
            Self::Remove => Story {
                word: "remove",
                shown: "removing everything",
                secs_max: 120,
                waits: false,
                undone_by: None,
                done: |_, observed| observed.resources == 0,
            },
        }
    }

    /// The word in JSON and in the database: `prepare`.
    pub const fn as_str(self) -> &'static str {
        self.story().word
    }

    /// Whether the host shows that it is done.
    pub fn is_done(self, desired: &Desired, observed: &Observed) -> bool {
        (self.story().done)(desired, observed)
    }
}

read_by_word!(Step, "step");

/// The next step towards `desired`; `None` when the goal is reached.
pub fn plan(desired: &Desired, observed: &Observed) -> Option<Step> {
    let mut left = steps(desired.goal).iter().copied();
    left.find(|step| !step.is_done(desired, observed))
}

/// The steps of a goal in order, to show how far a task is.
pub const fn steps(goal: Goal) -> &'static [Step] {
    match goal {
        Goal::Running => &[Step::Prepare, Step::Create, Step::Start, Step::Ready],
        Goal::Stopped => &[Step::Stop],
        Goal::Deleted => &[Step::Remove],
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cluster::Resources;

    /// A host that does what it is told.
    fn done(step: Step, mut host: Observed) -> Observed {
        match step {
            Step::Prepare => {
                host.prepared = true;
                host.endpoint = Some(Endpoint::loopback(20_000));
                host.resources += 5;
            }
            Step::Create => {
                host.node = NodeState::Stopped;
                host.resources += 1;
            }
            Step::Start => host.node = NodeState::Running,
            Step::Ready => host.ready = true,
            Step::Stop => {
                host.node = NodeState::Stopped;
                host.ready = false;
            }
            Step::Remove => host = Observed::default(),
        }
        host
    }

    fn desired(goal: Goal, api_port: Option<u16>) -> Desired {
        Desired {
            goal,
            generation: 1,
            data_generation: 1,
            k8s_version: "v1.34.4".into(),
            resources: Resources::default(),
            api_port,
        }
    }

    fn goals() -> impl Strategy<Value = Goal> {
        prop_oneof![
            Just(Goal::Running),
            Just(Goal::Stopped),
            Just(Goal::Deleted)
        ]
    }

    fn hosts() -> impl Strategy<Value = Observed> {
        let nodes = prop_oneof![
            Just(NodeState::Absent),
            Just(NodeState::Stopped),
            Just(NodeState::Running)
        ];
        (
            any::<bool>(),
            nodes,
            any::<bool>(),
            any::<Option<u16>>(),
            0u32..9,
        )
            .prop_map(|(prepared, node, ready, port, others)| Observed {
                prepared,
                node,
                ready: ready && node == NodeState::Running,
                endpoint: port.map(Endpoint::loopback),
                resources: others + u32::from(node != NodeState::Absent),
            })
    }

    proptest! {
        #[test]
        fn every_goal_is_reached_from_every_host(goal in goals(), start in hosts(), port in any::<Option<u16>>()) {
            let desired = desired(goal, port);
            let mut host = start;
            for _ in 0..steps(goal).len() {
                let Some(step) = plan(&desired, &host) else { break };
                prop_assert!(steps(goal).contains(&step));
                host = done(step, host);
            }
            prop_assert_eq!(plan(&desired, &host), None);
        }

        #[test]
        fn what_undoes_a_step_leaves_it_to_be_done_again(goal in goals(), start in hosts()) {
            let desired = desired(goal, None);
            let Some(step) = plan(&desired, &start) else { return Ok(()) };
            let host = done(step, start);
            prop_assert!(step.is_done(&desired, &host));
            if let Some(undo) = step.story().undone_by {
                prop_assert!(!step.is_done(&desired, &done(undo, host)));
            }
        }

        #[test]
        fn a_step_done_is_not_asked_for_again(goal in goals(), start in hosts()) {
            let desired = desired(goal, None);
            if let Some(step) = plan(&desired, &start) {
                prop_assert_ne!(plan(&desired, &done(step, start)), Some(step));
            }
        }

        #[test]
        fn another_goal_in_the_middle_is_reached_too(first in goals(), second in goals(), start in hosts(), taken in 0usize..4) {
            let mut host = start;
            for _ in 0..taken {
                let Some(step) = plan(&desired(first, None), &host) else { break };
                host = done(step, host);
            }
            let other = desired(second, None);
            for _ in 0..steps(second).len() {
                let Some(step) = plan(&other, &host) else { break };
                host = done(step, host);
            }
            prop_assert_eq!(plan(&other, &host), None);
        }
    }

    #[test]
    fn a_report_is_understood_by_earlier_versions_and_theirs_by_this_one() {
        let endpoint = Endpoint {
            address: "10.0.0.7".into(),
            port: 6443,
            server_name: "lab".into(),
        };
        let new = Observed {
            endpoint: Some(endpoint),
            ..Observed::default()
        };
        let said = serde_json::to_value(&new).unwrap();
        assert_eq!(said["api_port"], 6443);
        assert_eq!(serde_json::from_value::<Observed>(said).unwrap(), new);
        let old =
            r#"{"prepared":true,"node":"running","ready":true,"api_port":20000,"resources":6}"#;
        let old: Observed = serde_json::from_str(old).unwrap();
        assert_eq!(old.endpoint, Some(Endpoint::loopback(20_000)));
        let none =
            r#"{"prepared":false,"node":"absent","ready":false,"api_port":null,"resources":0}"#;
        let none: Observed = serde_json::from_str(none).unwrap();
        assert_eq!(none, Observed::default());
        assert_eq!(
            serde_json::to_value(none).unwrap()["api_port"],
            serde_json::Value::Null
        );
    }
}
