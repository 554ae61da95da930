//! What one stream asked for: everything its person may see, or a few topics, each from a place on.

use super::{entry::Entry, kinds::Kinds, topic::Topic};

/// Two places per topic make a later subscription from an earlier place exact: events after `start`
/// and up to `done` were delivered for it before the stream went back for the sake of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Subscribed {
    topic: Topic,
    kinds: Kinds,
    start: u64,
    done: u64,
}

impl Subscribed {
    fn wants<B>(&self, entry: &Entry<B>) -> bool {
        self.kinds.meets(entry.kind) && entry.topics.contains(self.topic)
    }
}

#[derive(Debug)]
pub(crate) enum Wants {
    /// Whatever the person may see, of these types.
    Everything(Kinds),
    Topics(Subscriptions),
}

impl Wants {
    pub(crate) fn wants<B>(&self, entry: &Entry<B>) -> bool {
        match self {
            Self::Everything(kinds) => kinds.meets(entry.kind),
            Self::Topics(subscriptions) => subscriptions.wait_for(entry),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Subscriptions(Vec<Subscribed>);

impl Subscriptions {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn has(&self, topic: Topic) -> bool {
        self.0.iter().any(|held| held.topic == topic)
    }

    pub(crate) fn topics(&self) -> impl Iterator<Item = Topic> {
        self.0.iter().map(|held| held.topic)
    }

    /// Adds a topic from a place on, for a stream that has read up to `read`. Gives where the stream
    /// has to go on reading.
    pub(crate) fn add(&mut self, topic: Topic, kinds: Kinds, start: u64, read: u64) -> u64 {
        self.remove(topic);
        for held in &mut self.0 {
            held.done = held.done.max(read);
        }
        self.0.push(Subscribed {
            topic,
            kinds,
            start,
            done: start,
        });
        start.min(read)
    }

    pub(crate) fn remove(&mut self, topic: Topic) -> bool {
        let before = self.0.len();
        self.0.retain(|held| held.topic != topic);
        self.0.len() != before
    }

    /// All begin anew after a place.
    pub(crate) fn restart(&mut self, place: u64) {
        for held in &mut self.0 {
            held.start = place;
            held.done = place;
        }
    }

    /// Whether a topic still waits for this event and none has had it.
    fn wait_for<B>(&self, entry: &Entry<B>) -> bool {
        let mut waits = false;
        for held in self.0.iter().filter(|held| held.wants(entry)) {
            if entry.position > held.done {
                waits = true;
            } else if entry.position > held.start {
                return false;
            }
        }
        waits
    }
}
