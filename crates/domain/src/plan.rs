//! The planner: from what is desired and what is observed to the one next step. Pure, and the same function in the worker (to
//! act) and in the gateway (to know when a goal is reached).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Desired, Goal};

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
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Observed {
    /// The node image, the network and every volume of the wanted generation exist.
    pub prepared: bool,
    /// State of the wanted generation's container.
    pub node: NodeState,
    /// The API answers `/readyz`, the node is Ready, the default ServiceAccount exists and
    /// `kubernetes.default` answers on its ClusterIP.
    pub ready: bool,
    /// Port found or chosen for the cluster's API on the host's loopback; null if there is none yet.
    pub api_port: Option<u16>,
    /// Things on the host with this cluster's label, of any generation; 0 when nothing is left.
    pub resources: u32,
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

    /// The word in JSON and in the database: `prepare`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Prepare => "prepare",
            Self::Create => "create",
            Self::Start => "start",
            Self::Ready => "ready",
            Self::Stop => "stop",
            Self::Remove => "remove",
        }
    }

    /// The inverse of [`Self::as_str`]; `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }
}

/// The next step towards `desired`; `None` when the goal is reached.
pub fn plan(desired: &Desired, observed: &Observed) -> Option<Step> {
    match desired.goal {
        Goal::Running => match observed.node {
            NodeState::Absent
                if !observed.prepared || desired_port(desired, observed).is_none() =>
            {
                Some(Step::Prepare)
            }
            NodeState::Absent => Some(Step::Create),
            NodeState::Stopped => Some(Step::Start),
            NodeState::Running if !observed.ready => Some(Step::Ready),
            NodeState::Running => None,
        },
        Goal::Stopped => (observed.node == NodeState::Running).then_some(Step::Stop),
        Goal::Deleted => (observed.resources > 0).then_some(Step::Remove),
    }
}

/// The API's port: the gateway's, once it has one, else the one that the host found or chose.
pub fn desired_port(desired: &Desired, observed: &Observed) -> Option<u16> {
    desired.api_port.or(observed.api_port)
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Resources;

    /// A host that does what it is told.
    fn done(step: Step, mut host: Observed) -> Observed {
        match step {
            Step::Prepare => {
                host.prepared = true;
                host.api_port = Some(20_000);
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
            .prop_map(|(prepared, node, ready, api_port, others)| Observed {
                prepared,
                node,
                ready: ready && node == NodeState::Running,
                api_port,
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
        fn a_step_done_is_not_asked_for_again(goal in goals(), start in hosts()) {
            let desired = desired(goal, None);
            if let Some(step) = plan(&desired, &start) {
                prop_assert_ne!(plan(&desired, &done(step, start)), Some(step));
            }
        }

        #[test]
        fn a_turn_in_the_middle_still_ends(first in goals(), second in goals(), start in hosts(), taken in 0usize..4) {
            let mut host = start;
            for _ in 0..taken {
                let Some(step) = plan(&desired(first, None), &host) else { break };
                host = done(step, host);
            }
            let turned = desired(second, None);
            for _ in 0..steps(second).len() {
                let Some(step) = plan(&turned, &host) else { break };
                host = done(step, host);
            }
            prop_assert_eq!(plan(&turned, &host), None);
        }
    }
}
