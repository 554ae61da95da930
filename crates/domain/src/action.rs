//! Who may do what: actions, and the least role that allows each. What the table doesn't name is refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::role::Role;

/// What a route lets its caller do. Every route names exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Open to everyone, without a login: health, documentation, registering, logging in.
    Public,
    /// Open to every login and API token, on what is the caller's own: profile, logging out, stream
    /// tokens, lists of organizations.
    Own,
    /// Open to every login but no API token: the caller's account, sessions, API
    /// tokens, and what they create or join.
    Account,
    /// See a cluster, its tasks and its events.
    ClusterRead,
    /// Create a cluster in a workspace.
    ClusterCreate,
    /// Start, stop, extend or delete a cluster, set its auto-stop, and cancel or retry its tasks.
    ClusterChange,
    /// Run commands in a cluster, get its kubeconfig and record that it is in use.
    ClusterUse,
    /// Share a cluster, list its shares and revoke them.
    ClusterShare,
    /// See an organization, its members and its workspaces.
    OrganizationRead,
    /// Change an organization: its name, members, invitations, pipelines, workspaces, quotas and webhooks.
    OrganizationChange,
    /// Transfer or delete an organization.
    OrganizationOwn,
    /// Read the audit log: who did what in an organization, and what was denied.
    AuditRead,
    /// See and change the whole installation: hosts, warm pool, self-checks, reset links. For administrators.
    Installation,
}

impl Action {
    /// Every action, in the order of the table in docs/rights.md.
    pub const ALL: [Self; 13] = [
        Self::Public,
        Self::Own,
        Self::Account,
        Self::ClusterRead,
        Self::ClusterCreate,
        Self::ClusterChange,
        Self::ClusterUse,
        Self::ClusterShare,
        Self::OrganizationRead,
        Self::OrganizationChange,
        Self::OrganizationOwn,
        Self::AuditRead,
        Self::Installation,
    ];

    /// Every action that a role allows.
    pub fn of(role: Role) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|action| action.allowed_to(role))
            .collect()
    }

    /// The lowest role that allows it; `None` where a role doesn't decide.
    pub const fn least_role(self) -> Option<Role> {
        match self {
            Self::Public | Self::Own | Self::Account | Self::Installation => None,
            Self::ClusterRead | Self::ClusterUse | Self::OrganizationRead => Some(Role::Viewer),
            Self::ClusterCreate | Self::ClusterChange => Some(Role::Member),
            Self::ClusterShare | Self::OrganizationChange | Self::AuditRead => Some(Role::Admin),
            Self::OrganizationOwn => Some(Role::Owner),
        }
    }

    /// Whether a role allows it.
    pub fn allowed_to(self, role: Role) -> bool {
        self.least_role().is_some_and(|least| role >= least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_reads_and_changes_nothing() {
        assert!(Action::ClusterRead.allowed_to(Role::Viewer));
        for action in [Action::ClusterCreate, Action::ClusterChange] {
            assert!(!action.allowed_to(Role::Viewer), "{action:?}");
            assert!(action.allowed_to(Role::Member), "{action:?}");
        }
    }

    #[test]
    fn a_higher_role_may_all_that_a_lower_one_may() {
        for action in [
            Action::ClusterRead,
            Action::ClusterCreate,
            Action::ClusterChange,
            Action::ClusterUse,
        ] {
            for pair in Role::ALL.windows(2) {
                assert!(!action.allowed_to(pair[0]) || action.allowed_to(pair[1]));
            }
        }
    }

    #[test]
    fn all_actions_are_listed() {
        let schema = schemars::schema_for!(Action);
        let variants = schema.get("oneOf").and_then(|v| v.as_array()).map(Vec::len);
        assert_eq!(variants, Some(Action::ALL.len()));
    }

    #[test]
    fn a_role_allows_what_it_is_said_to() {
        for role in Role::ALL {
            for action in Action::ALL {
                let said = Action::of(role).contains(&action);
                assert_eq!(said, action.allowed_to(role), "{role:?} {action:?}");
            }
        }
        assert!(!Action::of(Role::Owner).contains(&Action::Installation));
    }
}
