//! One shard of the hub: its own ring and its own users, used by one thread, so nothing is locked. It applies the log in
//! order and marks the streams that each event is for.

use std::sync::Arc;

use api::{
    Timestamp,
    event::{AccessChanged, Audience, Grants},
};
use domain::{Cursor, Incarnation, UserId};
use feed::{Feed, Limits};
use slab::Slab;

use super::{
    client::Client,
    entry::{Body, Entry, Rights},
    stream_key::StreamKey,
    topic::Topic,
    users::ConnectedUsers,
    wants::Wants,
};
use crate::end::End;

pub(crate) struct Shard<B> {
    pub(super) ring: Feed<Incarnation, Arc<Entry<B>>>,
    /// The log's place was told once.
    following: bool,
    pub(super) users: ConnectedUsers,
    pub(super) clients: Slab<Client<B>>,
    pub(super) generation: u32,
    dirty: Vec<StreamKey>,
    /// A reader further behind than this lists again instead of reading it all.
    pub(super) catch_up: u64,
}

impl<B> Shard<B> {
    pub(crate) fn new(ring: Limits, catch_up: u64) -> Self {
        Self {
            ring: Feed::new(Incarnation(0), 0, ring),
            following: false,
            users: ConnectedUsers::default(),
            clients: Slab::new(),
            generation: 0,
            dirty: Vec::new(),
            catch_up,
        }
    }

    /// Where the log is applied up to.
    pub(crate) fn here(&self) -> Option<Cursor> {
        self.following.then(|| Cursor {
            incarnation: self.ring.incarnation(),
            position: self.ring.last(),
        })
    }

    pub(crate) fn client(&self, key: StreamKey) -> Option<&Client<B>> {
        let client = self.clients.get(key.index())?;
        (StreamKey::new(key.index(), client.generation) == key).then_some(client)
    }

    pub(super) fn client_mut(&mut self, key: StreamKey) -> Option<&mut Client<B>> {
        let client = self.clients.get_mut(key.index())?;
        (StreamKey::new(key.index(), client.generation) == key).then_some(client)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = StreamKey> {
        let clients = self.clients.iter();
        clients.map(|(index, client)| StreamKey::new(index, client.generation))
    }

    /// Topics with somebody who is shown their events.
    pub(crate) fn topics(&self) -> usize {
        self.users.topics()
    }

    /// Streams that have something to do since this was asked the last time.
    pub(crate) fn drain_dirty(&mut self, into: &mut Vec<StreamKey>) {
        into.append(&mut self.dirty);
        for key in into.iter() {
            if let Some(client) = self.client_mut(*key) {
                client.dirty = false;
            }
        }
    }

    pub(super) fn touch(&mut self, key: StreamKey) {
        if let Some(client) = self.client_mut(key)
            && !client.dirty
        {
            client.dirty = true;
            self.dirty.push(key);
        }
    }

    /// Begins to follow the log after `last`, or goes on in another place of it. What was missed may
    /// have taken rights from anybody: every stream ends and is admitted anew.
    pub(crate) fn restart(&mut self, incarnation: Incarnation, last: u64) {
        self.ring.restart(incarnation, last);
        self.following = true;
        self.forget(last);
    }

    fn forget(&mut self, last: u64) {
        self.users.forget(last);
        let keys: Vec<StreamKey> = self.keys().collect();
        for key in keys {
            self.end(key, End::Admission);
        }
    }

    pub(crate) fn end(&mut self, key: StreamKey, end: End) {
        if let Some(client) = self.client_mut(key) {
            // The first reason stays.
            client.end.get_or_insert(end);
            self.touch(key);
        }
    }

    /// Ends an even share of the streams, as the first of so many waves. Streams of everything and streams of topics have a
    /// share each, so that no wave is all of one kind.
    pub(crate) fn drain(&mut self, waves: u32) {
        for of_topics in [false, true] {
            let of_it = |key: &StreamKey| {
                let client = self.client(*key).filter(|client| client.end.is_none());
                client.is_some_and(|client| matches!(client.wants, Wants::Topics(_)) == of_topics)
            };
            let stay: Vec<StreamKey> = self.keys().filter(of_it).collect();
            let share = stay.len().div_ceil(waves.max(1) as usize);
            for key in stay.into_iter().take(share) {
                self.end(key, End::Drain);
            }
        }
    }

    /// Marks every stream this event is for.
    fn dispatch(&mut self, entry: &Entry<B>, now: Timestamp) {
        let mut found = Vec::new();
        match entry.audience {
            Audience::Organization {
                organization_id, ..
            } => {
                found.extend(self.users.streams_of(Topic::Organization(organization_id)));
                for topic in entry.topics.each() {
                    if topic != Topic::Organization(organization_id) {
                        found.extend(self.users.streams_of(topic));
                    }
                }
            }
            Audience::User { user_id } => {
                let user = self.users.get(user_id);
                found.extend(user.into_iter().flat_map(|user| &user.streams));
            }
            Audience::Hub | Audience::Unknown => {}
        }
        for key in found {
            if self.shows(key, entry, now) {
                self.mark(key, entry.position);
            }
        }
    }

    fn mark(&mut self, key: StreamKey, position: u64) {
        if let Some(client) = self.client_mut(key) {
            client.progress.mark(position);
            self.touch(key);
        }
    }

    fn shows(&self, key: StreamKey, entry: &Entry<B>, now: Timestamp) -> bool {
        self.client(key).is_some_and(|client| {
            client.wants.wants(entry)
                && client.is_of(&entry.audience)
                && self.users.get(client.user).is_some_and(|user| {
                    let cluster = entry.topics.cluster;
                    user.access.sees(&entry.audience, cluster, now)
                })
        })
    }

    /// Applies a change of rights at its place in the log.
    fn change_rights(&mut self, position: u64, change: AccessChanged) {
        let user = change.user_id;
        let streams = self.users.get(user).map(|user| user.streams.clone());
        for key in streams.unwrap_or_default() {
            let session = self.client(key).map(|client| client.session);
            if change.session_ended.is_some() && change.session_ended == session {
                self.end(key, End::Session);
            }
        }
        if let Some(grants) = change.grants.clone() {
            self.grant(user, grants, position);
        }
        self.users.remember(position, change);
    }

    pub(super) fn grant(&mut self, user: UserId, grants: Grants, at: u64) {
        let Some((before, after)) = self.users.grant(user, grants, at) else {
            return;
        };
        let streams = self.users.get(user).map(|user| user.streams.clone());
        for key in streams.unwrap_or_default() {
            let wants = self.client(key).map(|client| &client.wants);
            if matches!(wants, Some(Wants::Everything(_))) {
                for topic in &before {
                    self.users.unlist(*topic, key);
                }
                for topic in &after {
                    self.users.list(*topic, key);
                }
            }
        }
    }

    /// Whether it is to be closed.
    pub(crate) fn ended(&self, key: StreamKey) -> bool {
        self.client(key).is_some_and(|client| client.end.is_some())
    }

    /// Whether a session's time is up.
    pub(crate) fn overdue(&self, key: StreamKey, now: Timestamp) -> bool {
        self.client(key)
            .is_some_and(|client| client.expires_at <= now)
    }

    /// A stream of a user's, if there is one.
    pub(crate) fn stream_of(&self, user: UserId) -> Option<StreamKey> {
        self.users.get(user)?.streams.first().copied()
    }
}

impl<B: Body> Shard<B> {
    /// Applies the next event of the log. Rights change before anything after them is shown.
    pub(crate) fn apply(&mut self, entry: &Arc<Entry<B>>, now: Timestamp) {
        // What was given up in between shows as a hole; a restart follows it.
        if entry.position != self.ring.last() + 1 {
            return;
        }
        self.ring.push(entry.clone(), entry.size());
        match &entry.rights {
            Rights::Stay => self.dispatch(entry, now),
            Rights::Change(change) => self.change_rights(entry.position, change.clone()),
            Rights::Unreadable => self.forget(entry.position),
        }
    }
}
