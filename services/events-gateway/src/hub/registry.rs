//! Who is connected: people, their streams, and from an organization or a shared cluster to the
//! people it concerns, so that an event costs as much as it has receivers.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::Hash,
    sync::{Arc, PoisonError, RwLock},
};

use api::{
    Timestamp,
    event::{AccessChanged, Audience, Grants},
};
use domain::{ClusterId, OrganizationId, UserId};

use super::{access::Access, client::Client, client::End};

/// Changes of rights remembered, for those whose admission was under way when they were applied.
const HISTORY_MAX: usize = 1_024;

#[derive(Debug)]
struct Person {
    access: Arc<RwLock<Access>>,
    clients: Vec<(u64, Arc<Client>)>,
}

#[derive(Debug, Default)]
pub(crate) struct Registry {
    people: HashMap<UserId, Person>,
    by_organization: HashMap<OrganizationId, HashSet<UserId>>,
    by_cluster: HashMap<ClusterId, HashSet<UserId>>,
    streams: usize,
    next_id: u64,
    history: VecDeque<(u64, AccessChanged)>,
    /// The history holds every change after this position.
    history_from: u64,
}

/// How much the registry holds; all zero once everybody has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Footprint {
    pub streams: usize,
    pub people: usize,
    pub organizations: usize,
    pub clusters: usize,
}

impl Registry {
    pub(crate) fn footprint(&self) -> Footprint {
        Footprint {
            streams: self.streams,
            people: self.people.len(),
            organizations: self.by_organization.len(),
            clusters: self.by_cluster.len(),
        }
    }

    pub(crate) const fn streams(&self) -> usize {
        self.streams
    }

    pub(crate) fn streams_of(&self, user: UserId) -> usize {
        self.people
            .get(&user)
            .map_or(0, |person| person.clients.len())
    }

    pub(crate) fn clients(&self) -> impl Iterator<Item = (u64, &Arc<Client>)> {
        self.people
            .values()
            .flat_map(|person| person.clients.iter().map(|(id, client)| (*id, client)))
    }

    /// The changes after `at` that concern this person; `None` if they are not all remembered.
    pub(crate) fn changes_since(
        &self,
        at: u64,
        user: UserId,
    ) -> Option<impl Iterator<Item = &(u64, AccessChanged)>> {
        (at >= self.history_from).then(|| {
            self.history
                .iter()
                .filter(move |(position, change)| *position > at && change.user_id == user)
        })
    }

    /// Adds a stream of a person; of two accounts of their rights the later one stays.
    pub(crate) fn join(
        &mut self,
        access: Access,
        client: Arc<Client>,
    ) -> (u64, Arc<RwLock<Access>>) {
        let id = self.next_id;
        self.next_id += 1;
        self.streams += 1;
        let user = access.user;
        let person = self.people.entry(user).or_insert_with(|| Person {
            access: Arc::new(RwLock::new(Access {
                user,
                grants: Grants::default(),
                at: 0,
            })),
            clients: Vec::new(),
        });
        person.clients.push((id, client));
        let shared = person.access.clone();
        self.grant(user, access.grants, access.at);
        (id, shared)
    }

    pub(crate) fn leave(&mut self, user: UserId, id: u64) {
        let Some(person) = self.people.get_mut(&user) else {
            return;
        };
        let before = person.clients.len();
        person.clients.retain(|(other, _)| *other != id);
        self.streams -= before - person.clients.len();
        if person.clients.is_empty()
            && let Some(person) = self.people.remove(&user)
        {
            let access = person.access.read().unwrap_or_else(PoisonError::into_inner);
            self.unindex(user, &access.grants);
        }
    }

    /// Marks every stream this event is for.
    pub(crate) fn dispatch(
        &self,
        position: u64,
        audience: &Audience,
        cluster: Option<ClusterId>,
        now: Timestamp,
    ) {
        match audience {
            Audience::Organization {
                organization_id, ..
            } => {
                let members = self.by_organization.get(organization_id);
                let guests = cluster.and_then(|cluster| self.by_cluster.get(&cluster));
                for user in members.into_iter().chain(guests).flatten() {
                    self.mark(*user, position, audience, cluster, now);
                }
            }
            Audience::User { user_id } => self.mark(*user_id, position, audience, cluster, now),
            Audience::Hub | Audience::Unknown => {}
        }
    }

    fn mark(
        &self,
        user: UserId,
        position: u64,
        audience: &Audience,
        cluster: Option<ClusterId>,
        now: Timestamp,
    ) {
        let Some(person) = self.people.get(&user) else {
            return;
        };
        let access = person.access.read().unwrap_or_else(PoisonError::into_inner);
        if access.sees(audience, cluster, now) {
            for (_, client) in &person.clients {
                client.mark(position);
            }
        }
    }

    /// Applies a change of rights at its place in the log.
    pub(crate) fn change(&mut self, position: u64, change: AccessChanged) {
        if let (Some(session), Some(person)) =
            (change.session_ended, self.people.get(&change.user_id))
        {
            let of_session = |client: &Client| client.session == session;
            for (_, client) in person.clients.iter().filter(|(_, c)| of_session(c)) {
                client.end(End::Session);
            }
        }
        if let Some(grants) = change.grants.clone() {
            self.grant(change.user_id, grants, position);
        }
        self.history.push_back((position, change));
        if self.history.len() > HISTORY_MAX
            && let Some((position, _)) = self.history.pop_front()
        {
            self.history_from = position;
        }
    }

    /// What was known of anybody's rights is not certain any more: every stream ends, nobody sees
    /// anything until admitted anew, and only changes after `last` are remembered.
    pub(crate) fn forget(&mut self, last: u64) {
        self.history.clear();
        self.history_from = last;
        self.by_organization.clear();
        self.by_cluster.clear();
        for person in self.people.values() {
            let mut access = person
                .access
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            access.grants = Grants::default();
            access.at = 0;
            for (_, client) in &person.clients {
                client.end(End::Admission);
            }
        }
    }

    fn grant(&mut self, user: UserId, grants: Grants, at: u64) {
        let Some(person) = self.people.get(&user) else {
            return;
        };
        let access = person.access.clone();
        let mut access = access.write().unwrap_or_else(PoisonError::into_inner);
        if at < access.at {
            return;
        }
        self.unindex(user, &access.grants);
        for grant in &grants.organizations {
            let people = self.by_organization.entry(grant.organization_id);
            people.or_default().insert(user);
        }
        for grant in &grants.clusters {
            let people = self.by_cluster.entry(grant.cluster_id);
            people.or_default().insert(user);
        }
        access.grants = grants;
        access.at = at;
    }

    fn unindex(&mut self, user: UserId, grants: &Grants) {
        for grant in &grants.organizations {
            remove(&mut self.by_organization, &grant.organization_id, user);
        }
        for grant in &grants.clusters {
            remove(&mut self.by_cluster, &grant.cluster_id, user);
        }
    }
}

fn remove<K: Eq + Hash>(index: &mut HashMap<K, HashSet<UserId>>, key: &K, user: UserId) {
    if let Some(people) = index.get_mut(key) {
        people.remove(&user);
        if people.is_empty() {
            index.remove(key);
        }
    }
}
