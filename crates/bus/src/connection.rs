//! One connection to NATS: it never gives up, and logs when it is lost.

use std::time::Duration;

use api::Secret;
use async_nats::{Client, ConnectOptions, Event, connection::State};
use domain::Backoff;

/// How to reach NATS and as whom.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The server's address, like `nats://127.0.0.1:4222`.
    pub url: String,
    /// The user to log in as; nobody if absent.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<Secret>,
    /// Shown in the server's list of connections.
    pub name: String,
}

/// The bus could not take a message or a subscription.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection can ever be made with it.
    #[error("the bus cannot be used with this configuration")]
    Configuration(#[source] async_nats::ConnectError),
    /// The connection is closed for good, or the message is too large for the server.
    #[error("the bus did not take a message")]
    Publish(#[source] async_nats::PublishError),
    /// The connection is closed for good.
    #[error("the bus did not take a subscription")]
    Subscribe(#[source] async_nats::SubscribeError),
    /// Its type cannot be written as JSON.
    #[error("a message could not be written as JSON")]
    Unwritable(#[from] serde_json::Error),
    /// The connection ended under it.
    #[error("the subscription ended")]
    Ended,
}

/// A handle to the one connection; cheap to clone.
#[derive(Clone)]
pub struct Bus {
    pub(crate) client: Client,
}

/// Messages a subscription holds before the bus drops newer ones (a hole that positions reveal).
const SUBSCRIPTION_CAPACITY: usize = 16_384;
const RECONNECT: Backoff = Backoff::new(Duration::from_millis(40), Duration::from_secs(2));
const PING_INTERVAL: Duration = Duration::from_secs(5);
/// A flush waits for a connection; no caller waits for it longer than this.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);

impl Bus {
    /// Returns at once; the connection is made, and made again, in the background for ever.
    ///
    /// # Errors
    /// Only when the configuration itself cannot work.
    pub async fn connect(config: Config) -> Result<Self, Error> {
        let mut options = ConnectOptions::new()
            .name(&config.name)
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(reconnect_delay)
            .ping_interval(PING_INTERVAL)
            .subscription_capacity(SUBSCRIPTION_CAPACITY)
            .event_callback(|event| async move { report(&event) });
        if let Some(user) = config.user {
            options = options
                .custom_inbox_prefix(format!("_INBOX_{user}"))
                .user_and_password(
                    user,
                    config.password.unwrap_or_default().expose().to_owned(),
                );
        }
        let client = options
            .connect(&config.url)
            .await
            .map_err(Error::Configuration)?;
        Ok(Self { client })
    }

    /// Whether there is a connection at this moment.
    pub fn connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Waits until what was published has left this process, or the bus has been away for a while.
    pub async fn flush(&self) {
        match tokio::time::timeout(FLUSH_TIMEOUT, self.client.flush()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "flush failed"),
            Err(_) => tracing::debug!("flush gave up: the bus is away"),
        }
    }

    pub(crate) async fn subscribe(&self, subject: String) -> Result<async_nats::Subscriber, Error> {
        self.client
            .subscribe(subject)
            .await
            .map_err(Error::Subscribe)
    }
}

fn reconnect_delay(attempts: usize) -> Duration {
    let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
    RECONNECT.wait(attempts, rand::random())
}

fn report(event: &Event) {
    match event {
        Event::Connected => tracing::info!("bus connected"),
        Event::Disconnected => tracing::warn!("bus disconnected, reconnecting"),
        Event::ServerError(async_nats::ServerError::AuthorizationViolation) => {
            tracing::error!("bus refused the login");
        }
        Event::ServerError(error) => tracing::error!(%error, "bus violation"),
        Event::SlowConsumer(id) => {
            tracing::warn!(id, "bus dropped messages of a slow subscription")
        }
        other => tracing::debug!(%other, "bus event"),
    }
}
