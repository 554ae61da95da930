//! Who may do what: roles, actions and the table between them. What the table doesn't name is refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Role of a member in an organization. Each includes the ones before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees the organization and its clusters, and enters clusters without changing them.
    Viewer,
    /// Also creates, changes and deletes clusters.
    Member,
    /// Also manages members, workspaces, quotas, webhooks and pipelines, shares any cluster and reads the audit log.
    Admin,
    /// Also transfers and deletes the organization, and makes and removes owners.
    Owner,
}

impl Role {
    /// From the lowest to the highest.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// The word in JSON and in the database: `viewer`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The inverse of [`Self::as_str`]; `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether a member with this role may change another's role from `from` to `to`, where `None` is no membership.
    /// Only owners add, demote or remove owners.
    pub fn may_place(self, from: Option<Self>, to: Option<Self>) -> bool {
        self >= Self::Admin && from.max(to).is_some_and(|highest| highest <= self)
    }
}

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
