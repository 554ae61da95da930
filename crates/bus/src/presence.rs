//! Who is here, as the events-gateways publish it to each other. May be lost: it is repeated.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use api::bus::PresenceUpdate;
use async_nats::Subscriber;
use futures_util::Stream;

use crate::{
    connection::{Bus, Error},
    subject,
};

/// Every update of every replica, from now on.
pub struct PresenceUpdates(Subscriber);

impl Bus {
    /// Publishes who is in one room of this replica.
    ///
    /// # Errors
    /// When the message could not be handed to the connection.
    pub async fn publish_presence(&self, update: &PresenceUpdate) -> Result<(), Error> {
        let payload = serde_json::to_vec(update)?;
        let subject = subject::presence(update.organization_id);
        let published = self.client.publish(subject, payload.into()).await;
        published.map_err(Error::Publish)
    }

    /// Subscribes to what the replicas publish.
    ///
    /// # Errors
    /// When the subscription could not be handed to the connection.
    pub async fn presence(&self) -> Result<PresenceUpdates, Error> {
        let updates = self.subscribe(subject::PRESENCE.to_owned()).await?;
        Ok(PresenceUpdates(updates))
    }
}

impl Stream for PresenceUpdates {
    type Item = PresenceUpdate;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<PresenceUpdate>> {
        loop {
            let Some(message) = ready!(Pin::new(&mut self.0).poll_next(context)) else {
                return Poll::Ready(None);
            };
            match serde_json::from_slice(&message.payload) {
                Ok(update) => return Poll::Ready(Some(update)),
                Err(error) => tracing::warn!(%error, "a presence update cannot be read"),
            }
        }
    }
}
