//! The configuration, all of it from the environment.

use std::net::SocketAddr;

use bus::GatewayKeys;
use domain::StreamKind;
use service::{BusOptions, TelemetryOptions};

/// exec-service: runs commands in the clusters of one host, for those the gateway allows.
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
    /// The gateway's public keys, as `api-gateway keys` prints them
    #[arg(long, env = "LABYARD_GATEWAY_KEYS")]
    pub gateway_keys: GatewayKeys,
    /// Commands that run at once on this host, beside two that each cluster has of its own
    #[arg(long, env = "LABYARD_EXEC_MAX", default_value_t = StreamKind::Exec.rules().limits.host)]
    pub exec_max: usize,
    /// Commands of one person that run at once in one cluster; on this host, four times as many
    #[arg(long, env = "LABYARD_EXEC_PER_USER", default_value_t = StreamKind::Exec.rules().limits.person)]
    pub exec_per_user: usize,
    /// Commands that run at once in one cluster
    #[arg(long, env = "LABYARD_EXEC_PER_CLUSTER", default_value_t = StreamKind::Exec.rules().limits.cluster)]
    pub exec_per_cluster: usize,
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_options_are_well_formed() {
        <super::Options as clap::CommandFactory>::command().debug_assert();
    }
}
