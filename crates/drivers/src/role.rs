//! What a thing on a host is to its cluster: one word in labels, names and reports.

use std::str::FromStr;

use domain::UnknownWord;
use serde::{Deserialize, Serialize};

/// What a thing on a host is to its cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The control-plane container.
    Node,
    Network,
    State,
    Data,
    Cache,
    Kubelet,
}

impl Role {
    const ALL: [Self; 6] = [
        Self::Node,
        Self::Network,
        Self::State,
        Self::Data,
        Self::Cache,
        Self::Kubelet,
    ];

    /// The word in labels and in names.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Network => "network",
            Self::State => "state",
            Self::Data => "data",
            Self::Cache => "cache",
            Self::Kubelet => "kubelet",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|role| role.as_str() == word);
        found.ok_or_else(|| UnknownWord {
            kind: "role",
            word: word.to_owned(),
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_one_word_everywhere() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        assert!("attic".parse::<Role>().is_err());
    }
}
