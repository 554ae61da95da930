//! Streams into a cluster: the kinds there are, and all that is decided of each in one table. A stream of any kind is opened
//! and ended alike; what makes kinds differ stands here and nowhere else.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{action::Action, limits, word::read_by_word};

/// What is opened into a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StreamKind {
    /// One command in the control-plane container.
    Exec,
    /// A kubeconfig for the caller.
    Kubeconfig,
}

/// How many of a kind there are at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLimits {
    /// What they are, for people: `commands`.
    pub what: &'static str,
    /// Of all clusters of a host together, beyond what each has of its own.
    pub host: usize,
    /// Of each cluster, that no other cluster can take.
    pub own: usize,
    /// Of one cluster. The last third is for people who have none in it.
    pub cluster: usize,
    /// Of one person in one cluster.
    pub person: usize,
}

/// What the audit says of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamAudit {
    /// That it began, and how it ended.
    BeginAndEnd,
    /// That it was given.
    Once,
}

/// All that is decided of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamRules {
    /// In JSON, in capabilities and in logs.
    pub word: &'static str,
    /// What its opener must be allowed.
    pub action: Action,
    /// How many of it may be open at once.
    pub limits: StreamLimits,
    /// Seconds without a byte after which it ends; `None` where silence is no reason.
    pub idle_secs: Option<u64>,
    /// Seconds after which it ends in any case.
    pub total_secs: u64,
    /// Bytes kept of what comes back, of each of its outputs.
    pub ring_bytes: usize,
    /// What the audit keeps of it.
    pub audit: StreamAudit,
    /// What its cluster is then said to have been used for.
    pub used_for: &'static str,
    /// Seconds from its begin for which it counts as use although nothing of it is seen.
    pub unseen_secs: u32,
}

impl StreamKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Exec, Self::Kubeconfig];

    /// The table.
    pub const fn rules(self) -> StreamRules {
        match self {
            Self::Exec => StreamRules {
                word: "exec",
                action: Action::ClusterUse,
                limits: StreamLimits {
                    what: "commands",
                    host: 64,
                    own: 2,
                    cluster: limits::EXECS_PER_CLUSTER,
                    person: limits::EXECS_PER_USER,
                },
                idle_secs: None,
                total_secs: limits::EXEC_SECS,
                ring_bytes: limits::EXEC_OUTPUT_MAX,
                audit: StreamAudit::BeginAndEnd,
                used_for: "exec",
                unseen_secs: 0,
            },
            Self::Kubeconfig => StreamRules {
                word: "kubeconfig",
                action: Action::ClusterUse,
                // Each takes a moment.
                limits: StreamLimits {
                    what: "kubeconfig requests",
                    host: 32,
                    own: 1,
                    cluster: 6,
                    person: 2,
                },
                idle_secs: None,
                total_secs: limits::KUBECONFIG_SECS as u64,
                ring_bytes: 0,
                audit: StreamAudit::Once,
                used_for: "kubectl",
                // What happens through it is not seen: it counts as use while its certificate is good.
                unseen_secs: limits::KUBECONFIG_SECS,
            },
        }
    }

    /// The word in JSON, in capabilities and in logs.
    pub const fn as_str(self) -> &'static str {
        self.rules().word
    }
}

read_by_word!(StreamKind, "kind of stream");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_and_times_of_a_kind_leave_room_for_each_other() {
        for kind in StreamKind::ALL {
            let rules = kind.rules();
            let StreamLimits {
                own,
                cluster,
                person,
                ..
            } = rules.limits;
            assert!(own <= cluster && person < cluster, "{kind:?}");
            let longest = rules.idle_secs.unwrap_or(0).max(rules.unseen_secs.into());
            assert!(longest <= rules.total_secs, "{kind:?}");
        }
    }
}
