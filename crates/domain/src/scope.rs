//! How far an API token goes: never further than its user, and no further than this.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{id::OrganizationId, role::Action};

/// What a token is for; each holds what the ones before it hold.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ScopeLevel {
    /// See clusters, tasks and events.
    Read,
    /// Run commands in clusters and take kubeconfigs.
    Use,
    /// Make, change and delete clusters.
    Change,
    /// Everything but one's own account: who one is, one's logins and tokens.
    Admin,
}

impl ScopeLevel {
    pub const ALL: [Self; 4] = [Self::Read, Self::Use, Self::Change, Self::Admin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Use => "use",
            Self::Change => "change",
            Self::Admin => "admin",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == word)
    }
}

/// A token's limits: what for, and in one organization or all of its user's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    pub level: ScopeLevel,
    /// All of its user's organizations, and what is shared with them, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
}

impl Scope {
    pub fn allows(self, action: Action) -> bool {
        action
            .least_scope()
            .is_some_and(|least| self.level >= least)
    }

    /// Whether something of this organization, or of none, is within it.
    pub fn reaches(self, organization: Option<OrganizationId>) -> bool {
        self.organization_id.is_none() || self.organization_id == organization
    }
}

impl Action {
    /// The least scope a token needs; `None` where a token never may.
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
