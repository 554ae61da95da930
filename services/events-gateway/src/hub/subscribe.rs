//! How a stream's subscriptions to topics begin and end, each at its own place in the log.

use domain::Cursor;

use super::{
    join::{Began, Start},
    kinds::Kinds,
    progress::Progress,
    shard::Shard,
    stream_key::StreamKey,
    topic::Topic,
    wants::Wants,
};

/// Subscriptions one stream may have.
pub(crate) const TOPICS_MAX: usize = 64;
/// How far a subscription's place may be ahead of this replica: whoever has it saw the log elsewhere, in a list above all.
const AHEAD_MAX: u64 = 4_096;

/// Why a topic is not subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotSubscribed {
    /// It does not exist, or not for this person: the same answer.
    NotFound,
    TooMany,
    Ending,
}

impl<B> Shard<B> {
    /// Subscribes a stream to a topic. Gives where that begins, and how.
    pub(crate) fn subscribe(
        &mut self,
        key: StreamKey,
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
            let user = self.users.get(client.user).ok_or(NotSubscribed::Ending)?;
            if !client.reaches(id) || !user.access.in_organization(id) {
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
            position: here.position.max(read).max(client.admitted_at).max(seen),
            ..here
        };
        let (at, began) = self.begin(start, now);
        let (at_end, read) = match client.progress {
            // What is marked has not been sent yet; whatever else there was is not for it.
            Progress::UpToDate { first_marked } => {
                let end = read.max(here.position);
                (true, first_marked.map_or(end, |first| first - 1))
            }
            Progress::CatchingUp { .. } | Progress::KeepingUp => (false, read),
        };
        let Some(client) = self.client_mut(key) else {
            return Err(NotSubscribed::Ending);
        };
        let Wants::Topics(subscriptions) = &mut client.wants else {
            return Err(NotSubscribed::NotFound);
        };
        if subscriptions.len() >= TOPICS_MAX && !subscriptions.has(topic) {
            return Err(NotSubscribed::TooMany);
        }
        let from = subscriptions.add(topic, kinds, at.position, read);
        if from < read || at_end {
            client.reader.restart(at.incarnation, from);
            client.progress = Progress::START;
        }
        self.users.list(topic, key);
        self.touch(key);
        Ok((at, began))
    }

    pub(crate) fn unsubscribe(&mut self, key: StreamKey, topic: Topic) -> bool {
        let Some(client) = self.client_mut(key) else {
            return false;
        };
        let Wants::Topics(subscriptions) = &mut client.wants else {
            return false;
        };
        let held = subscriptions.remove(topic);
        self.users.unlist(topic, key);
        held
    }
}
