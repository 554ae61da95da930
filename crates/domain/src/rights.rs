//! What one user holds on one cluster: the union of their role in its organization and their shares; what that allows, and
//! their groups inside the cluster.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{action::Action, limits, role::Role, word::read_by_word};

/// How much of a cluster a share grants.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Only the namespaces that the share names.
    Namespaces,
    /// See everything but Secrets.
    Viewer,
    /// Edit everything but the cluster's own namespaces (`kube-*`).
    Operator,
}

impl Level {
    /// From the lowest to the highest.
    pub const ALL: [Self; 3] = [Self::Namespaces, Self::Viewer, Self::Operator];

    /// The word in JSON and in the database: `viewer`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }
}

read_by_word!(Level, "level of a share");

/// One namespace of a share.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct NamespaceGrant {
    /// Name of a Kubernetes namespace, except `kube-*`. It is created on first use if the cluster doesn't have it.
    #[schemars(regex(pattern = limits::pattern::NAMESPACE))]
    pub name: String,
    /// True to edit what is in the namespace, false to see it only.
    #[serde(default)]
    pub edit: bool,
}

/// One active share, as the rules see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareGrant {
    /// How much it grants.
    pub level: Level,
    /// The granted namespaces; empty unless `level` is `Namespaces`.
    #[serde(default)]
    pub namespaces: Vec<NamespaceGrant>,
}

/// Everything that one user holds on one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rights {
    /// Their role in the cluster's organization; `None` for people who aren't members.
    #[serde(default)]
    pub role: Option<Role>,
    /// Whether they created the cluster.
    #[serde(default)]
    pub made_it: bool,
    /// Their active shares of the cluster.
    #[serde(default)]
    pub shares: Vec<ShareGrant>,
}

impl Rights {
    /// Whether they hold anything. If not, answers are those for a cluster that doesn't exist.
    pub fn any(&self) -> bool {
        self.role.is_some() || !self.shares.is_empty()
    }

    /// Whether having created the cluster counts: only while their role may create clusters.
    pub fn by_making(&self) -> bool {
        let may_make = |role| Action::ClusterCreate.allowed_to(role);
        self.made_it && self.role.is_some_and(may_make)
    }

    /// Whether these rights allow an action. A share allows seeing and using the cluster, never changing, deleting or
    /// sharing it; having created the cluster allows sharing it while [`Self::by_making`] holds.
    pub fn allow(&self, action: Action) -> bool {
        let by_role = self.role.is_some_and(|role| action.allowed_to(role));
        let by_making = action == Action::ClusterShare && self.by_making();
        let shared = matches!(action, Action::ClusterRead | Action::ClusterUse);
        by_role || by_making || (shared && !self.shares.is_empty())
    }

    /// The user's groups inside the cluster, sorted and each once. Kubernetes' own RBAC says what a group may do.
    pub fn groups(&self) -> Vec<Group> {
        let by_role = match self.by_making() {
            true => Some(Group::Owner),
            false => self.role.map(Group::of),
        };
        let mut groups: Vec<Group> = by_role
            .into_iter()
            .chain(self.shares.iter().flat_map(groups_of))
            .collect();
        groups.sort();
        groups.dedup();
        groups
    }
}

fn groups_of(held: &ShareGrant) -> Vec<Group> {
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

/// Group of a user inside a cluster, written `labyard:owner` or `labyard:edit:<namespace>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// May do everything (`cluster-admin`).
    Owner,
    /// Edits everything but the cluster's own namespaces (`kube-*`).
    Operator,
    /// Sees everything but Secrets.
    Viewer,
    /// Edits what is in the named namespace.
    Edit(String),
    /// Sees what is in the named namespace.
    View(String),
}

impl Group {
    /// The groups that every cluster binds from its start.
    pub const FIXED: [Self; 3] = [Self::Owner, Self::Operator, Self::Viewer];

    /// The group of someone with this role in the cluster's organization.
    const fn of(role: Role) -> Self {
        match role {
            Role::Owner | Role::Admin => Self::Owner,
            Role::Member => Self::Operator,
            Role::Viewer => Self::Viewer,
        }
    }

    /// The namespace that the group is bound in; `None` for the whole cluster.
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
            "description": "Group of a user inside a cluster, where Kubernetes' RBAC says what it may do.",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    /// What may happen around one person and one cluster of an organization.
    #[derive(Debug, Clone)]
    enum Step {
        /// They make it; whoever made it before is another.
        Make,
        /// Somebody else makes it: the one they made is gone.
        Remake,
        /// They are placed in a role, or taken out.
        Place(Option<Role>),
        Grant(ShareGrant),
        /// The oldest share ends.
        End,
    }

    fn a_step() -> impl Strategy<Value = Step> {
        let names = select(vec!["a", "b"]);
        let namespace = (names, any::<bool>()).prop_map(|(name, edit)| NamespaceGrant {
            name: name.to_owned(),
            edit,
        });
        let held = (select(Level::ALL.to_vec()), vec(namespace, 1..3))
            .prop_map(|(level, namespaces)| ShareGrant { level, namespaces });
        prop_oneof![
            2 => Just(Step::Make),
            1 => Just(Step::Remake),
            4 => proptest::option::weighted(0.8, select(Role::ALL.to_vec())).prop_map(Step::Place),
            2 => held.prop_map(Step::Grant),
            1 => Just(Step::End),
        ]
    }

    /// docs/rights.md, "Inside a cluster", as it is read: a line for each thing that is held.
    fn table(rights: &Rights) -> BTreeSet<String> {
        let by_role = match (rights.role, rights.made_it) {
            (Some(Role::Owner | Role::Admin), _) => Some("labyard:owner"),
            (Some(Role::Member), true) => Some("labyard:owner"),
            (Some(Role::Member), false) => Some("labyard:operator"),
            (Some(Role::Viewer), _) => Some("labyard:viewer"),
            (None, _) => None,
        };
        let by_share = rights.shares.iter().flat_map(|held| match held.level {
            Level::Operator => vec!["labyard:operator".to_owned()],
            Level::Viewer => vec!["labyard:viewer".to_owned()],
            Level::Namespaces => held
                .namespaces
                .iter()
                .map(|namespace| {
                    let may = if namespace.edit { "edit" } else { "view" };
                    format!("labyard:{may}:{}", namespace.name)
                })
                .collect(),
        });
        by_role
            .map(str::to_owned)
            .into_iter()
            .chain(by_share)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever came before: what one may inside, and who may share it, is what the table says now.
        #[test]
        fn nothing_is_held_by_what_was(steps in vec(a_step(), 1..24)) {
            let mut rights = Rights::default();
            for step in steps {
                match step {
                    // Nobody makes a cluster without a role that may.
                    Step::Make => {
                        rights.made_it |= rights
                            .role
                            .is_some_and(|role| Action::ClusterCreate.allowed_to(role));
                    }
                    Step::Remake => rights.made_it = false,
                    Step::Place(role) => rights.role = role,
                    Step::Grant(held) => rights.shares.push(held),
                    Step::End => {
                        if !rights.shares.is_empty() {
                            rights.shares.remove(0);
                        }
                    }
                }
                let groups = rights.groups();
                let inside: BTreeSet<String> = groups.iter().map(ToString::to_string).collect();
                prop_assert_eq!(groups.len(), inside.len(), "a group is there twice");
                prop_assert_eq!(inside, table(&rights), "{:?}", rights);
                let shares = rights.role.is_some_and(|role| {
                    role >= Role::Admin || (role == Role::Member && rights.made_it)
                });
                prop_assert_eq!(rights.allow(Action::ClusterShare), shares);
            }
        }
    }

    fn shared(level: Level, namespaces: &[(&str, bool)]) -> Rights {
        let namespaces = namespaces
            .iter()
            .map(|(name, edit)| NamespaceGrant {
                name: (*name).to_owned(),
                edit: *edit,
            })
            .collect();
        Rights {
            shares: vec![ShareGrant { level, namespaces }],
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
        rights.shares.push(ShareGrant {
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
