//! exec-service: reaches inside the clusters of one host. This file reads the configuration only.

use clap::Parser;
use exec_service::config::Options;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    service::install_crypto();
    let options = Options::parse();
    let _telemetry = service::telemetry::init("exec-service", &options.telemetry)?;
    service::raise_file_limit(4096);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let stop = service::shutdown()?;
            exec_service::run(options, stop).await
        })
}
