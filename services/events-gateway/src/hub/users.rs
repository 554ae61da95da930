//! Who is connected to one shard: users with what they may see and their streams, and from a topic to the streams that
//! are shown its events, so that an event costs as much as it has receivers.

use std::collections::{HashMap, VecDeque};

use api::event::{AccessChanged, Grants};
use domain::UserId;

use super::{access::Access, stream_key::StreamKey, topic::Topic};

/// Changes of rights remembered, for those whose admission was under way when they were applied.
const HISTORY_MAX: usize = 1_024;

#[derive(Debug)]
pub(crate) struct ConnectedUser {
    pub access: Access,
    pub streams: Vec<StreamKey>,
}

#[derive(Debug, Default)]
pub(crate) struct ConnectedUsers {
    users: HashMap<UserId, ConnectedUser>,
    index: HashMap<Topic, Vec<StreamKey>>,
    history: VecDeque<(u64, AccessChanged)>,
    /// The history holds every change after this position.
    history_from: u64,
}

impl ConnectedUsers {
    pub(crate) fn get(&self, user: UserId) -> Option<&ConnectedUser> {
        self.users.get(&user)
    }

    pub(crate) fn topics(&self) -> usize {
        self.index.len()
    }

    pub(crate) fn streams_of(&self, topic: Topic) -> &[StreamKey] {
        self.index.get(&topic).map_or(&[], Vec::as_slice)
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

    pub(crate) fn remember(&mut self, position: u64, change: AccessChanged) {
        self.history.push_back((position, change));
        if self.history.len() > HISTORY_MAX
            && let Some((position, _)) = self.history.pop_front()
        {
            self.history_from = position;
        }
    }

    /// Nothing that was known of anybody's rights is certain after this.
    pub(crate) fn forget(&mut self, last: u64) {
        self.history.clear();
        self.history_from = last;
        self.index.clear();
        for connected in self.users.values_mut() {
            connected.access.grants = Grants::default();
            connected.access.at = 0;
        }
    }

    pub(crate) fn join(&mut self, user: UserId, key: StreamKey) {
        let connected = self.users.entry(user).or_insert_with(|| ConnectedUser {
            access: Access {
                user,
                grants: Grants::default(),
                at: 0,
            },
            streams: Vec::new(),
        });
        connected.streams.push(key);
    }

    pub(crate) fn leave(&mut self, user: UserId, key: StreamKey) {
        if let Some(connected) = self.users.get_mut(&user) {
            connected.streams.retain(|other| *other != key);
            if connected.streams.is_empty() {
                self.users.remove(&user);
            }
        }
    }

    pub(crate) fn list(&mut self, topic: Topic, key: StreamKey) {
        let keys = self.index.entry(topic).or_default();
        if !keys.contains(&key) {
            keys.push(key);
        }
    }

    pub(crate) fn unlist(&mut self, topic: Topic, key: StreamKey) {
        if let Some(keys) = self.index.get_mut(&topic) {
            if let Some(index) = keys.iter().position(|other| *other == key) {
                keys.swap_remove(index);
            }
            if keys.is_empty() {
                self.index.remove(&topic);
            }
        }
    }

    /// Replaces what a person may see, unless a later account of it is here already. Gives the
    /// topics before and after for their streams to be listed anew.
    pub(crate) fn grant(
        &mut self,
        user: UserId,
        grants: Grants,
        at: u64,
    ) -> Option<(Vec<Topic>, Vec<Topic>)> {
        let connected = self.users.get_mut(&user)?;
        if at < connected.access.at {
            return None;
        }
        let before = granted(&connected.access.grants);
        let after = granted(&grants);
        connected.access.grants = grants;
        connected.access.at = at;
        Some((before, after))
    }
}

/// The topics whose events a person's grants reach.
pub(crate) fn granted(grants: &Grants) -> Vec<Topic> {
    let organizations = grants.organizations.iter();
    let organizations = organizations.map(|grant| Topic::Organization(grant.organization_id));
    let clusters = grants.clusters.iter();
    organizations
        .chain(clusters.map(|grant| Topic::Cluster(grant.cluster_id)))
        .collect()
}
