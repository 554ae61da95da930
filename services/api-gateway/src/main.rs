//! api-gateway: decides and remembers. This file reads the configuration only.

use api_gateway::{
    admin,
    config::{Command, Options},
};
use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    service::install_crypto();
    let options = Options::parse();
    if matches!(options.command, Some(Command::Openapi)) {
        return admin::print_openapi();
    }
    if matches!(options.command, Some(Command::Errors)) {
        return admin::print_errors();
    }
    if matches!(options.command, Some(Command::Rights)) {
        return admin::print_rights();
    }
    let _telemetry = service::telemetry::init("api-gateway", &options.telemetry)?;
    service::raise_file_limit(4096);
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            match options.command.clone() {
                None => {
                    let stop = service::shutdown()?;
                    api_gateway::start(options, stop).await?.joined().await
                }
                Some(command) => admin::run(options, command).await,
            }
        })
}
