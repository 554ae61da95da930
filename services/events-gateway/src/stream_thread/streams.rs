//! The streams of one thread, each in its shard and with its connection: how one is opened, notified, ended and closed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use api::Timestamp;
use bytes::Bytes;
use chrono::Utc;
use domain::Cursor;
use feed::{Limits, Reset};
use mio::{Interest, Registry, Token};
use tokio::runtime::Handle;

use super::{
    connection::{Connection, Stage},
    delivery_lag::DeliveryLag,
};
use crate::{
    archive::Archive,
    end::End,
    hub::{Shard, StreamKey},
    inbox::{Handover, Inbox, Placed},
    metric::Metrics,
    presence::{Act, Presence},
    slow_client,
    transport::{EventFrames, Transport, sse_frame, websocket_frame},
};

const SCRATCH: usize = 16 << 10;

/// What a stream thread is made with.
#[derive(Clone)]
pub(crate) struct Dependencies {
    pub ring: Limits,
    pub catch_up: u64,
    pub keep_alive: Duration,
    pub archive: Arc<Archive>,
    pub presence: Presence,
    pub metrics: Arc<Metrics>,
    pub runtime: Handle,
}

pub(super) struct Streams {
    pub shard: Shard<EventFrames>,
    pub inbox: Arc<Inbox>,
    pub dependencies: Dependencies,
    registry: Registry,
    connections: Vec<Option<(StreamKey, Connection)>>,
    /// Streams with something to do, and those with more to do after the others.
    pub work: Vec<StreamKey>,
    pub again: Vec<StreamKey>,
    pub delivery_lag: DeliveryLag,
    pub now: Timestamp,
    /// Kept for their memory.
    pub frames: Vec<(u64, Bytes)>,
    pub scratch: Box<[u8]>,
}

impl Streams {
    pub(super) fn new(registry: Registry, inbox: Arc<Inbox>, dependencies: Dependencies) -> Self {
        Self {
            shard: Shard::new(dependencies.ring, dependencies.catch_up),
            inbox,
            dependencies,
            registry,
            connections: Vec::new(),
            work: Vec::new(),
            again: Vec::new(),
            delivery_lag: DeliveryLag::default(),
            now: Utc::now().into(),
            frames: Vec::new(),
            scratch: vec![0; SCRATCH].into(),
        }
    }

    pub(super) fn connection(&mut self, key: StreamKey) -> Option<&mut Connection> {
        find(&mut self.connections, key)
    }

    /// Places for connections; each is free or taken.
    pub(super) fn slots(&self) -> usize {
        self.connections.len()
    }

    pub(super) fn slot(&self, index: usize) -> Option<(StreamKey, &Connection)> {
        let (key, connection) = self.connections.get(index)?.as_ref()?;
        Some((*key, connection))
    }

    /// Gives a connection its place. Its socket is not used yet.
    pub(super) fn open(&mut self, handover: Handover) {
        let Handover {
            admitted,
            transport,
            wants,
            start,
            socket,
            head,
            permit,
            placed,
        } = handover;
        let (key, began) = match self.shard.join(&admitted, wants, start) {
            Ok(begun) => begun,
            Err(refused) => {
                let _ = placed.send(Err(refused));
                return;
            }
        };
        self.dependencies.metrics.began(transport, began);
        let connection = Connection::new(socket, transport, head, permit, Instant::now());
        if self.connections.len() <= key.index() {
            self.connections.resize_with(key.index() + 1, || None);
        }
        self.connections[key.index()] = Some((key, connection));
        let inbox = self.inbox.clone();
        // Whoever waited has gone: dropping it makes the socket be used, and found closed.
        let _ = placed.send(Ok(Placed { inbox, key }));
    }

    /// The socket is this thread's from here on.
    pub(super) fn use_socket(&mut self, key: StreamKey) {
        let Some(connection) = find(&mut self.connections, key) else {
            return;
        };
        let token = Token(key.0 as usize);
        let interest = Interest::READABLE | Interest::WRITABLE;
        let socket = &mut connection.socket;
        let registered = self.registry.register(socket, token, interest);
        connection.stage = Stage::Open;
        if let Some(client) = self.shard.client(key) {
            let keep_alive = self.dependencies.keep_alive;
            let first = match connection.transport {
                Transport::Sse => sse_frame::ready(client.cursor()),
                Transport::WebSocket => websocket_frame::connected(
                    client.user,
                    client.session,
                    client.cursor(),
                    keep_alive,
                ),
            };
            connection.enqueue(first);
        }
        if let Err(error) = registered {
            tracing::error!(%error, "a stream cannot be waited for");
            self.close(key);
        }
    }

    /// Sends one stream a frame that is no event.
    pub(super) fn notify(&mut self, key: StreamKey, frame: Bytes) {
        let Some(connection) = self.connection(key) else {
            return;
        };
        match connection.enqueue(frame) {
            None => self.work.push(key),
            Some(end) => self.shard.end(key, end),
        }
    }

    /// Tells a stream that it could not go on and where it does.
    pub(super) fn notify_reset(&mut self, key: StreamKey, reset: Reset, cursor: Cursor) {
        let Some(connection) = self.connection(key) else {
            return;
        };
        let transport = connection.transport;
        Metrics::reset(transport, reset);
        let frame = match transport {
            Transport::Sse => sse_frame::reset(reset, cursor),
            Transport::WebSocket => websocket_frame::reset(reset, cursor),
        };
        self.notify(key, frame);
    }

    /// Ends a stream with a last frame that says why.
    pub(super) fn end(&mut self, key: StreamKey, end: End) {
        let Some(connection) = self.connection(key) else {
            return;
        };
        let frame = match connection.transport {
            Transport::Sse => sse_frame::end(end),
            Transport::WebSocket => websocket_frame::close(end),
        };
        connection.enqueue(frame);
        connection.stage = Stage::Ending;
        let transport = connection.transport;
        self.count_end(transport, end);
    }

    pub(super) fn count_end(&self, transport: Transport, end: End) {
        Metrics::ended(transport, end.as_str());
        if slow_client::is_drop(end) {
            self.dependencies.metrics.of(transport).drops.increment(1);
        }
    }

    /// Frees everything at once.
    pub(super) fn close(&mut self, key: StreamKey) {
        self.shard.leave(key);
        if self.connection(key).is_some()
            && let Some((_, mut connection)) = self.connections[key.index()].take()
        {
            if connection.transport == Transport::WebSocket {
                self.act(key, Act::Gone);
            }
            let _ = self.registry.deregister(&mut connection.socket);
        }
    }

    /// Does something to where a stream's person is.
    pub(super) fn act(&self, key: StreamKey, act: Act) {
        self.dependencies.presence.act(key, &self.inbox, act);
    }
}

fn find(
    connections: &mut [Option<(StreamKey, Connection)>],
    key: StreamKey,
) -> Option<&mut Connection> {
    match connections.get_mut(key.index()) {
        Some(Some((held, connection))) if *held == key => Some(connection),
        _ => None,
    }
}
