//! Rights that somebody may have in a life, how the log says so, and what they ask for.

use api::event::{AccessChanged, ClusterGrant, Event, Grants, OrganizationGrant, kind};
use chrono::{TimeDelta, Utc};
use domain::Role;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

use super::{
    life::{CLUSTERS, ORGANIZATIONS},
    truth::Topic,
};
use crate::{cluster, gateway::changed, organization};

pub(super) fn access(change: AccessChanged) -> Event {
    Event {
        kind: kind::ACCESS_CHANGED.into(),
        organization_id: None,
        cluster_id: None,
        status: None,
        data: Some(serde_json::to_value(change).unwrap()),
        ..changed(organization(0), cluster(0), 0)
    }
}

/// Any rights at all, in a life's own organizations and clusters.
pub(super) fn some_grants(random: &mut StdRng, base: u128) -> Grants {
    let mut grants = Grants::default();
    for number in (1..=ORGANIZATIONS)
        .filter(|_| random.random_bool(0.5))
        .collect::<Vec<_>>()
    {
        let roles = [Role::Viewer, Role::Member, Role::Admin, Role::Owner];
        grants.organizations.push(OrganizationGrant {
            organization_id: organization(base + number),
            role: roles.choose(random).copied().unwrap(),
        });
    }
    for number in (1..=CLUSTERS)
        .filter(|_| random.random_bool(0.25))
        .collect::<Vec<_>>()
    {
        let hour = TimeDelta::hours(1);
        let until = [None, Some(Utc::now() + hour), Some(Utc::now() - hour)];
        grants.clusters.push(ClusterGrant {
            cluster_id: cluster(base + number),
            until: until.choose(random).copied().unwrap().map(Into::into),
        });
    }
    grants
}

/// Some of a life's organizations and clusters, and the cluster that people are told of.
pub(super) fn some_topics(random: &mut StdRng, base: u128) -> Vec<Topic> {
    let mut topics = vec![Topic::Cluster(base)];
    for number in 1..=ORGANIZATIONS {
        if random.random_bool(0.7) {
            topics.push(Topic::Organization(base + number));
        }
    }
    for number in 1..=CLUSTERS {
        if random.random_bool(0.4) {
            topics.push(Topic::Cluster(base + number));
        }
    }
    topics
}
