//! Reaching into the clusters of one host: commands and kubeconfigs, each allowed by a capability
//! the gateway signed. It stores nothing and decides nothing about people.

mod bindings;
pub mod capability;
mod certificate;
pub mod config;
mod error;
mod exec;
mod guard;
mod guest;
mod home;
mod kubeconfig;
mod open;
mod person;
mod slots;

#[doc(hidden)]
pub use exec::fuzz_command;

use std::sync::Arc;

use api::{bus::OpenRequest, health::Check};
use bus::Bus;
use domain::HostId;
use drivers::Driver;
use tokio_util::sync::CancellationToken;

use crate::{config::Options, open::Door};

/// Requests looked at at once. Who holds one has a place (`slots.rs`) or is refused at once, and all the places there are
/// are fewer: no cluster, silent or slow, fills them.
const OPENS_AT_ONCE: usize = 1024;

/// Runs the service until `stop`.
///
/// # Errors
/// When the host's engine or the bus cannot be used with this configuration.
pub async fn run(options: Options, stop: CancellationToken) -> anyhow::Result<()> {
    let driver = options.driver.connect().await?;
    let host = options.driver.host(&driver).await?;
    let bus = Bus::connect(options.bus.config("exec-service")).await?;
    let checked = bus.clone();
    service::internal::serve(
        "exec-service",
        options.internal_addr,
        stop.clone(),
        move || {
            let check = check(&checked);
            async move { vec![check] }
        },
    )?;
    tracing::info!(%host, "exec-service is up");
    serve(&options, driver, host, bus, stop).await
}

/// Serves one host's `open` requests until `stop`.
///
/// # Errors
/// When the bus does not take the subscription.
pub async fn serve(
    options: &Options,
    driver: Driver,
    host: HostId,
    bus: Bus,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let door = Arc::new(Door::new(options, driver, host.clone(), bus.clone()));
    bus.serve::<OpenRequest, _, _>(host, OPENS_AT_ONCE, stop, move |request, _| {
        let door = door.clone();
        async move { door.open(request).await }
    })
    .await?;
    Ok(())
}

fn check(bus: &Bus) -> Check {
    let ok = bus.connected();
    let message = if ok {
        "connected"
    } else {
        "not connected: is nats-server running?"
    };
    Check {
        name: "bus".into(),
        ok,
        message: message.into(),
    }
}
