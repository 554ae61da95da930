//! Roles of members in an organization, and who may give and take them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::word::read_by_word;

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

read_by_word!(Role, "role");

#[cfg(test)]
mod tests {
    use super::*;

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
