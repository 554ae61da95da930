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
    To(u128),
    Rights,
    Ended,
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
            Line::To(to) => *to == person,
            Line::Rights | Line::Ended => false,
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
