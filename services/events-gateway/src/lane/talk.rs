//! What a lane says beside events, and what it hears: keep-alives, goodbyes, and the messages that
//! clients send.

use std::time::Instant;

use bytes::Bytes;
use domain::Cursor;
use feed::Reset;

use super::{Flow, GOODBYE_MAX, Lane, SILENCE_MAX, Stage, TURNS};
use crate::{
    hub::{End, Fault, Key},
    metric::Metrics,
    presence::{Act, Room},
    transport::{
        frame::Transport,
        message, sse,
        websocket::{self, Heard},
    },
};

impl Lane {
    /// Keep-alives, the ends of sessions, and whoever has gone silent.
    pub(super) fn tick(&mut self) {
        let now = Instant::now();
        self.tick_at = now + self.tools.keep_alive / TURNS as u32;
        self.turn += 1;
        for index in 0..self.lines.len() {
            let Some(Some((key, line))) = self.lines.get(index) else {
                continue;
            };
            let (key, stage) = (*key, line.stage);
            let quiet = now.saturating_duration_since(line.alive);
            let waits = line.blocked || line.incoming.is_some();
            match stage {
                Stage::Parked => {}
                Stage::Shut if quiet > GOODBYE_MAX => self.close(key),
                Stage::Shut => {}
                Stage::Open | Stage::Ending if waits && quiet > SILENCE_MAX => self.give_up(key),
                Stage::Open if self.shard.overdue(key, self.now) => {
                    self.shard.end(key, End::Expired);
                }
                Stage::Open if index as u64 % TURNS == self.turn % TURNS => self.keep_alive(key),
                Stage::Open | Stage::Ending => {}
            }
        }
    }

    fn give_up(&mut self, key: Key) {
        if let Some(client) = self.shard.client(key) {
            let flow = self.tools.metrics.flow(client.transport);
            flow.drops.increment(1);
            Metrics::ended(client.transport, End::Silent.as_str());
        }
        self.close(key);
    }

    fn keep_alive(&mut self, key: Key) {
        let place = self.shard.place(key);
        let Some(client) = self.shard.client(key) else {
            return;
        };
        let words = match client.transport {
            Transport::Sse => sse::keep_alive(place),
            Transport::WebSocket => websocket::keep_alive(client.cursor()),
        };
        if let Some(line) = self.line(key)
            && !line.blocked
            && line.idle()
        {
            line.say(words);
            self.work.push(key);
        }
    }

    pub(super) fn told_reset(&mut self, key: Key, reset: Reset, cursor: Cursor) {
        let Some(transport) = self.shard.client(key).map(|client| client.transport) else {
            return;
        };
        Metrics::reset(transport, sse::reset_word(reset));
        let words = match transport {
            Transport::Sse => sse::reset(reset, cursor),
            Transport::WebSocket => websocket::reset(reset, cursor),
        };
        self.tell(key, words);
    }

    pub(super) fn farewell(&mut self, key: Key, end: End) {
        let Some(transport) = self.shard.client(key).map(|client| client.transport) else {
            return;
        };
        Metrics::ended(transport, end.as_str());
        if end == End::Behind {
            self.tools.metrics.flow(transport).drops.increment(1);
        }
        let words = match transport {
            Transport::Sse => sse::farewell(end),
            Transport::WebSocket => websocket::farewell(end),
        };
        if let Some(line) = self.line(key) {
            line.say(words);
            line.stage = Stage::Ending;
        }
    }

    /// Says something to one stream.
    pub(super) fn tell(&mut self, key: Key, words: Bytes) {
        if let Some(line) = self.line(key) {
            if line.say(words) {
                self.work.push(key);
            } else {
                self.shard.end(key, End::Rules(Fault::TooMany));
            }
        }
    }

    /// Tells somebody who is in a room, if they still may be there.
    pub(super) fn room(&mut self, key: Key, room: &Room, words: Bytes) {
        if !self.shard.may_enter(key, room, self.now) {
            let act = Act::Leave { room: *room };
            self.tools.presence.act(key, &self.inbox, act);
            return;
        }
        // A slow one is told of the next change instead.
        if self.line(key).is_some_and(|line| !line.blocked) {
            self.tell(key, words);
        }
    }

    /// Reads what a client sent. An event stream has nothing to say; that it is there is enough.
    pub(super) fn hear(&mut self, key: Key) {
        loop {
            let mut scratch = std::mem::take(&mut self.scratch);
            let read = self.line(key).map(|line| line.read(&mut scratch));
            let (count, flow) = read.unwrap_or((0, Flow::Blocked));
            if flow == Flow::Done {
                self.heard(key, &scratch[..count]);
            }
            self.scratch = scratch;
            match flow {
                Flow::Done => {}
                Flow::Blocked => return,
                Flow::Gone => return self.close(key),
            }
        }
    }

    fn heard(&mut self, key: Key, bytes: &[u8]) {
        let Some(line) = self.line(key) else {
            return;
        };
        line.alive = Instant::now();
        let (Some(mut incoming), Stage::Open) = (line.incoming.take(), line.stage) else {
            return;
        };
        incoming.push(bytes);
        loop {
            match incoming.next(Instant::now()) {
                Ok(Heard::Nothing) => break,
                Ok(Heard::Text(text)) => {
                    self.tools
                        .metrics
                        .flow(Transport::WebSocket)
                        .messages
                        .increment(1);
                    let answer = self.message(key, &text);
                    self.tell(key, answer);
                }
                Ok(Heard::Answer(words)) => self.tell(key, words),
                Ok(Heard::Close(words)) => {
                    self.shard.leave(key);
                    if let Some(line) = self.line(key) {
                        line.say(words);
                        line.stage = Stage::Ending;
                    }
                    self.work.push(key);
                    break;
                }
                Err(fault) => {
                    self.shard.end(key, End::Rules(fault));
                    break;
                }
            }
        }
        if let Some(line) = self.line(key) {
            line.incoming = Some(incoming);
        }
    }

    fn message(&mut self, key: Key, text: &[u8]) -> Bytes {
        let (answer, act) =
            message::answer(&mut self.shard, key, text, self.now, &self.tools.metrics);
        if let Some(act) = act {
            self.tools.presence.act(key, &self.inbox, act);
        }
        answer
    }
}
