//! What one person holds on one cluster: the union of their role in its organization and of the
//! shares they were given; what that allows, and which groups they are in inside the cluster.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Action, Role, limits};

/// How far a share goes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The named namespaces alone.
    Namespaces,
    /// See everything but Secrets.
    Viewer,
    /// Edit everything.
    Operator,
}

impl Level {
    pub const ALL: [Self; 3] = [Self::Namespaces, Self::Viewer, Self::Operator];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }
}

/// One namespace of a share.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct NamespaceGrant {
    /// A Kubernetes namespace; it is made when it is first used and is not there.
    #[schemars(regex(pattern = limits::pattern::NAMESPACE))]
    pub name: String,
    /// Change what is in it, not only see it.
    #[serde(default)]
    pub edit: bool,
}

/// One live share, as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub level: Level,
    #[serde(default)]
    pub namespaces: Vec<NamespaceGrant>,
}

/// All that one person holds on one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rights {
    /// In the cluster's organization.
    #[serde(default)]
    pub role: Option<Role>,
    #[serde(default)]
    pub made_it: bool,
    #[serde(default)]
    pub shares: Vec<Held>,
}

impl Rights {
    /// Whether anything is held: without it the cluster is as if it were not.
    pub fn any(&self) -> bool {
        self.role.is_some() || !self.shares.is_empty()
    }

    /// A role's rights, and who made a cluster may share it while they may still change it; a share
    /// lets its holder see and use the cluster, never change, delete or share it.
    pub fn allow(&self, action: Action) -> bool {
        let by_role = self.role.is_some_and(|role| {
            action.allowed_to(role)
                || (action == Action::ClusterShare
                    && self.made_it
                    && Action::ClusterChange.allowed_to(role))
        });
        let shared = matches!(action, Action::ClusterRead | Action::ClusterUse);
        by_role || (shared && !self.shares.is_empty())
    }

    /// The groups inside the cluster, each once; Kubernetes' own RBAC binds them.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = self
            .role
            .map(|role| Group::of(role, self.made_it))
            .into_iter()
            .chain(self.shares.iter().flat_map(groups_of))
            .collect();
        groups.sort();
        groups.dedup();
        groups
    }
}

fn groups_of(held: &Held) -> Vec<Group> {
    match held.level {
        Level::Operator => vec![Group::Operator],
        Level::Viewer => vec![Group::Viewer],
        Level::Namespaces => held
            .namespaces
            .iter()
            .map(|namespace| match namespace.edit {
                true => Group::Edit(namespace.name.clone()),
                false => Group::View(namespace.name.clone()),
            })
            .collect(),
    }
}

/// A person's group inside a cluster: `labyard:owner`, `labyard:edit:<namespace>` …
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    Owner,
    Operator,
    Viewer,
    /// Edits what is in one namespace.
    Edit(String),
    /// Sees what is in one namespace.
    View(String),
}

impl Group {
    /// The groups that every cluster binds from its start.
    pub const FIXED: [Self; 3] = [Self::Owner, Self::Operator, Self::Viewer];

    /// The group of someone with this role in the cluster's organization.
    pub const fn of(role: Role, made_the_cluster: bool) -> Self {
        match role {
            _ if made_the_cluster => Self::Owner,
            Role::Owner | Role::Admin => Self::Owner,
            Role::Member => Self::Operator,
            Role::Viewer => Self::Viewer,
        }
    }

    /// The namespace it is bound in; `None` where it is the whole cluster.
    pub fn namespace(&self) -> Option<&str> {
        match self {
            Self::Edit(namespace) | Self::View(namespace) => Some(namespace),
            _ => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let word = text.strip_prefix("labyard:")?;
        match word.split_once(':') {
            Some(("edit", namespace)) => Some(Self::Edit(namespace.to_owned())),
            Some(("view", namespace)) => Some(Self::View(namespace.to_owned())),
            Some(_) => None,
            None => Self::FIXED
                .into_iter()
                .find(|group| group.to_string() == text),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner => f.write_str("labyard:owner"),
            Self::Operator => f.write_str("labyard:operator"),
            Self::Viewer => f.write_str("labyard:viewer"),
            Self::Edit(namespace) => write!(f, "labyard:edit:{namespace}"),
            Self::View(namespace) => write!(f, "labyard:view:{namespace}"),
        }
    }
}

impl Serialize for Group {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Group {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a group of labyard's"))
    }
}

impl JsonSchema for Group {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Group".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^labyard:(owner|operator|viewer|(edit|view):[a-z0-9]([-a-z0-9]*[a-z0-9])?)$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(level: Level, namespaces: &[(&str, bool)]) -> Rights {
        let namespaces = namespaces
            .iter()
            .map(|(name, edit)| NamespaceGrant {
                name: (*name).to_owned(),
                edit: *edit,
            })
            .collect();
        Rights {
            shares: vec![Held { level, namespaces }],
            ..Rights::default()
        }
    }

    const CLUSTER: [Action; 5] = [
        Action::ClusterRead,
        Action::ClusterUse,
        Action::ClusterCreate,
        Action::ClusterChange,
        Action::ClusterShare,
    ];

    #[test]
    fn a_share_lets_see_and_use_and_nothing_else() {
        for level in Level::ALL {
            let rights = shared(level, &[("a", true)]);
            let allowed: Vec<Action> = CLUSTER.into_iter().filter(|a| rights.allow(*a)).collect();
            assert_eq!(
                allowed,
                [Action::ClusterRead, Action::ClusterUse],
                "{level:?}"
            );
        }
    }

    #[test]
    fn who_holds_nothing_may_nothing() {
        let rights = Rights {
            made_it: true,
            ..Rights::default()
        };
        assert!(!rights.any());
        assert!(CLUSTER.into_iter().all(|action| !rights.allow(action)));
        assert!(rights.groups().is_empty(), "who left is in no group");
    }

    #[test]
    fn who_made_it_shares_it_while_they_may_change_it() {
        let made = |role| Rights {
            role: Some(role),
            made_it: true,
            shares: Vec::new(),
        };
        assert!(made(Role::Member).allow(Action::ClusterShare));
        assert!(!made(Role::Viewer).allow(Action::ClusterShare));
        let not_theirs = Rights {
            made_it: false,
            ..made(Role::Member)
        };
        assert!(!not_theirs.allow(Action::ClusterShare));
    }

    #[test]
    fn grants_add_up() {
        let mut rights = shared(Level::Namespaces, &[("b", false), ("a", true), ("a", true)]);
        rights.role = Some(Role::Viewer);
        rights.shares.push(Held {
            level: Level::Operator,
            namespaces: Vec::new(),
        });
        let groups: Vec<String> = rights.groups().iter().map(ToString::to_string).collect();
        assert_eq!(
            groups,
            [
                "labyard:operator",
                "labyard:viewer",
                "labyard:edit:a",
                "labyard:view:b"
            ]
        );
    }

    #[test]
    fn groups_are_read_as_they_are_written() {
        for group in Group::FIXED
            .into_iter()
            .chain([Group::Edit("a-b".into()), Group::View("c".into())])
        {
            assert_eq!(Group::parse(&group.to_string()), Some(group));
        }
        for other in ["system:masters", "labyard:admin", "labyard:own:x", "owner"] {
            assert_eq!(Group::parse(other), None, "{other}");
        }
    }
}
