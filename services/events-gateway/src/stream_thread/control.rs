//! What streams are sent beside events: keep-alives, ends when a session's time is up or nothing is heard, and who is present.

use std::time::Instant;

use bytes::Bytes;

use super::{connection::Stage, streams::Streams};
use crate::{
    end::End,
    hub::{PresenceRoom, StreamKey},
    presence::Act,
    slow_client,
    transport::{Transport, sse_frame, websocket_frame},
};

/// A keep-alive period is this many ticks; each tick serves its share of the streams.
pub(super) const TICKS_PER_PERIOD: u32 = 15;

impl Streams {
    /// Goes through all streams: each has its keep-alive at one tick of a period.
    pub(super) fn tick(&mut self, tick: u32, now: Instant) {
        for index in 0..self.slots() {
            let Some((key, connection)) = self.slot(index) else {
                continue;
            };
            let stage = connection.stage;
            let quiet = now.saturating_duration_since(connection.alive);
            let pinged = connection.transport == Transport::WebSocket;
            let silent = slow_client::is_silent(connection.blocked || pinged, quiet);
            let its_tick = index % TICKS_PER_PERIOD as usize == tick as usize;
            match (stage, silent) {
                (Stage::Parked, _) => {}
                (Stage::Shut, _) => {
                    if slow_client::overstays(quiet) {
                        self.close(key);
                    }
                }
                (Stage::Open | Stage::Ending, Some(end)) => self.give_up(key, end),
                (Stage::Open, None) if self.shard.overdue(key, self.now) => {
                    self.shard.end(key, End::Expired);
                }
                (Stage::Open, None) if its_tick => self.keep_alive(key),
                (Stage::Open | Stage::Ending, None) => {}
            }
        }
    }

    /// Closes a stream whose other side is not there to be told.
    fn give_up(&mut self, key: StreamKey, end: End) {
        if self.shard.client(key).is_some()
            && let Some(connection) = self.connection(key)
        {
            let transport = connection.transport;
            self.count_end(transport, end);
        }
        self.close(key);
    }

    fn keep_alive(&mut self, key: StreamKey) {
        let moved_to = self.shard.advance_quiet(key);
        let Some(cursor) = self.shard.client(key).map(|client| client.cursor()) else {
            return;
        };
        if let Some(connection) = self.connection(key)
            && !connection.blocked
            && connection.idle()
        {
            connection.enqueue(match connection.transport {
                Transport::Sse => sse_frame::keep_alive(moved_to),
                Transport::WebSocket => websocket_frame::keep_alive(cursor),
            });
            self.work.push(key);
        }
    }

    /// Sends somebody who is in a room, if they still may be there.
    pub(super) fn on_presence(&mut self, key: StreamKey, room: PresenceRoom, frame: Bytes) {
        if !self.shard.may_enter(key, &room, self.now) {
            self.act(key, Act::Leave { room });
            return;
        }
        // A slow one is sent the next change instead.
        if self.connection(key).is_some_and(|it| !it.blocked) {
            self.notify(key, frame);
        }
    }
}
