//! How a stream begins and ends in its shard: what its admission is worth by now, and where in the log.

use api::{bus::AdmitReply, event::Grants};
use domain::Cursor;
use feed::{Reader, Reset};

use super::{
    client::Client, progress::Progress, shard::Shard, stream_key::StreamKey, users::granted,
    wants::Wants,
};

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

/// Why an admitted person gets no stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The session ended while it was being admitted.
    SessionEnded,
    /// The log is not where the admission was made: ask for admission again.
    Elsewhere,
}

impl<B> Shard<B> {
    /// Opens a stream for an admitted person.
    pub(crate) fn join(
        &mut self,
        admitted: &AdmitReply,
        wants: Wants,
        start: Start,
    ) -> Result<(StreamKey, Began), Refused> {
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
            wants,
            reader: Reader::new(at.incarnation, at.position),
            progress: Progress::START,
            last_acked: at.position,
            admitted_at: now.position,
            dirty: false,
            pending_reset: match began {
                Began::Reset(reset) => Some(reset),
                _ => None,
            },
            end: None,
            generation,
        });
        let key = StreamKey::new(index, generation);
        self.users.join(user, key);
        self.grant(user, grants, grants_at);
        if everything && let Some(user) = self.users.get(user) {
            for topic in granted(&user.access.grants) {
                self.users.list(topic, key);
            }
        }
        self.touch(key);
        Ok((key, began))
    }

    /// Brings the admission up to what has been applied since it was made.
    fn admit(&self, admitted: &AdmitReply, here: Cursor) -> Result<(Grants, u64), Refused> {
        if admitted.at.incarnation != here.incarnation {
            return Err(Refused::Elsewhere);
        }
        let mut grants = (admitted.grants.clone(), admitted.at.position);
        let changes = self
            .users
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
    pub(super) fn begin(&self, start: Start, now: Cursor) -> (Cursor, Began) {
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
    pub(crate) fn leave(&mut self, key: StreamKey) {
        if self.client(key).is_none() {
            return;
        }
        let client = self.clients.remove(key.index());
        match &client.wants {
            Wants::Everything(_) => {
                let topics = self.users.get(client.user);
                let topics = topics.map(|user| granted(&user.access.grants));
                for topic in topics.unwrap_or_default() {
                    self.users.unlist(topic, key);
                }
            }
            Wants::Topics(subscriptions) => {
                for topic in subscriptions.topics() {
                    self.users.unlist(topic, key);
                }
            }
        }
        self.users.leave(client.user, key);
    }
}
