//! The gateway: everything that is decided about people and time, and the one log.
//! `routes.rs` is the index; `handlers/` speak HTTP, `app/` holds the rules, `db/` the queries.

pub mod admin;
mod app;
pub mod config;
mod crypto;
mod db;
#[doc(hidden)]
pub mod fuzz;
mod gateway_bus;
mod handlers;
mod http;
pub mod log;
mod lookalike;
mod migrate;
mod openapi;
mod outgoing;
mod rights_page;
pub mod routes;
mod state;

use std::{net::SocketAddr, sync::Arc};

use actix_web::{App as Actix, HttpServer, dev::ServerHandle, web};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;

use crate::{config::Options, state::App};

/// A running gateway.
pub struct Gateway {
    /// Where the API answers.
    pub addr: SocketAddr,
    /// Where `/livez`, `/readyz` and `/metrics` answer.
    pub internal_addr: SocketAddr,
    app: Arc<App>,
    parts: Vec<JoinHandle<()>>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Gateway {
    /// Waits until it has ended.
    ///
    /// # Errors
    /// When the HTTP server failed.
    pub async fn joined(self) -> anyhow::Result<()> {
        self.server.await??;
        for part in self.parts {
            part.await?;
        }
        Ok(())
    }

    /// The public keys other services need.
    pub fn keys(&self) -> bus::GatewayKeys {
        self.app.keys.public()
    }
}

/// Brings the database up to date and starts every part; they end with `stop`.
///
/// # Errors
/// When the configuration cannot be used, the database cannot be reached or the port is taken.
pub async fn start(options: Options, stop: CancellationToken) -> anyhow::Result<Gateway> {
    options.check()?;
    let app = Arc::new(App::connect(options).await?);
    app::oidc::end_logins_of_others(&app).await?;
    let internal_addr =
        service::internal::serve("api-gateway", app.options.internal_addr, stop.clone(), {
            let app = app.clone();
            move || {
                let app = app.clone();
                async move { app::health::checks(&app).await }
            }
        })?;
    let mut parts = vec![
        tokio::spawn(log::run(app.clone(), stop.clone())),
        tokio::spawn(app::due::run(app.clone(), stop.clone())),
        tokio::spawn(app::deliver::run(app.clone(), stop.clone())),
        tokio::spawn(app::rate::forget(app.clone(), stop.clone())),
        tokio::spawn(app::installation::watch(app.clone(), stop.clone())),
    ];
    parts.extend(gateway_bus::serve(&app, &stop));

    let data = web::Data::from(app.clone());
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(data.clone())
            .wrap(actix_web::middleware::from_fn(http::rate::limit))
            .wrap(actix_web::middleware::from_fn(http::problem::finish))
            .wrap(actix_web::middleware::from_fn(service::answer::finish))
            .wrap(TracingLogger::<service::RequestSpan>::new())
            .configure(routes::configure)
    })
    .workers(2)
    // A caller that leaves takes the handler with it, and what runs for them.
    .h1_allow_half_closed(false)
    .disable_signals()
    .shutdown_timeout(10)
    .bind(app.options.http_addr)?;
    let addr = server
        .addrs()
        .first()
        .copied()
        .unwrap_or(app.options.http_addr);
    let server = server.run();
    tokio::spawn(stop_with(server.handle(), stop));
    tracing::info!(%addr, "api-gateway is up");
    Ok(Gateway {
        addr,
        internal_addr,
        app,
        parts,
        server: tokio::spawn(server),
    })
}

async fn stop_with(server: ServerHandle, stop: CancellationToken) {
    stop.cancelled().await;
    server.stop(true).await;
}
