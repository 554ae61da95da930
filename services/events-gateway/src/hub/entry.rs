//! An event as the hub holds it: what decides who is shown it, and a body, which the hub carries and does not read.

use api::{
    Timestamp,
    bus::Logged,
    event::{AccessChanged, Audience, Event, kind},
};

use super::{kinds::Kinds, topic::EventTopics};

/// What is sent of an event, whatever its form: made outside and read outside. The default is that of an event that nobody
/// is shown.
pub(crate) trait Body: Default {
    /// Bytes it holds in memory at most.
    fn size(&self) -> usize;
}

/// What an event does to anybody's rights.
#[derive(Debug)]
pub(crate) enum Rights {
    Stay,
    Change(AccessChanged),
    /// It may have taken rights from anybody.
    Unreadable,
}

/// An event in the ring.
#[derive(Debug)]
pub(crate) struct Entry<B> {
    pub position: u64,
    pub audience: Audience,
    pub topics: EventTopics,
    pub kind: Kinds,
    pub rights: Rights,
    pub time: Timestamp,
    pub body: B,
}

impl<B: Body> Entry<B> {
    /// `body` is asked for events that somebody may be shown.
    pub(crate) fn new(logged: Logged, body: impl FnOnce(&Event) -> B) -> Self {
        let Logged {
            position,
            audience,
            event,
            trace: _,
        } = logged;
        let shown = !matches!(audience, Audience::Hub | Audience::Unknown);
        Self {
            position,
            topics: EventTopics::of(&event),
            kind: Kinds::of(&event.kind),
            time: event.time,
            body: if shown { body(&event) } else { B::default() },
            rights: rights(position, event),
            audience,
        }
    }

    /// Bytes it costs.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>() + self.body.size()
    }
}

fn rights(position: u64, event: Event) -> Rights {
    if event.kind != kind::ACCESS_CHANGED {
        return Rights::Stay;
    }
    match serde_json::from_value(event.data.unwrap_or_default()) {
        Ok(change) => Rights::Change(change),
        Err(error) => {
            tracing::error!(position, %error, "a change of rights cannot be read: all streams end");
            Rights::Unreadable
        }
    }
}
