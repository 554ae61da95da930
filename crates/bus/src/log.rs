//! The log's messages: events with their position, and the head every second. Messages may be
//! lost, doubled or reordered; whoever needs all of them compares positions.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use api::bus::{LogHead, Logged, Published};
use async_nats::{HeaderMap, Message, Subscriber};
use domain::Incarnation;
use futures_util::Stream;
use tracing::Span;

use crate::{
    connection::{Bus, Error},
    subject, trace,
};

const POSITION: &str = "position";
const INCARNATION: &str = "incarnation";

/// One message of the log.
#[derive(Debug, Clone)]
pub enum LogMessage {
    /// An event with its place.
    Event(Box<Logged>, Incarnation),
    /// Where the log ends.
    Head(LogHead),
    /// Not understood: its place shows as a hole.
    Unreadable,
}

/// Every event and head from now on.
pub struct Events {
    events: Subscriber,
    heads: Subscriber,
}

impl Bus {
    /// Publishes an event that the log already holds, within the trace it was written in.
    ///
    /// # Errors
    /// When the message could not be handed to the connection.
    pub async fn publish_event(
        &self,
        position: u64,
        incarnation: Incarnation,
        published: &Published,
        traceparent: Option<&str>,
    ) -> Result<(), Error> {
        let span = match traceparent {
            Some(_) => tracing::info_span!("publish", position),
            None => Span::none(),
        };
        trace::follow(&span, traceparent);
        let mut headers = trace::headers_of(&span);
        headers.insert(POSITION, position.to_string());
        headers.insert(INCARNATION, incarnation.to_string());
        let payload = serde_json::to_vec(published)?;
        self.client
            .publish_with_headers(subject::event(published), headers, payload.into())
            .await
            .map_err(Error::Publish)
    }

    /// Publishes where the log ends.
    ///
    /// # Errors
    /// When the message could not be handed to the connection.
    pub async fn publish_head(&self, head: LogHead) -> Result<(), Error> {
        let payload = serde_json::to_vec(&head)?;
        self.client
            .publish(subject::LOG_HEAD, payload.into())
            .await
            .map_err(Error::Publish)
    }

    /// Subscribes to the log; returns once the server has the subscription, if it is connected.
    ///
    /// # Errors
    /// When the subscription could not be handed to the connection.
    pub async fn events(&self) -> Result<Events, Error> {
        let events = self.subscribe(subject::EVENTS.to_owned()).await?;
        let heads = self.subscribe(subject::LOG_HEAD.to_owned()).await?;
        if self.connected() {
            self.flush().await;
        }
        Ok(Events { events, heads })
    }
}

impl Stream for Events {
    type Item = LogMessage;

    /// Events before heads: a head that overtook its events would seem a hole.
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<LogMessage>> {
        if let Poll::Ready(message) = Pin::new(&mut self.events).poll_next(context) {
            return Poll::Ready(message.map(|message| read_event(&message)));
        }
        Pin::new(&mut self.heads)
            .poll_next(context)
            .map(|message| message.map(|message| read_head(&message)))
    }
}

fn read_event(message: &Message) -> LogMessage {
    let place = message.headers.as_ref().and_then(read_place);
    match (place, serde_json::from_slice::<Published>(&message.payload)) {
        (Some((position, incarnation)), Ok(Published { audience, event })) => LogMessage::Event(
            Box::new(Logged {
                position,
                audience,
                event,
                trace: trace::sender(message.headers.as_ref()).map(str::to_owned),
            }),
            incarnation,
        ),
        (_, result) => {
            tracing::warn!(subject = %message.subject, error = ?result.err(), "an event cannot be read");
            LogMessage::Unreadable
        }
    }
}

fn read_place(headers: &HeaderMap) -> Option<(u64, Incarnation)> {
    let position = headers.get(POSITION)?.as_str().parse().ok()?;
    let incarnation = headers.get(INCARNATION)?.as_str().parse().ok()?;
    Some((position, incarnation))
}

fn read_head(message: &Message) -> LogMessage {
    serde_json::from_slice(&message.payload).map_or(LogMessage::Unreadable, LogMessage::Head)
}
