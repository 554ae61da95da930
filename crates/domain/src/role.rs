//! Who may do what: roles, actions, the table between them. Deny by default: what the table does
//! not name is refused.

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

    /// Whether someone in this role may make of another's `from` a `to`, or take them out. Owners
    /// are made and unmade by owners alone.
    pub fn may_place(self, from: Option<Self>, to: Option<Self>) -> bool {
        self >= Self::Admin && from.max(to).is_some_and(|highest| highest <= self)
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
    /// Anyone with a login of their own, never an API token: who one is, one's logins and tokens,
    /// what one joins.
    Account,
    /// See a cluster, its tasks and its events.
    ClusterRead,
    /// Make a cluster in a workspace.
    ClusterCreate,
    /// Delete a cluster or change how long it lives.
    ClusterChange,
    /// Run commands in a cluster and take its kubeconfig.
    ClusterUse,
    /// Grant others access to a cluster, see the grants and end them.
    ClusterShare,
    /// See an organization, its members and its workspaces.
    OrganizationRead,
    /// Change an organization, its members, its invitations, its workspaces and their quotas.
    OrganizationChange,
    /// Give an organization away or delete it.
    OrganizationOwn,
    /// Read what was done in an organization, by whom, and what was refused.
    AuditRead,
    /// See and change what belongs to the whole installation: hosts, the pool, the self-checks.
    Installation,
}

impl Action {
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

    /// All that a role allows by itself.
    pub fn of(role: Role) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|action| action.allowed_to(role))
            .collect()
    }

    /// The least role that may; `None` where a role is not what decides.
    pub const fn least_role(self) -> Option<Role> {
        match self {
            Self::Public | Self::Own | Self::Account | Self::Installation => None,
            Self::ClusterRead | Self::ClusterUse | Self::OrganizationRead => Some(Role::Viewer),
            Self::ClusterCreate | Self::ClusterChange => Some(Role::Member),
            Self::ClusterShare | Self::OrganizationChange | Self::AuditRead => Some(Role::Admin),
            Self::OrganizationOwn => Some(Role::Owner),
        }
    }

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

    #[test]
    fn only_owners_make_and_unmake_owners() {
        use Role::{Admin, Member, Owner, Viewer};
        assert!(Owner.may_place(Some(Owner), Some(Admin)));
        assert!(Owner.may_place(Some(Member), Some(Owner)));
        assert!(Admin.may_place(Some(Viewer), Some(Admin)));
        assert!(Admin.may_place(Some(Admin), None));
        assert!(!Admin.may_place(Some(Owner), Some(Viewer)));
        assert!(!Admin.may_place(Some(Owner), None));
        assert!(!Admin.may_place(None, Some(Owner)));
        for role in [Viewer, Member] {
            assert!(!role.may_place(Some(Viewer), None), "{role:?}");
        }
    }
}
