//! Writes to each stream whatever there is for it: what waits in its connection first, then events from its place on.

use std::{net::Shutdown, sync::Arc, time::Instant};

use bytes::Bytes;
use domain::Cursor;

use super::{
    connection::{Outcome, Stage},
    streams::Streams,
};
use crate::{
    archive::Missing,
    end::End,
    hub::{Next, StreamKey},
    inbox::Command,
    transport::FramedPage,
};

/// How often one stream writes before the others get a turn.
const WRITES_PER_TURN: usize = 8;

impl Streams {
    /// Serves every stream that has something to do.
    pub(super) fn serve(&mut self) {
        let mut work = std::mem::take(&mut self.work);
        for key in work.drain(..) {
            self.pump(key);
        }
        std::mem::swap(&mut work, &mut self.again);
        self.work = work;
        self.inbox.set_topics(self.shard.topics());
    }

    /// Writes to one stream whatever there is for it.
    pub(super) fn pump(&mut self, key: StreamKey) {
        for _ in 0..WRITES_PER_TURN {
            let ended = self.shard.ended(key);
            let Some(connection) = self.connection(key) else {
                return;
            };
            if connection.blocked || matches!(connection.stage, Stage::Parked | Stage::Shut) {
                return;
            }
            match connection.flush() {
                Outcome::Done => {}
                Outcome::Blocked => return,
                Outcome::Gone => return self.close(key),
            }
            if connection.stage == Stage::Ending {
                connection.stage = Stage::Shut;
                connection.alive = Instant::now();
                let _ = connection.socket.shutdown(Shutdown::Write);
                self.shard.leave(key);
                return;
            }
            if connection.fetching && !ended {
                return;
            }
            if !self.step(key) {
                return;
            }
        }
        self.again.push(key);
    }

    /// One look at the log and one write; false when there is nothing more for now.
    fn step(&mut self, key: StreamKey) -> bool {
        let Some(connection) = self.connection(key) else {
            return false;
        };
        let transport = connection.transport;
        let mut frames = std::mem::take(&mut self.frames);
        frames.clear();
        let next = self.shard.next(key, self.now, |entry| {
            let frame = entry.body.of(transport);
            frames.push((entry.position, frame.clone()));
            frame.len()
        });
        let more = match next {
            Next::Write { upto, level } => self.write(key, &frames, upto, level),
            Next::Level => false,
            Next::Again => true,
            Next::Older(cursor) => {
                self.fetch(key, cursor);
                false
            }
            Next::Reset(reset, cursor) => {
                self.notify_reset(key, reset, cursor);
                true
            }
            Next::End(end) => {
                self.end(key, end);
                true
            }
        };
        frames.clear();
        self.frames = frames;
        more
    }

    fn write(&mut self, key: StreamKey, frames: &[(u64, Bytes)], upto: u64, level: bool) -> bool {
        let Some(connection) = self.connection(key) else {
            return false;
        };
        let transport = connection.transport;
        let (started, outcome) = connection.write(frames);
        let all = started == frames.len();
        if all {
            self.shard.wrote(key, upto, level);
        } else if let Some((position, _)) = started.checked_sub(1).and_then(|i| frames.get(i)) {
            self.shard.wrote(key, *position, false);
        }
        let mut bytes = 0;
        for (position, frame) in &frames[..started] {
            bytes += frame.len();
            self.delivery_lag.wrote(transport, *position);
        }
        let metrics = self.dependencies.metrics.of(transport);
        metrics.frames.increment(started as u64);
        metrics.writes.increment(1);
        metrics.bytes.increment(bytes as u64);
        match outcome {
            Outcome::Done => !(all && level),
            Outcome::Blocked => false,
            Outcome::Gone => {
                self.close(key);
                false
            }
        }
    }

    fn fetch(&mut self, key: StreamKey, cursor: Cursor) {
        let archive = self.dependencies.archive.clone();
        let inbox = self.inbox.clone();
        if let Some(connection) = self.connection(key) {
            connection.fetching = true;
            self.dependencies.runtime.spawn(async move {
                let page = archive.page(cursor).await;
                inbox.push(Command::Page(key, page));
            });
        }
    }

    /// What was fetched for a stream is here.
    pub(super) fn on_page(&mut self, key: StreamKey, page: Result<Arc<FramedPage>, Missing>) {
        let Some(connection) = self.connection(key) else {
            return;
        };
        connection.fetching = false;
        match page {
            Ok(page) => self.shard.turn_page(key, page),
            Err(Missing::Reset(reset)) => self.shard.reset(key, reset),
            Err(Missing::Call(error)) => {
                // Nothing is lost: the client comes back to where it is.
                tracing::warn!(%error, "a stream cannot be caught up now");
                self.shard.end(key, End::Admission);
            }
        }
        self.work.push(key);
    }
}
