//! An event in the form of each transport: made once, shared by every stream that is sent it.

use std::sync::OnceLock;

use api::{bus::Logged, event::Event};
use bytes::Bytes;
use domain::{Cursor, Incarnation};

use super::{
    kind::Transport,
    sse_frame::EventFrame,
    websocket_frame::{self, EventNames},
};
use crate::hub::{Body, Entry, Page};

/// An event in the hub, with its frames.
pub(crate) type FramedEntry = Entry<EventFrames>;
/// A range of the log, framed once for everybody who asks.
pub(crate) type FramedPage = Page<EventFrames>;

/// An event in every form it is sent in; the second is made when the first client wants it.
#[derive(Debug, Default)]
pub(crate) struct EventFrames {
    sse: EventFrame,
    names: EventNames,
    websocket: OnceLock<Bytes>,
}

/// Makes an event of the log what the hub holds.
pub(crate) fn framed(incarnation: Incarnation, logged: Logged) -> FramedEntry {
    let cursor = Cursor {
        incarnation,
        position: logged.position,
    };
    Entry::new(logged, |event| EventFrames::new(cursor, event))
}

impl EventFrames {
    fn new(cursor: Cursor, event: &Event) -> Self {
        match EventFrame::new(cursor, event) {
            Ok(sse) => Self {
                sse,
                names: EventNames::of(event),
                websocket: OnceLock::new(),
            },
            Err(error) => {
                tracing::error!(%error, %cursor, "an event cannot be written");
                Self::default()
            }
        }
    }

    pub(crate) fn of(&self, transport: Transport) -> &Bytes {
        match transport {
            Transport::Sse => self.sse.bytes(),
            Transport::WebSocket => self.websocket.get_or_init(|| {
                websocket_frame::event(&self.names, self.sse.cursor(), self.sse.json())
            }),
        }
    }
}

impl Body for EventFrames {
    fn size(&self) -> usize {
        2 * self.sse.bytes().len()
    }
}
