//! Doorbells: "look for work". They carry nothing and may be lost; workers also poll.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use async_nats::Subscriber;
use bytes::Bytes;
use domain::HostId;
use futures_util::Stream;

use crate::{
    connection::{Bus, Error},
    subject,
};

/// Rings for a driver's workers or for this host alone.
pub struct Doorbells {
    driver: Subscriber,
    host: Subscriber,
}

impl Bus {
    /// Rings for every worker of a driver. A ring that is lost costs a poll interval, no more.
    pub async fn ring(&self, driver: &str) {
        self.ring_at(subject::work(driver)).await;
    }

    /// Rings for one host's worker.
    pub async fn ring_host(&self, host: &HostId) {
        self.ring_at(subject::host_work(host)).await;
    }

    async fn ring_at(&self, subject: String) {
        if !self.connected() {
            tracing::debug!("a doorbell was not rung: the bus is away");
            return;
        }
        if let Err(error) = self.client.publish(subject, Bytes::new()).await {
            tracing::debug!(%error, "a doorbell was not rung");
        }
    }

    /// Subscribes to the rings for a driver's workers and for this host.
    ///
    /// # Errors
    /// When the subscription could not be handed to the connection.
    pub async fn doorbells(&self, driver: &str, host: &HostId) -> Result<Doorbells, Error> {
        let driver = self.subscribe(subject::work(driver)).await?;
        let host = self.subscribe(subject::host_work(host)).await?;
        Ok(Doorbells { driver, host })
    }
}

impl Stream for Doorbells {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<()>> {
        if let Poll::Ready(message) = Pin::new(&mut self.driver).poll_next(context) {
            return Poll::Ready(message.map(drop));
        }
        Pin::new(&mut self.host)
            .poll_next(context)
            .map(|message| message.map(drop))
    }
}
