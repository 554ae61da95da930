//! What an API token may do: never more than its user, and no more than its scope.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{action::Action, id::OrganizationId, word::read_by_word};

/// What an API token may be used for. Each level includes the ones before it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    /// See clusters, tasks, events and organizations.
    Read,
    /// Also run commands in clusters and get kubeconfigs.
    Use,
    /// Also create, change and delete clusters.
    Change,
    /// Everything its user may do, except in their own account: profile, sessions, API tokens.
    Admin,
}

impl ScopeLevel {
    /// From the lowest to the highest.
    pub const ALL: [Self; 4] = [Self::Read, Self::Use, Self::Change, Self::Admin];

    /// The word in JSON and in the database: `read`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Use => "use",
            Self::Change => "change",
            Self::Admin => "admin",
        }
    }

    /// The inverse of [`Self::as_str`]; `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }
}

read_by_word!(ScopeLevel, "level of a scope");

/// Limits of an API token. It never allows more than its user may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// What the token may be used for.
    pub level: ScopeLevel,
    /// The one organization that the token reaches. If absent, it reaches all of its user's organizations
    /// and what is shared with the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

impl Scope {
    /// Whether the level is enough for an action.
    pub fn allows(self, action: Action) -> bool {
        action
            .least_scope()
            .is_some_and(|least| self.level >= least)
    }

    /// Whether the scope reaches something of this organization, or of none.
    pub fn reaches(self, organization: Option<OrganizationId>) -> bool {
        self.organization_id.is_none() || self.organization_id == organization
    }
}

impl Action {
    /// The lowest level that a token needs; `None` where no token is enough.
    pub const fn least_scope(self) -> Option<ScopeLevel> {
        match self {
            Self::Account => None,
            Self::Public | Self::Own | Self::ClusterRead | Self::OrganizationRead => {
                Some(ScopeLevel::Read)
            }
            Self::ClusterUse => Some(ScopeLevel::Use),
            Self::ClusterCreate | Self::ClusterChange => Some(ScopeLevel::Change),
            Self::ClusterShare
            | Self::OrganizationChange
            | Self::OrganizationOwn
            | Self::AuditRead
            | Self::Installation => Some(ScopeLevel::Admin),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn scope(level: ScopeLevel) -> Scope {
        Scope {
            level,
            organization_id: None,
        }
    }

    #[test]
    fn each_level_holds_what_the_ones_before_it_hold() {
        for (level, action, next) in [
            (ScopeLevel::Read, Action::ClusterRead, Action::ClusterUse),
            (ScopeLevel::Use, Action::ClusterUse, Action::ClusterChange),
            (
                ScopeLevel::Change,
                Action::ClusterCreate,
                Action::ClusterShare,
            ),
            (ScopeLevel::Admin, Action::Installation, Action::Account),
        ] {
            assert!(scope(level).allows(action), "{level:?} {action:?}");
            assert!(!scope(level).allows(next), "{level:?} {next:?}");
            for higher in ScopeLevel::ALL.into_iter().filter(|other| *other > level) {
                assert!(scope(higher).allows(action), "{higher:?} {action:?}");
            }
        }
    }

    #[test]
    fn no_token_changes_an_account() {
        for level in ScopeLevel::ALL {
            assert!(!scope(level).allows(Action::Account), "{level:?}");
        }
    }

    #[test]
    fn a_scope_of_one_organization_reaches_nothing_else() {
        let [mine, other] = [1, 2].map(|n| OrganizationId::from_uuid(Uuid::from_u128(n)));
        let narrow = Scope {
            level: ScopeLevel::Admin,
            organization_id: Some(mine),
        };
        assert!(narrow.reaches(Some(mine)));
        assert!(!narrow.reaches(Some(other)));
        assert!(!narrow.reaches(None));
        assert!(scope(ScopeLevel::Read).reaches(Some(other)));
    }
}
