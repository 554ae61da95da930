//! What one stream asked for: everything its person may see, or a few topics, each from a place on.

use domain::{ClusterId, OrganizationId, TaskId, WorkspaceId};

use super::entry::{Entry, Kinds, Places};

/// What a stream can be subscribed to, and what the hub finds it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    Organization(OrganizationId),
    Workspace(WorkspaceId),
    Cluster(ClusterId),
    Task(TaskId),
}

impl Topic {
    fn holds(self, places: &Places) -> bool {
        match self {
            Self::Organization(id) => places.organization == Some(id),
            Self::Workspace(id) => places.workspace == Some(id),
            Self::Cluster(id) => places.cluster == Some(id),
            Self::Task(id) => places.task == Some(id),
        }
    }
}

/// Every topic an event belongs to.
pub(crate) fn topics_of(places: &Places) -> impl Iterator<Item = Topic> {
    [
        places.organization.map(Topic::Organization),
        places.workspace.map(Topic::Workspace),
        places.cluster.map(Topic::Cluster),
        places.task.map(Topic::Task),
    ]
    .into_iter()
    .flatten()
}

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
    fn wants(&self, entry: &Entry) -> bool {
        self.kinds.meets(entry.kind) && self.topic.holds(&entry.places)
    }
}

#[derive(Debug)]
pub(crate) enum Wants {
    /// Whatever the person may see, of these types.
    Everything(Kinds),
    Topics(Topics),
}

impl Wants {
    pub(crate) fn wants(&self, entry: &Entry) -> bool {
        match self {
            Self::Everything(kinds) => kinds.meets(entry.kind),
            Self::Topics(topics) => topics.owed(entry),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Topics(Vec<Subscribed>);

impl Topics {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn has(&self, topic: Topic) -> bool {
        self.0.iter().any(|held| held.topic == topic)
    }

    pub(crate) fn each(&self) -> impl Iterator<Item = Topic> {
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
    fn owed(&self, entry: &Entry) -> bool {
        let mut owed = false;
        for held in self.0.iter().filter(|held| held.wants(entry)) {
            if entry.position > held.done {
                owed = true;
            } else if entry.position > held.start {
                return false;
            }
        }
        owed
    }
}
