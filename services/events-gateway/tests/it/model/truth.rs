//! The model: what is true at each position of the log, and what follows for who sees what.

use std::collections::BTreeMap;

use api::event::{ClusterGrant, Grants, OrganizationGrant};
use chrono::Utc;
use domain::Role;

use crate::{cluster, organization};

/// What the log says at one position.
pub(super) enum Line {
    Happened {
        organization: u128,
        least_role: Role,
        cluster: u128,
    },
    /// Told to one person, of a cluster.
    To(u128, u128),
    Rights,
    Ended,
}

/// What a WebSocket subscribes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Topic {
    Organization(u128),
    Cluster(u128),
}

impl Topic {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Organization(_) => "organization",
            Self::Cluster(_) => "cluster",
        }
    }

    pub(super) fn id(self) -> String {
        match self {
            Self::Organization(number) => organization(number).to_string(),
            Self::Cluster(number) => cluster(number).to_string(),
        }
    }
}

/// What is true, by position; all of it is committed by the test alone.
#[derive(Default)]
pub(super) struct Model {
    pub(super) lines: BTreeMap<u64, Line>,
    /// Each person's rights from a position on.
    pub(super) rights: BTreeMap<u128, Vec<(u64, Grants)>>,
}

impl Model {
    pub(super) fn rights(&self, person: u128, at: u64) -> &Grants {
        let known = &self.rights[&person];
        let later = known.partition_point(|(from, _)| *from <= at);
        &known[later - 1].1
    }

    fn shows(&self, grants: &Grants, person: u128, line: &Line) -> bool {
        match line {
            Line::Happened {
                organization: of,
                least_role,
                cluster: about,
            } => {
                let in_it = |grant: &OrganizationGrant| {
                    grant.organization_id == organization(*of) && grant.role >= *least_role
                };
                let shared = |grant: &ClusterGrant| {
                    grant.cluster_id == cluster(*about)
                        && grant.until.is_none_or(|until| until > Utc::now().into())
                };
                grants.organizations.iter().any(in_it) || grants.clusters.iter().any(shared)
            }
            Line::To(to, _) => *to == person,
            Line::Rights | Line::Ended => false,
        }
    }

    /// Whether what the log says at a position belongs to a topic.
    pub(super) fn holds(&self, topic: Topic, position: u64) -> bool {
        match (self.lines.get(&position), topic) {
            (Some(Line::Happened { organization, .. }), Topic::Organization(of)) => {
                *organization == of
            }
            (Some(Line::Happened { cluster, .. } | Line::To(_, cluster)), Topic::Cluster(of)) => {
                *cluster == of
            }
            _ => false,
        }
    }

    /// Whether a person may subscribe to a topic as things are: what is no organization is not looked at before.
    pub(super) fn may_ask(&self, person: u128, topic: Topic) -> bool {
        match topic {
            Topic::Organization(of) => {
                let grants = self.rights(person, u64::MAX);
                let mut organizations = grants.organizations.iter();
                organizations.any(|grant| grant.organization_id == organization(of))
            }
            Topic::Cluster(_) => true,
        }
    }

    /// Whether there was a moment, from an event's position to the log's head, at which the person might see it.
    pub(super) fn may_see(&self, person: u128, position: u64, head: u64) -> bool {
        let Some(line) = self.lines.get(&position) else {
            return false;
        };
        let known = &self.rights[&person];
        let mut after = known
            .iter()
            .filter(|(from, _)| (position + 1..=head).contains(from));
        self.shows(self.rights(person, position), person, line)
            || after.any(|(_, grants)| self.shows(grants, person, line))
    }

    /// Whether the person might see it all the time since it happened.
    pub(super) fn due(&self, person: u128, position: u64) -> bool {
        let line = &self.lines[&position];
        let mut after = self.rights[&person]
            .iter()
            .filter(|(from, _)| *from > position);
        self.shows(self.rights(person, position), person, line)
            && after.all(|(_, grants)| self.shows(grants, person, line))
    }
}
