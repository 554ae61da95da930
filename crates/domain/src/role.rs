//! Who may do what: roles, actions, the table between them, and the groups a person is in
//! inside a cluster. Deny by default: what the table does not name is refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person's place in an organization.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Member,
    Admin,
    Owner,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// What a route lets its caller do. Every route names exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Anyone, without a login: health, documents, register, log in.
    Public,
    /// Anyone with a login, on what is their own: me, log-out, stream token.
    Own,
    /// See a cluster, its tasks and its events.
    ClusterRead,
    /// Make a cluster in a workspace.
    ClusterCreate,
    /// Delete a cluster or change how long it lives.
    ClusterChange,
    /// Run commands in a cluster and take its kubeconfig.
    ClusterUse,
    /// See and change what belongs to the whole installation: hosts, the pool, the self-checks.
    Installation,
}

impl Action {
    /// The least role that may; `None` where a role is not what decides.
    pub const fn least_role(self) -> Option<Role> {
        match self {
            Self::Public | Self::Own | Self::Installation => None,
            Self::ClusterRead | Self::ClusterUse => Some(Role::Viewer),
            Self::ClusterCreate | Self::ClusterChange => Some(Role::Member),
        }
    }

    pub fn allowed_to(self, role: Role) -> bool {
        self.least_role().is_some_and(|least| role >= least)
    }
}

/// A person's group inside a cluster; Kubernetes' own RBAC binds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Group {
    #[serde(rename = "labyard:owner")]
    Owner,
    #[serde(rename = "labyard:operator")]
    Operator,
    #[serde(rename = "labyard:viewer")]
    Viewer,
}

impl Group {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Operator, Self::Viewer];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "labyard:owner",
            Self::Operator => "labyard:operator",
            Self::Viewer => "labyard:viewer",
        }
    }

    /// The group of someone with this role in the cluster's organization.
    pub const fn of(role: Role, made_the_cluster: bool) -> Self {
        match role {
            _ if made_the_cluster => Self::Owner,
            Role::Owner | Role::Admin => Self::Owner,
            Role::Member => Self::Operator,
            Role::Viewer => Self::Viewer,
        }
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
    fn who_made_a_cluster_owns_it_inside() {
        assert_eq!(Group::of(Role::Member, true), Group::Owner);
        assert_eq!(Group::of(Role::Member, false), Group::Operator);
        assert_eq!(Group::of(Role::Viewer, false), Group::Viewer);
    }
}
