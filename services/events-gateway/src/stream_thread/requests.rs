//! What a WebSocket's client asks for, done to its stream in the shard.

use api::Timestamp;
use bytes::Bytes;
use domain::Cursor;

use crate::{
    hub::{Began, Kinds, NotSubscribed, PresenceRoom, Shard, Start, StreamKey, Topic},
    metric::Metrics,
    presence::Act,
    transport::{
        EventFrames, Transport,
        websocket_message::{self, Requests},
    },
};

struct StreamRequests<'a> {
    shard: &'a mut Shard<EventFrames>,
    key: StreamKey,
    now: Timestamp,
    metrics: &'a Metrics,
    act: Option<Act>,
}

/// What a message is answered, and what it does to where its sender is.
pub(crate) fn answer(
    shard: &mut Shard<EventFrames>,
    key: StreamKey,
    text: &[u8],
    now: Timestamp,
    metrics: &Metrics,
) -> (Bytes, Option<Act>) {
    let mut requests = StreamRequests {
        shard,
        key,
        now,
        metrics,
        act: None,
    };
    let answer = websocket_message::answer(text, &mut requests);
    (answer, requests.act)
}

impl Requests for StreamRequests<'_> {
    fn subscribe(
        &mut self,
        topic: Topic,
        kinds: Kinds,
        start: Start,
    ) -> Result<(Cursor, Began), NotSubscribed> {
        let (cursor, began) = self.shard.subscribe(self.key, topic, kinds, start)?;
        self.metrics.began(Transport::WebSocket, began);
        if let Began::Reset(reset) = began {
            Metrics::reset(Transport::WebSocket, reset);
        }
        Ok((cursor, began))
    }

    fn unsubscribe(&mut self, topic: Topic) {
        self.shard.unsubscribe(self.key, topic);
    }

    fn heartbeat(&mut self) -> Option<Cursor> {
        self.shard.advance_quiet(self.key);
        self.shard.client(self.key).map(|client| client.cursor())
    }

    fn enter(&mut self, room: PresenceRoom, page: Option<String>) -> bool {
        let user = self.shard.client(self.key).map(|client| client.user);
        let user = user.filter(|_| self.shard.may_enter(self.key, &room, self.now));
        self.act = user.map(|user| Act::Enter { room, user, page });
        user.is_some()
    }

    fn leave(&mut self, room: PresenceRoom) {
        self.act = Some(Act::Leave { room });
    }
}
