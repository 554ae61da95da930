//! The events-gateway on a real nats-server with the real allow-lists, beside a scripted gateway.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod access;
mod client;
mod gateway;
mod http;
mod lifecycle;
mod limits;
mod metrics;
mod model;
mod order;
mod presence;
mod resume;
mod socket;

use std::time::Duration;

use domain::{ClusterId, OrganizationId, SessionId, UserId};
use events_gateway::{Config, Service, Tuning};
use service::{BusOptions, OriginOptions, TelemetryOptions};
use testkit::{Nats, eventually};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) use client::Client;
pub(crate) use gateway::Gateway;

/// The host of its page.
pub(crate) const HOST: &str = "labyard.localhost:3000";
pub(crate) const SOON: Duration = Duration::from_secs(10);

pub(crate) fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn session(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn cluster(number: u128) -> ClusterId {
    ClusterId::from_uuid(Uuid::from_u128(number))
}

/// A bus, a scripted gateway and one events-gateway that can be replaced.
pub(crate) struct World {
    // First: it stops before what it talks to.
    service: Option<(Service, CancellationToken)>,
    pub(crate) gateway: Gateway,
    pub(crate) nats: Nats,
    change: fn(&mut Config),
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose events-gateway is configured a little differently.
    pub(crate) async fn with(change: fn(&mut Config)) -> Self {
        let nats = Nats::start();
        let gateway = Gateway::start(&nats).await;
        let mut world = Self {
            service: None,
            gateway,
            nats,
            change,
        };
        world.start().await;
        world
    }

    /// Starts the events-gateway and waits until it is ready.
    pub(crate) async fn start(&mut self) {
        let stop = CancellationToken::new();
        let service = Service::start(self.config(), stop.clone()).await.unwrap();
        self.service = Some((service, stop));
        eventually(SOON, || async {
            let answer = reqwest::get(self.url("/readyz")).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Starts another replica beside it; whoever cancels the token ends it.
    pub(crate) async fn another(&self) -> (Service, CancellationToken) {
        let stop = CancellationToken::new();
        let service = Service::start(self.config(), stop.clone()).await.unwrap();
        let ready = format!("http://{}/readyz", service.address());
        eventually(SOON, || async {
            let answer = reqwest::get(&ready).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        (service, stop)
    }

    /// Asks the events-gateway to end and waits for it.
    pub(crate) async fn stop(&mut self) {
        let (service, stop) = self.service.take().unwrap();
        stop.cancel();
        service.wait().await.unwrap();
    }

    /// Asks the events-gateway to end.
    pub(crate) fn ask_to_stop(&self) {
        self.service.as_ref().unwrap().1.cancel();
    }

    pub(crate) fn service(&self) -> &Service {
        &self.service.as_ref().unwrap().0
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.service().address())
    }

    /// Opens a stream with somebody's bearer token and waits until it stands.
    pub(crate) async fn connect(&self, token: &str) -> Client {
        Client::open(self.request(token)).await
    }

    /// The same, from a cursor on.
    pub(crate) async fn resume(&self, token: &str, cursor: &str) -> Client {
        Client::open(self.request(token).header("last-event-id", cursor)).await
    }

    pub(crate) fn request(&self, token: &str) -> reqwest::RequestBuilder {
        reqwest::Client::new()
            .get(self.url("/api/v1/events"))
            .bearer_auth(token)
    }

    /// The same for a program of its own: what its environment says.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let config = self.config();
        vec![
            ("LABYARD_HTTP_ADDR", config.http_addr.to_string()),
            ("LABYARD_INTERNAL_ADDR", config.internal_addr.to_string()),
            ("LABYARD_PUBLIC_URL", config.public_url.to_string()),
            ("LABYARD_GATEWAY_KEYS", config.gateway_keys.to_string()),
            ("NATS_URL", config.bus.nats_url),
            ("NATS_USER", "events-gateway".into()),
            ("NATS_PASSWORD", "events-gateway".into()),
        ]
    }

    fn config(&self) -> Config {
        let mut config = Config {
            http_addr: "127.0.0.1:0".parse().unwrap(),
            internal_addr: "127.0.0.1:0".parse().unwrap(),
            public_url: service::origin::PUBLIC_URL.parse().unwrap(),
            origins: OriginOptions::default(),
            gateway_keys: self.gateway.keys(),
            streams_per_user: 20,
            streams_max: 100,
            stream_threads: 2,
            bus: BusOptions {
                nats_url: self.nats.url(),
                nats_user: Some("events-gateway".into()),
                nats_password: Some("events-gateway".into()),
            },
            telemetry: TelemetryOptions {
                log: "info".into(),
                log_format: "text".into(),
                otlp_endpoint: None,
            },
            tuning: Tuning {
                keep_alive: Duration::from_millis(300),
                drain: Duration::from_millis(500),
                ..Tuning::default()
            },
        };
        (self.change)(&mut config);
        config
    }
}
