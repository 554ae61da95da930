//! Byte streams. Every chunk has an absolute offset; the receiver publishes `have <offset>`, the sender
//! is at most [`WINDOW`] ahead. That one number is flow control and gap repair.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::bus::{Control, Fault};
use async_nats::{Client, HeaderMap, Subscriber};
use bytes::Bytes;
use domain::HostId;
use futures_util::StreamExt;
use tokio::{sync::Notify, task::AbortHandle, time::Instant};

use crate::{
    connection::{Bus, Error},
    subject,
};

/// How far the sender may be ahead of what the receiver has, in bytes.
pub const WINDOW: u64 = 128 << 10;
/// The receiver publishes `have` each time it got this much.
const HAVE_EVERY: u64 = 32 << 10;
/// And this often while it waits: an unchanged `have` asks for what was lost.
const HAVE_INTERVAL: Duration = Duration::from_millis(500);
/// A side that receives nothing for so long considers the other gone.
const SILENCE: Duration = Duration::from_secs(15);
/// How long the sender waits for the receiver to have everything.
const LINGER: Duration = Duration::from_secs(10);
/// A larger chunk is cut, so that one message never fills the window.
const CHUNK_MAX: usize = 32 << 10;

const OFFSET: &str = "offset";
const CHANNEL: &str = "channel";
const CONTROL: &str = "control";

/// Which way the bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards the cluster.
    Up,
    /// From the cluster.
    Down,
}

impl Direction {
    const fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
    const fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// The receiver wants no more or is gone.
#[derive(Debug, thiserror::Error)]
#[error("the stream's receiver is gone")]
pub struct Closed;

/// What a receiver gets.
#[derive(Debug)]
pub enum Received {
    /// The next bytes.
    Chunk {
        /// The one that the sender named.
        channel: u8,
        /// At least one.
        bytes: Bytes,
    },
    /// It ended by itself and everything has arrived.
    Exit {
        /// The exit code of what ran.
        code: i32,
        /// Whether some of its output was left out.
        truncated: bool,
    },
    /// The sender gave up, with its reason if it had one.
    Closed(Option<Fault>),
    /// Nothing was received for 15 s: the sender is gone, or its host.
    Silent,
}

impl Bus {
    /// The sending end of a stream.
    ///
    /// # Errors
    /// When the subscription could not be handed to the connection.
    pub async fn send_stream(
        &self,
        host: &HostId,
        id: &str,
        direction: Direction,
    ) -> Result<StreamSender, Error> {
        let controls = self
            .subscribe(subject::stream(host, id, direction.opposite().word()))
            .await?;
        let shared = Arc::new(Shared::default());
        let link = Link {
            client: self.client.clone(),
            subject: subject::stream(host, id, direction.word()),
        };
        let listener = tokio::spawn(listen(controls, shared.clone(), link.clone())).abort_handle();
        Ok(StreamSender {
            link,
            shared,
            listener,
        })
    }

    /// The receiving end; make it before asking the other side to send.
    ///
    /// # Errors
    /// When the subscription could not be handed to the connection.
    pub async fn receive_stream(
        &self,
        host: &HostId,
        id: &str,
        direction: Direction,
    ) -> Result<StreamReceiver, Error> {
        let messages = self
            .subscribe(subject::stream(host, id, direction.word()))
            .await?;
        self.flush().await;
        let link = Link {
            client: self.client.clone(),
            subject: subject::stream(host, id, direction.opposite().word()),
        };
        Ok(StreamReceiver {
            messages,
            link,
            arrived: Arrived::default(),
            last_message_at: Instant::now(),
        })
    }
}

/// Where one side publishes.
#[derive(Clone)]
struct Link {
    client: Client,
    subject: String,
}

impl Link {
    async fn chunk(&self, offset: u64, channel: u8, bytes: Bytes) {
        let mut headers = HeaderMap::new();
        headers.insert(OFFSET, offset.to_string());
        headers.insert(CHANNEL, channel.to_string());
        self.publish(headers, bytes).await;
    }

    async fn control(&self, control: &Control) {
        let mut headers = HeaderMap::new();
        headers.insert(CONTROL, "1");
        match serde_json::to_vec(control) {
            Ok(payload) => self.publish(headers, payload.into()).await,
            Err(error) => tracing::error!(%error, "a control message could not be written"),
        }
    }

    /// A message that is lost is asked for again.
    async fn publish(&self, headers: HeaderMap, payload: Bytes) {
        if let Err(error) = self
            .client
            .publish_with_headers(self.subject.clone(), headers, payload)
            .await
        {
            tracing::debug!(%error, "a stream's message was not sent");
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<Sent>,
    changed: Notify,
}

/// The sender's books: what it sent and what the other side has.
#[derive(Default)]
struct Sent {
    sent: u64,
    have: u64,
    unacknowledged: VecDeque<(u64, u8, Bytes)>,
    exit: Option<Control>,
    closed: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, Sent> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.state().closed = true;
        self.changed.notify_waiters();
    }

    /// Takes a `have`; gives what is to be sent again.
    fn acknowledge(&self, offset: u64) -> (Vec<(u64, u8, Bytes)>, Option<Control>) {
        let mut state = self.state();
        if offset > state.sent {
            return (Vec::new(), None);
        }
        let waits = offset == state.have;
        state.have = state.have.max(offset);
        let have = state.have;
        state
            .unacknowledged
            .retain(|(start, _, bytes)| start + bytes.len() as u64 > have);
        let again = if waits {
            state.unacknowledged.iter().cloned().collect()
        } else {
            Vec::new()
        };
        let exit = state.exit.clone();
        drop(state);
        self.changed.notify_waiters();
        (again, exit)
    }

    /// Waits until `enough`, or the receiver is gone.
    async fn until(&self, enough: impl Fn(&Sent) -> bool) -> Result<(), Closed> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let state = self.state();
                if state.closed {
                    return Err(Closed);
                }
                if enough(&state) {
                    return Ok(());
                }
            }
            changed.await;
        }
    }
}

/// Follows the receiver's controls until it closes or falls silent.
async fn listen(mut controls: Subscriber, shared: Arc<Shared>, link: Link) {
    while let Ok(Some(message)) = tokio::time::timeout(SILENCE, controls.next()).await {
        match read_control(message.headers.as_ref(), &message.payload) {
            Some(Control::Have { offset }) => {
                let (again, exit) = shared.acknowledge(offset);
                let idle = again.is_empty() && exit.is_none();
                for (offset, channel, bytes) in again {
                    link.chunk(offset, channel, bytes).await;
                }
                if let Some(exit) = exit {
                    link.control(&exit).await;
                }
                if idle {
                    let sent = shared.state().sent;
                    link.chunk(sent, 0, Bytes::new()).await;
                }
            }
            Some(Control::Close { .. }) => break,
            _ => {}
        }
    }
    shared.close();
}

/// The sending end.
pub struct StreamSender {
    link: Link,
    shared: Arc<Shared>,
    listener: AbortHandle,
}

impl StreamSender {
    /// Sends bytes on a channel; waits while the receiver is too far behind.
    ///
    /// # Errors
    /// [`Closed`] when nobody receives any more.
    pub async fn send(&mut self, channel: u8, mut bytes: Bytes) -> Result<(), Closed> {
        while !bytes.is_empty() {
            let chunk = bytes.split_to(bytes.len().min(CHUNK_MAX));
            let length = chunk.len() as u64;
            self.shared
                .until(|state| state.sent + length <= state.have + WINDOW)
                .await?;
            let offset = {
                let mut state = self.shared.state();
                let offset = state.sent;
                state.sent += length;
                state
                    .unacknowledged
                    .push_back((offset, channel, chunk.clone()));
                offset
            };
            self.link.chunk(offset, channel, chunk).await;
        }
        Ok(())
    }

    /// Publishes the end and waits until the receiver has everything.
    ///
    /// # Errors
    /// [`Closed`] when the receiver left before it had everything.
    pub async fn exit(self, code: i32, truncated: bool) -> Result<(), Closed> {
        let exit = {
            let mut state = self.shared.state();
            let exit = Control::Exit {
                offset: state.sent,
                code,
                truncated,
            };
            state.exit = Some(exit.clone());
            exit
        };
        self.link.control(&exit).await;
        // Waits for Close or LINGER: whether the receiver had everything by then, `have` says.
        let _ = tokio::time::timeout(LINGER, self.closed()).await;
        let state = self.shared.state();
        if state.have == state.sent {
            Ok(())
        } else {
            Err(Closed)
        }
    }

    /// Gives up, with the reason.
    pub async fn close(self, reason: Option<Fault>) {
        self.link.control(&Control::Close { reason }).await;
    }

    /// Resolves when the receiver wants no more or is gone.
    pub async fn closed(&self) {
        let _ = self.shared.until(|_| false).await;
    }

    /// A watch on the receiver that can be awaited while sending.
    pub fn watch(&self) -> impl Future<Output = ()> + Send + 'static {
        let shared = self.shared.clone();
        async move {
            let _ = shared.until(|_| false).await;
        }
    }
}

impl Drop for StreamSender {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// The receiver's books: what arrived in order, and what of it was acknowledged.
#[derive(Default)]
struct Arrived {
    have: u64,
    acknowledged: u64,
    exit: Option<(u64, i32, bool)>,
}

impl Arrived {
    /// The end, once everything before it is there.
    fn ended(&self) -> Option<Received> {
        let (offset, code, truncated) = self.exit?;
        (self.have >= offset).then_some(Received::Exit { code, truncated })
    }

    /// What a message brings, if it is the next thing.
    fn on_message(&mut self, headers: Option<&HeaderMap>, payload: Bytes) -> Option<Received> {
        match read_control(headers, &payload) {
            Some(Control::Exit {
                offset,
                code,
                truncated,
            }) => {
                self.exit = Some((offset, code, truncated));
                return None;
            }
            Some(Control::Close { reason }) => return Some(Received::Closed(reason)),
            Some(_) => return None,
            None => {}
        }
        let (offset, channel) = read_place(headers)?;
        if offset != self.have || payload.is_empty() {
            return None;
        }
        self.have += payload.len() as u64;
        Some(Received::Chunk {
            channel,
            bytes: payload,
        })
    }

    fn owes(&self) -> bool {
        self.have - self.acknowledged >= HAVE_EVERY
    }
}

/// The receiving end.
pub struct StreamReceiver {
    messages: Subscriber,
    link: Link,
    arrived: Arrived,
    last_message_at: Instant,
}

impl StreamReceiver {
    /// The next thing, in order and once.
    pub async fn next(&mut self) -> Received {
        loop {
            if let Some(exit) = self.arrived.ended() {
                self.publish_have().await;
                self.link.control(&Control::Close { reason: None }).await;
                return exit;
            }
            let message = match tokio::time::timeout(HAVE_INTERVAL, self.messages.next()).await {
                Ok(Some(message)) => message,
                Ok(None) => return Received::Silent,
                Err(_) if self.last_message_at.elapsed() > SILENCE => return Received::Silent,
                Err(_) => {
                    self.publish_have().await;
                    continue;
                }
            };
            self.last_message_at = Instant::now();
            let headers = message.headers.as_ref();
            let received = self.arrived.on_message(headers, message.payload);
            if self.arrived.owes() {
                self.publish_have().await;
            }
            if let Some(received) = received {
                return received;
            }
        }
    }

    /// Wants no more.
    pub async fn close(self, reason: Option<Fault>) {
        self.link.control(&Control::Close { reason }).await;
    }

    async fn publish_have(&mut self) {
        self.arrived.acknowledged = self.arrived.have;
        let offset = self.arrived.have;
        self.link.control(&Control::Have { offset }).await;
    }
}

fn read_control(headers: Option<&HeaderMap>, payload: &[u8]) -> Option<Control> {
    headers?.get(CONTROL)?;
    serde_json::from_slice(payload).ok()
}

fn read_place(headers: Option<&HeaderMap>) -> Option<(u64, u8)> {
    let headers = headers?;
    Some((
        headers.get(OFFSET)?.as_str().parse().ok()?,
        headers.get(CHANNEL)?.as_str().parse().ok()?,
    ))
}

pub(crate) mod fuzz;

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(offset: u64, length: usize) -> (u64, u8, Bytes) {
        (offset, 1, Bytes::from(vec![0; length]))
    }

    #[test]
    fn an_unchanged_have_asks_for_what_was_lost() {
        let shared = Shared::default();
        {
            let mut state = shared.state();
            state.sent = 30;
            state.unacknowledged = [chunk(0, 10), chunk(10, 10), chunk(20, 10)].into();
        }
        assert!(
            shared.acknowledge(10).0.is_empty(),
            "the first time it is only an acknowledgement"
        );
        let again: Vec<u64> = shared
            .acknowledge(10)
            .0
            .iter()
            .map(|(offset, ..)| *offset)
            .collect();
        assert_eq!(again, [10, 20]);
        assert!(shared.acknowledge(30).0.is_empty());
        assert!(shared.state().unacknowledged.is_empty());
        assert!(
            shared.acknowledge(31).0.is_empty(),
            "a receiver cannot have what was not sent"
        );
        assert_eq!(shared.state().have, 30);
    }

    #[test]
    fn the_limits_leave_room_for_each_other() {
        const { assert!(CHUNK_MAX as u64 <= HAVE_EVERY && HAVE_EVERY * 2 <= WINDOW) };
        assert!(HAVE_INTERVAL * 4 < LINGER && LINGER < SILENCE);
    }
}
