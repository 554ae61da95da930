//! Both gateways side by side, on a Postgres and a NATS of their own.

use std::{net::SocketAddr, time::Duration};

use api_gateway::config::Options;
use clap::Parser;
use events_gateway::{Config, Service};
use reqwest::Client;
use testkit::{Nats, Postgres, eventually, gateway::OFTEN};
use tokio_util::sync::{CancellationToken, DropGuard};

pub(crate) const SOON: Duration = Duration::from_secs(30);

pub(crate) struct Both {
    _stop: DropGuard,
    _service: Service,
    pub gateway: SocketAddr,
    pub streams: SocketAddr,
    pub database: String,
    pub http: Client,
    _nats: Nats,
}

impl Both {
    pub(crate) async fn start() -> Self {
        let nats = Nats::start();
        let database = Postgres::database().await;
        let stop = CancellationToken::new();
        let options = Options::parse_from(testkit::gateway::words(&nats, &database, &OFTEN));
        let gateway = api_gateway::start(options, stop.clone()).await.unwrap();
        let keys = gateway.keys().to_string();
        let config = Config::parse_from([
            "events-gateway",
            "--gateway-keys",
            &keys,
            "--nats-url",
            &nats.url(),
            "--nats-user=events-gateway",
            "--nats-password=events-gateway",
            "--http-addr=127.0.0.1:0",
        ]);
        let service = Service::start(config, stop.clone()).await.unwrap();
        let ready = format!("http://{}/readyz", service.address());
        eventually(SOON, || async {
            let answer = reqwest::get(&ready).await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        Self {
            gateway: gateway.addr,
            streams: service.address(),
            _stop: stop.drop_guard(),
            _service: service,
            database,
            http: Client::new(),
            _nats: nats,
        }
    }
}
