//! The events of one turn of a lane, and by which transports each of them was written to somebody.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tracing::Span;

use crate::{hub::Entry, transport::frame::Transport};

struct Event {
    entry: Arc<Entry>,
    /// Ends when everybody who keeps up has been written to.
    _span: Span,
    /// By transport.
    written: [bool; 2],
}

#[derive(Default)]
pub(super) struct Fresh(Vec<Event>);

impl Fresh {
    pub(super) fn add(&mut self, entry: &Arc<Entry>, span: &Span) {
        self.0.push(Event {
            entry: entry.clone(),
            _span: span.clone(),
            written: [false; 2],
        });
    }

    /// The event at this position went out to somebody; one of an earlier turn is no news.
    pub(super) fn wrote(&mut self, transport: Transport, position: u64) {
        let Some(first) = self.0.first() else {
            return;
        };
        let index = position.checked_sub(first.entry.position);
        let index = index.and_then(|index| usize::try_from(index).ok());
        if let Some(event) = index.and_then(|index| self.0.get_mut(index))
            // A restart in between leaves a hole.
            && event.entry.position == position
        {
            event.written[transport as usize] = true;
        }
    }

    /// Everybody who keeps up has these now: says how late it was, for each transport that had any
    /// reader of an event.
    pub(super) fn delivered(
        &mut self,
        now: DateTime<Utc>,
        mut say: impl FnMut(Transport, Duration),
    ) {
        for event in self.0.drain(..) {
            let lag = (now - event.entry.time.datetime()).to_std();
            for transport in Transport::ALL {
                if event.written[transport as usize] {
                    say(transport, lag.unwrap_or_default());
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use api::{
        bus::Logged,
        event::{Audience, Event as Written, kind},
    };
    use domain::{EventId, Incarnation};
    use uuid::Uuid;

    use super::*;

    /// An event as old, in seconds, as its position says.
    fn entry(position: u32, now: DateTime<Utc>) -> Arc<Entry> {
        let event = Written {
            id: EventId::from_uuid(Uuid::nil()),
            kind: kind::CLUSTER_CHANGED.into(),
            time: (now - Duration::from_secs(position.into())).into(),
            organization_id: None,
            workspace_id: None,
            cluster_id: None,
            task_id: None,
            status: None,
            version: 0,
            data: None,
        };
        let logged = Logged {
            position: position.into(),
            audience: Audience::Hub,
            event,
            trace: None,
        };
        Arc::new(Entry::new(Incarnation(1), logged))
    }

    #[test]
    fn only_what_was_written_to_somebody_was_delivered_and_by_that_transport() {
        let now = Utc::now();
        let mut fresh = Fresh::default();
        // What a client that catches up reads is no news.
        fresh.wrote(Transport::Sse, 5);
        for position in [5, 6, 7, 8] {
            fresh.add(&entry(position, now), &Span::none());
        }
        for (transport, position) in [
            (Transport::Sse, 4),
            (Transport::Sse, 6),
            (Transport::Sse, 6),
            (Transport::WebSocket, 8),
            (Transport::Sse, 9),
        ] {
            fresh.wrote(transport, position);
        }
        let mut said = vec![];
        fresh.delivered(now, |transport, lag| said.push((transport, lag.as_secs())));
        assert_eq!(said, [(Transport::Sse, 6), (Transport::WebSocket, 8)]);
        fresh.delivered(now, |_, _| panic!("once"));
    }
}
