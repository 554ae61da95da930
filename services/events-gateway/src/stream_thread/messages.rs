//! What clients send. An event stream's sends nothing: that it is there is enough. A WebSocket's messages are answered.

use std::time::Instant;

use super::{
    connection::{Outcome, Stage},
    requests,
    streams::Streams,
};
use crate::{
    end::End,
    hub::StreamKey,
    transport::{Transport, websocket_incoming::Received},
};

impl Streams {
    pub(super) fn on_ready(&mut self, key: StreamKey, readable: bool, writable: bool) {
        if readable {
            self.read(key);
        }
        if writable && let Some(connection) = self.connection(key) {
            if connection.blocked {
                connection.blocked = false;
                connection.alive = Instant::now();
            }
            self.work.push(key);
        }
    }

    fn read(&mut self, key: StreamKey) {
        loop {
            let mut scratch = std::mem::take(&mut self.scratch);
            let read = self.connection(key).map(|it| it.read(&mut scratch));
            let (count, outcome) = read.unwrap_or((0, Outcome::Blocked));
            if outcome == Outcome::Done {
                self.on_bytes(key, &scratch[..count]);
            }
            self.scratch = scratch;
            match outcome {
                Outcome::Done => {}
                Outcome::Blocked => return,
                Outcome::Gone => return self.close(key),
            }
        }
    }

    fn on_bytes(&mut self, key: StreamKey, bytes: &[u8]) {
        let Some(connection) = self.connection(key) else {
            return;
        };
        connection.alive = Instant::now();
        let (Some(mut incoming), Stage::Open) = (connection.incoming.take(), connection.stage)
        else {
            return;
        };
        incoming.push(bytes);
        loop {
            match incoming.next(Instant::now()) {
                Ok(Received::Nothing) => break,
                Ok(Received::Message(text)) => self.on_message(key, &text),
                Ok(Received::Ping(reply)) => self.notify(key, reply),
                Ok(Received::Close(reply)) => {
                    self.shard.leave(key);
                    if let Some(connection) = self.connection(key) {
                        connection.enqueue(reply);
                        connection.stage = Stage::Ending;
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
        if let Some(connection) = self.connection(key) {
            connection.incoming = Some(incoming);
        }
    }

    fn on_message(&mut self, key: StreamKey, text: &[u8]) {
        let metrics = &self.dependencies.metrics;
        metrics.of(Transport::WebSocket).messages.increment(1);
        let (answer, act) = requests::answer(&mut self.shard, key, text, self.now, metrics);
        if let Some(act) = act {
            self.act(key, act);
        }
        self.notify(key, answer);
    }
}
