//! The internal port of every service: `/livez`, `/readyz`, `/metrics`. Never behind the edge.

use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};

use actix_web::{App, HttpResponse, HttpServer, middleware::from_fn, web};
use api::health::{Check, Health};
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::{answer, telemetry};

/// How often the recorder forgets what is old.
const UPKEEP: Duration = Duration::from_secs(5);

type Checks = Arc<dyn Fn() -> BoxFuture<'static, Vec<Check>> + Send + Sync>;

/// A service's health from its checks.
pub fn health(service: &str, checks: Vec<Check>) -> Health {
    let ok = checks.iter().all(|check| check.ok);
    Health {
        status: if ok { "ok" } else { "unavailable" }.to_owned(),
        service: service.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        checks,
    }
}

/// Serves the internal port until `stop`; gives the address it listens on.
///
/// # Errors
/// When the address cannot be bound.
pub fn serve<F, Fut>(
    service: &'static str,
    address: SocketAddr,
    stop: CancellationToken,
    checks: F,
) -> std::io::Result<SocketAddr>
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Vec<Check>> + Send + 'static,
{
    telemetry::prometheus();
    let checks: Checks = Arc::new(move || Box::pin(checks()));
    let server = HttpServer::new(move || {
        App::new()
            .wrap(from_fn(answer::finish))
            .app_data(web::Data::new((service, checks.clone())))
            .route(
                "/livez",
                web::get().to(|| async { HttpResponse::Ok().body("ok\n") }),
            )
            .route("/readyz", web::get().to(ready))
            .route("/metrics", web::get().to(measure))
    })
    .workers(1)
    .disable_signals()
    .bind(address)?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    let server = server.run();
    let handle = server.handle();
    let upkeep = stop.clone();
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(UPKEEP);
        while upkeep.run_until_cancelled(tick.tick()).await.is_some() {
            telemetry::prometheus().run_upkeep();
        }
        handle.stop(false).await;
    });
    tokio::spawn(server);
    Ok(bound)
}

async fn ready(data: web::Data<(&'static str, Checks)>) -> HttpResponse {
    let health = health(data.0, (data.1)().await);
    let mut answer = if health.status == "ok" {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    answer.json(health)
}

async fn measure() -> HttpResponse {
    metrics_process::Collector::default().collect();
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4")
        .body(telemetry::prometheus().render())
}
