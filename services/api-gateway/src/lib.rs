//! The gateway: everything that is decided about people and time, and the one log.
//! An area a folder, a noun in it, and in that `http` (requests), `mod` (the rules) and `sql`; `kernel` is what every noun
//! stands on. `routes`, `timed` and `objects` put together what the nouns hand out.

pub mod admin;
mod clusters;
pub mod config;
mod crypto;
#[doc(hidden)]
pub mod fuzz;
mod gateway_bus;
mod hosts;
mod kernel;
mod lookalike;
mod meta;
mod notify;
mod objects;
mod openapi;
mod openid;
mod outgoing;
mod people;
mod reach;
mod rights_page;
pub mod routes;
mod tenancy;
mod timed;

use std::{net::SocketAddr, sync::Arc};

use actix_web::{App as Actix, HttpServer, dev::ServerHandle, web};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing_actix_web::TracingLogger;

use crate::{config::Options, kernel::state::App};

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
    let app = Arc::new(App::connect(options, objects::again).await?);
    people::oidc::end_logins_of_others(&app).await?;
    let internal_addr =
        service::internal::serve("api-gateway", app.options.internal_addr, stop.clone(), {
            let app = app.clone();
            move || {
                let app = app.clone();
                async move { kernel::health::checks(&app).await }
            }
        })?;
    let mut parts = vec![
        tokio::spawn(kernel::log::run(app.clone(), stop.clone())),
        tokio::spawn(kernel::due::run(app.clone(), timed::RULES, stop.clone())),
        tokio::spawn(notify::delivery::run(app.clone(), stop.clone())),
        tokio::spawn(kernel::rate::forget(app.limits.clone(), stop.clone())),
        tokio::spawn(kernel::installation::watch(app.clone(), stop.clone())),
    ];
    parts.extend(gateway_bus::serve(&app, &stop));

    let data = web::Data::from(app.clone());
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(data.clone())
            .wrap(actix_web::middleware::from_fn(kernel::http::rate::limit))
            .wrap(actix_web::middleware::from_fn(
                kernel::http::problem::finish,
            ))
            .wrap(actix_web::middleware::from_fn(service::answer::finish))
            .wrap(TracingLogger::<service::RequestSpan>::new())
            .configure(|config| kernel::http::router::configure(routes::TABLE, config))
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
