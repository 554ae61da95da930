//! Measures delivery lag per transport for one batch: of each event that was written to somebody, until everybody who keeps
//! up has it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tracing::Span;

use crate::transport::Transport;

struct Delivery {
    position: u64,
    happened_at: DateTime<Utc>,
    /// Ends when everybody who keeps up has been written to.
    _span: Span,
    /// By transport.
    written: [bool; 2],
}

#[derive(Default)]
pub(super) struct DeliveryLag(Vec<Delivery>);

impl DeliveryLag {
    pub(super) fn begin(&mut self, position: u64, happened_at: DateTime<Utc>, span: Span) {
        self.0.push(Delivery {
            position,
            happened_at,
            _span: span,
            written: [false; 2],
        });
    }

    /// The event at this position went out to somebody; one of an earlier batch is no news.
    pub(super) fn wrote(&mut self, transport: Transport, position: u64) {
        let Some(first) = self.0.first() else {
            return;
        };
        let index = position.checked_sub(first.position);
        let index = index.and_then(|index| usize::try_from(index).ok());
        if let Some(delivery) = index.and_then(|index| self.0.get_mut(index))
            // A restart in between leaves a hole.
            && delivery.position == position
        {
            delivery.written[transport as usize] = true;
        }
    }

    /// Everybody who keeps up has these now: publishes how late each was, for each transport that it was written by.
    pub(super) fn end(&mut self, now: DateTime<Utc>, mut publish: impl FnMut(Transport, Duration)) {
        for delivery in self.0.drain(..) {
            let lag = (now - delivery.happened_at).to_std();
            for transport in Transport::ALL {
                if delivery.written[transport as usize] {
                    publish(transport, lag.unwrap_or_default());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_to_somebody_was_delivered_and_by_that_transport() {
        let now = Utc::now();
        let mut lag = DeliveryLag::default();
        // What a client that catches up reads is no news.
        lag.wrote(Transport::Sse, 5);
        for position in [5, 6, 7, 8] {
            // Each as old, in seconds, as its position says.
            let happened_at = now - Duration::from_secs(position);
            lag.begin(position, happened_at, Span::none());
        }
        for (transport, position) in [
            (Transport::Sse, 4),
            (Transport::Sse, 6),
            (Transport::Sse, 6),
            (Transport::WebSocket, 8),
            (Transport::Sse, 9),
        ] {
            lag.wrote(transport, position);
        }
        let mut published = vec![];
        lag.end(now, |transport, lag| {
            published.push((transport, lag.as_secs()))
        });
        assert_eq!(published, [(Transport::Sse, 6), (Transport::WebSocket, 8)]);
        lag.end(now, |_, _| panic!("once"));
    }
}
