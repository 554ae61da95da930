//! The configuration, all of it from the environment.

use std::{net::SocketAddr, path::PathBuf};

use bus::GatewayKeys;
use service::{BusOptions, TelemetryOptions};

/// provisioner-worker: makes the clusters of one host what the gateway desires.
#[derive(Debug, Clone, clap::Parser)]
#[command(version)]
pub struct Options {
    #[command(flatten)]
    pub bus: BusOptions,
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
    #[command(flatten)]
    pub driver: drivers::Options,
    /// Where /livez, /readyz and /metrics answer
    #[arg(long, env = "LABYARD_INTERNAL_ADDR", default_value = "127.0.0.1:0")]
    pub internal_addr: SocketAddr,
    /// The gateway's public keys, as `api-gateway keys` prints them; not needed to print the host's name
    #[arg(long, env = "LABYARD_GATEWAY_KEYS")]
    pub gateway_keys: Option<GatewayKeys>,
    /// Where the worker's name, its lock and the highest fence it has seen are kept
    #[arg(
        long,
        env = "LABYARD_STATE_DIR",
        default_value = "/var/lib/labyard/worker"
    )]
    pub state_dir: PathBuf,
    /// Clusters worked on at once
    #[arg(long, env = "LABYARD_SLOTS", default_value_t = 4)]
    pub slots: u32,
    /// Warm clusters kept ready here of each version, made after people's work
    #[arg(long, env = "LABYARD_POOL", default_value_t = 0)]
    pub pool: u32,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Print this host's name, which its NATS user carries, and end
    HostId,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_well_formed() {
        <super::Options as clap::CommandFactory>::command().debug_assert();
    }
}
