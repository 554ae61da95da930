//! The events-gateway's process: configuration, telemetry, and the wait for the end.

use clap::Parser;
use events_gateway::{Config, Service};

/// Small and steady under many short-lived buffers.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    service::install_crypto();
    let config = Config::parse();
    let _telemetry = service::telemetry::init(events_gateway::NAME, &config.telemetry)?;
    service::raise_file_limit(config.streams_max as u64 + events_gateway::FILES_BESIDE_STREAMS);
    let service = Service::start(config, service::shutdown()?).await?;
    tracing::info!(address = %service.address(), internal = %service.internal_address(), "listening");
    service.wait().await
}
