//! The state of a cluster's parts, as its host last saw them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::{NodeState, Observed};

/// State of one part of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Part {
    /// It works.
    Ok,
    /// It is missing or doesn't answer.
    Down,
    /// It is stopped together with the cluster.
    Stopped,
    /// It hasn't been checked, can't be checked, or the word is from a newer version than this reader.
    #[default]
    #[serde(other)]
    Unknown,
}

/// State of a cluster's parts, as its host last saw them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Components {
    /// The container that is the cluster's node.
    #[serde(default)]
    pub node: Part,
    /// The cluster's volumes, its network and the node image.
    #[serde(default)]
    pub storage: Part,
    /// The Kubernetes API: it answers from outside and, at its service address, from inside, and the node is Ready.
    #[serde(default)]
    pub api: Part,
}

impl Components {
    /// Derives the state of each part from a full observation.
    pub const fn seen(observed: &Observed) -> Self {
        let node = match observed.node {
            NodeState::Running => Part::Ok,
            NodeState::Stopped => Part::Stopped,
            NodeState::Absent => Part::Down,
        };
        Self {
            node,
            storage: match observed.prepared {
                true => Part::Ok,
                false => Part::Down,
            },
            api: match (observed.ready, node) {
                (true, _) => Part::Ok,
                (false, Part::Stopped) => Part::Stopped,
                (false, _) => Part::Down,
            },
        }
    }

    /// Updates these after a look at the node alone, as a host takes at clusters that no worker holds. What is
    /// known of the API is kept only if the node was running before and still is; `should_run` tells a node
    /// that is down from one at rest.
    pub const fn with_node(self, runs: bool, should_run: bool) -> Self {
        let (node, api) = match (runs, should_run) {
            (true, _) => (Part::Ok, Part::Unknown),
            (false, true) => (Part::Down, Part::Down),
            (false, false) => (Part::Stopped, Part::Stopped),
        };
        // What is known of the API stays true as long as the node goes on running.
        let api = match (runs, self.node) {
            (true, Part::Ok) => self.api,
            _ => api,
        };
        Self { node, api, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(node: NodeState, prepared: bool, ready: bool) -> Observed {
        Observed {
            prepared,
            node,
            ready,
            ..Observed::default()
        }
    }

    fn parts(node: Part, storage: Part, api: Part) -> Components {
        Components { node, storage, api }
    }

    #[test]
    fn an_observation_says_how_each_part_is() {
        use NodeState::*;
        for (node, prepared, ready, expected) in [
            (Running, true, true, parts(Part::Ok, Part::Ok, Part::Ok)),
            (Running, true, false, parts(Part::Ok, Part::Ok, Part::Down)),
            (
                Stopped,
                true,
                false,
                parts(Part::Stopped, Part::Ok, Part::Stopped),
            ),
            (
                Absent,
                false,
                false,
                parts(Part::Down, Part::Down, Part::Down),
            ),
        ] {
            let seen = Components::seen(&observed(node, prepared, ready));
            assert_eq!(seen, expected, "{node:?} {prepared} {ready}");
        }
    }

    #[test]
    fn a_look_at_the_node_changes_what_hangs_on_it() {
        let well = parts(Part::Ok, Part::Ok, Part::Ok);
        assert_eq!(well.with_node(true, true), well);
        let down = well.with_node(false, true);
        assert_eq!(down, parts(Part::Down, Part::Ok, Part::Down));
        let back = down.with_node(true, true);
        assert_eq!(back, parts(Part::Ok, Part::Ok, Part::Unknown));
        let rests = parts(Part::Stopped, Part::Ok, Part::Stopped);
        assert_eq!(rests.with_node(false, false), rests);
    }
}
