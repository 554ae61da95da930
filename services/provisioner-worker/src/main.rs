//! provisioner-worker: makes a host match what is desired. This file reads the configuration only.

use std::io::Write;

use clap::Parser;
use provisioner_worker::config::{Command, Options};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    service::install_crypto();
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    if let Some(Command::HostId) = options.command {
        let host = runtime
            .block_on(async { options.driver.host(&options.driver.connect().await?).await })?;
        writeln!(std::io::stdout(), "{host}")?;
        return Ok(());
    }
    let _telemetry = service::telemetry::init("provisioner-worker", &options.telemetry)?;
    service::raise_file_limit(4096);
    runtime.block_on(async {
        let stop = service::shutdown()?;
        provisioner_worker::run(options, stop).await
    })
}
