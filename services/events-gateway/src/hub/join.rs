//! How a stream begins and ends in its shard, and how its subscriptions change: what the admission
//! is worth by now, and where in the log.

use api::{Timestamp, bus::AdmitReply};
use domain::Cursor;
use feed::{Reader, Reset};

use super::{
    client::Client,
    door::Refused,
    entry::Kinds,
    people::{Key, granted},
    shard::Shard,
    wants::{Topic, Wants},
};
use crate::{presence::Room, transport::frame::Transport};

/// Subscriptions one stream may have.
pub(crate) const TOPICS_MAX: usize = 64;
/// How far a subscription's place may be ahead of this replica: whoever has it saw the log elsewhere, in a list above all.
const AHEAD_MAX: u64 = 4_096;

/// Where a stream or a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Now,
    Since(Cursor),
    /// It named something that is no cursor.
    Unreadable,
}

impl Start {
    pub(crate) fn read(text: Option<&str>) -> Self {
        match text {
            None => Self::Now,
            Some(text) => text.parse().map_or(Self::Unreadable, Self::Since),
        }
    }
}

/// How a stream went on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Began {
    Now,
    Ring,
    Older,
    Reset(Reset),
}

/// Why a topic is not subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSubscribed {
    /// It does not exist, or not for this person: the same answer.
    NotFound,
    TooMany,
    Ending,
}

impl Shard {
    /// Opens a stream for an admitted person.
    pub(crate) fn join(
        &mut self,
        admitted: &AdmitReply,
        transport: Transport,
        wants: Wants,
        start: Start,
    ) -> Result<(Key, Began), Refused> {
        let here = self.here().ok_or(Refused::Elsewhere)?;
        let (grants, grants_at) = self.admit(admitted, here)?;
        // The log was there when the admission was made, even if this replica is not yet.
        let now = Cursor {
            position: here.position.max(admitted.at.position),
            ..here
        };
        let (at, began) = self.begin(start, now);
        self.generation = self.generation.wrapping_add(1);
        let generation = self.generation;
        let everything = matches!(wants, Wants::Everything(_));
        let user = admitted.user_id;
        let index = self.clients.insert(Client {
            user,
            session: admitted.session_id,
            only: admitted.only,
            expires_at: admitted.expires_at,
            transport,
            wants,
            reader: Reader::new(at.incarnation, at.position),
            known: now.position,
            told: at.position,
            due: 0,
            level: false,
            caught: false,
            dirty: false,
            opening: match began {
                Began::Reset(reset) => Some(reset),
                _ => None,
            },
            page: None,
            end: None,
            generation,
        });
        let key = Key::new(index, generation);
        self.people.join(user, key);
        self.grant(user, grants, grants_at);
        if everything && let Some(person) = self.people.get(user) {
            for topic in granted(&person.access.grants) {
                self.people.list(topic, key);
            }
        }
        self.touch(key);
        Ok((key, began))
    }

    /// Brings the admission up to what has been applied since it was made.
    fn admit(
        &self,
        admitted: &AdmitReply,
        here: Cursor,
    ) -> Result<(api::event::Grants, u64), Refused> {
        if admitted.at.incarnation != here.incarnation {
            return Err(Refused::Elsewhere);
        }
        let mut grants = (admitted.grants.clone(), admitted.at.position);
        let changes = self
            .people
            .changes_since(admitted.at.position, admitted.user_id)
            .ok_or(Refused::Elsewhere)?;
        for (position, change) in changes {
            if change.session_ended == Some(admitted.session_id) {
                return Err(Refused::SessionEnded);
            }
            if let Some(changed) = &change.grants {
                grants = (changed.clone(), *position);
            }
        }
        Ok(grants)
    }

    /// Where a stream begins, and how.
    fn begin(&self, start: Start, now: Cursor) -> (Cursor, Began) {
        let reset = match start {
            Start::Now => return (now, Began::Now),
            Start::Unreadable => Reset::Unreadable,
            Start::Since(since) if since.incarnation != now.incarnation => Reset::OtherIncarnation,
            // Nobody was ever there: the database it was seen in is not this one.
            Start::Since(since) if since.position > now.position => Reset::OtherIncarnation,
            Start::Since(since) if since.position.saturating_add(self.catch_up) < now.position => {
                Reset::TooOld
            }
            Start::Since(since) if since.position + 1 < self.ring.first() => {
                return (since, Began::Older);
            }
            Start::Since(since) => return (since, Began::Ring),
        };
        (now, Began::Reset(reset))
    }

    /// Frees what a stream held.
    pub(crate) fn leave(&mut self, key: Key) {
        if self.client(key).is_none() {
            return;
        }
        let client = self.clients.remove(key.index());
        match &client.wants {
            Wants::Everything(_) => {
                let topics = self.people.get(client.user);
                let topics = topics.map(|person| granted(&person.access.grants));
                for topic in topics.unwrap_or_default() {
                    self.people.unlist(topic, key);
                }
            }
            Wants::Topics(topics) => {
                for topic in topics.each() {
                    self.people.unlist(topic, key);
                }
            }
        }
        self.people.leave(client.user, key);
    }

    /// Subscribes a stream to a topic. Gives where that begins, and how.
    pub(crate) fn subscribe(
        &mut self,
        key: Key,
        topic: Topic,
        kinds: Kinds,
        start: Start,
    ) -> Result<(Cursor, Began), NotSubscribed> {
        let here = self.here().ok_or(NotSubscribed::Ending)?;
        let client = self.client(key).ok_or(NotSubscribed::Ending)?;
        if client.end.is_some() || client.reader.incarnation() != here.incarnation {
            return Err(NotSubscribed::Ending);
        }
        if let Topic::Organization(id) = topic {
            let person = self.people.get(client.user).ok_or(NotSubscribed::Ending)?;
            if !client.reaches(id) || !person.access.in_organization(id) {
                return Err(NotSubscribed::NotFound);
            }
        }
        let read = client.reader.position();
        let seen = match start {
            Start::Since(since) if since.incarnation == here.incarnation => since.position,
            _ => 0,
        };
        let ahead = seen > here.position.saturating_add(AHEAD_MAX);
        let seen = if ahead { 0 } else { seen };
        // What was shown elsewhere is there, even if this replica is not there yet.
        let now = Cursor {
            position: here.position.max(read).max(client.known).max(seen),
            ..here
        };
        let (at, began) = self.begin(start, now);
        let level = client.level;
        // A level stream has passed everything that was not for it.
        let read = if level { read.max(here.position) } else { read };
        let Some(client) = self.client_mut(key) else {
            return Err(NotSubscribed::Ending);
        };
        let due = client.due;
        let Wants::Topics(topics) = &mut client.wants else {
            return Err(NotSubscribed::NotFound);
        };
        if topics.len() >= TOPICS_MAX && !topics.has(topic) {
            return Err(NotSubscribed::TooMany);
        }
        // What is marked has not been sent yet.
        let read = if level && due > 0 { due - 1 } else { read };
        let from = topics.add(topic, kinds, at.position, read);
        if from < read || level {
            client.reader.restart(at.incarnation, from);
            client.level = false;
            client.caught = false;
            client.page = None;
        }
        self.people.list(topic, key);
        self.touch(key);
        Ok((at, began))
    }

    pub(crate) fn unsubscribe(&mut self, key: Key, topic: Topic) -> bool {
        let Some(client) = self.client_mut(key) else {
            return false;
        };
        let Wants::Topics(topics) = &mut client.wants else {
            return false;
        };
        let held = topics.remove(topic);
        self.people.unlist(topic, key);
        held
    }

    /// A quiet stream's place, if it moved since the other side was told.
    pub(crate) fn place(&mut self, key: Key) -> Option<Cursor> {
        let last = self.here()?.position;
        let client = self.client_mut(key)?;
        if client.end.is_some() || !client.level || client.due > 0 || last <= client.told {
            return None;
        }
        client.reader.pass(last);
        client.told = client.reader.position();
        Some(client.cursor())
    }

    /// Whether somebody may say that they are in a room, and see who else is.
    pub(crate) fn may_enter(&self, key: Key, room: &Room, now: Timestamp) -> bool {
        let client = self.client(key);
        let client = client.filter(|client| client.reaches(room.organization));
        let person = client.and_then(|client| self.people.get(client.user));
        person.is_some_and(|person| match room.place {
            Topic::Cluster(cluster) => {
                person.access.in_organization(room.organization)
                    || person.access.shares(cluster, now)
            }
            _ => person.access.in_organization(room.organization),
        })
    }

    /// Whether a session's time is up.
    pub(crate) fn overdue(&self, key: Key, now: Timestamp) -> bool {
        self.client(key)
            .is_some_and(|client| client.expires_at <= now)
    }
}

#[cfg(test)]
#[path = "shard_tests.rs"]
mod tests;
