//! The worker of one host: observe, plan, do, report. It decides nothing about people or time, and
//! keeps nothing in memory that the host or the gateway could not tell it again.

pub mod config;
mod context;
pub mod gateway;
mod held;
pub mod identity;
mod inventory;
mod lease;
mod renew;
mod worker;

pub use worker::Worker;

use std::sync::Arc;

use anyhow::Context;
use api::health::Check;
use bus::Bus;
use drivers::Provision;
use tokio_util::sync::CancellationToken;

use crate::{config::Options, gateway::BusGateway, identity::Identity};

/// Runs the worker until `stop`; then lets the steps under way finish.
///
/// # Errors
/// When the state folder is held by another worker, or the engine or the bus cannot be used.
pub async fn run(options: Options, stop: CancellationToken) -> anyhow::Result<()> {
    let keys = options
        .gateway_keys
        .clone()
        .context("LABYARD_GATEWAY_KEYS is needed: `api-gateway keys` prints it")?;
    let identity = Identity::hold(&options.state_dir)?;
    let driver = options.driver.connect().await?;
    let host = options.driver.host(&driver).await?;
    let bus = Bus::connect(options.bus.config("provisioner-worker")).await?;
    let checked = bus.clone();
    service::internal::serve(
        "provisioner-worker",
        options.internal_addr,
        stop.clone(),
        move || {
            let check = check(&checked);
            async move { vec![check] }
        },
    )?;
    let bells = bus.doorbells(driver.name(), &host).await?;
    let gateway = BusGateway {
        bus,
        host: host.clone(),
    };
    tracing::info!(%host, worker = %identity.worker, boot_id = identity.boot_id, "provisioner-worker is up");
    Arc::new(Worker::new(
        options.slots,
        options.pool,
        driver,
        gateway,
        identity,
        keys.seal,
    ))
    .run(bells, stop)
    .await;
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
