//! What the events-gateway can be told, from flags and environment; and the numbers only tests change.

use std::{net::SocketAddr, time::Duration};

use bus::GatewayKeys;
use service::{BusOptions, OriginOptions, TelemetryOptions};
use url::Url;

pub const NAME: &str = "events-gateway";

/// Open files that are no streams: the bus, the listeners, logs, the runtime's own.
pub const FILES_BESIDE_STREAMS: u64 = 256;

/// Keeps event streams open and sends each person what they may see
#[derive(Debug, Clone, clap::Parser)]
#[command(name = NAME, version)]
pub struct Config {
    /// Where streams are served; the edge connects here
    #[arg(long, env = "LABYARD_HTTP_ADDR", default_value = "127.0.0.1:8081")]
    pub http_addr: SocketAddr,
    /// Where /livez, /readyz and /metrics are served; never behind the edge
    #[arg(long, env = "LABYARD_INTERNAL_ADDR", default_value = "127.0.0.1:0")]
    pub internal_addr: SocketAddr,
    /// The address people open
    #[arg(long, env = "LABYARD_PUBLIC_URL", default_value = service::origin::PUBLIC_URL)]
    pub public_url: Url,
    #[command(flatten)]
    pub origins: OriginOptions,
    /// The api-gateway's public keys, as `api-gateway keys` prints them
    #[arg(long, env = "LABYARD_GATEWAY_KEYS")]
    pub gateway_keys: GatewayKeys,
    /// Streams one person may have open at this replica
    #[arg(long, env = "LABYARD_STREAMS_PER_USER", default_value_t = domain::limits::STREAMS_PER_USER)]
    pub streams_per_user: usize,
    /// Streams this replica keeps open in all
    #[arg(long, env = "LABYARD_STREAMS_MAX", default_value_t = domain::limits::STREAMS_PER_REPLICA)]
    pub streams_max: usize,
    /// Threads that write to streams
    #[arg(long, env = "LABYARD_STREAM_THREADS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub stream_threads: u16,
    #[command(flatten)]
    pub bus: BusOptions,
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
    #[arg(skip)]
    pub tuning: Tuning,
}

/// Numbers nobody has to set; tests make them small.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// A quiet stream says something this often.
    pub keep_alive: Duration,
    /// How much of the log the ring holds.
    pub ring: feed::Limits,
    /// Positions fetched at start, so that streams resume across a restart without asking further.
    pub prefill: u64,
    /// A reader further behind than this lists again instead of reading it all.
    pub catch_up_max: u64,
    /// How long a stopping replica takes to close its streams, in waves.
    pub drain: Duration,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(15),
            ring: feed::Limits {
                frames: 16_384,
                bytes: 16 << 20,
            },
            prefill: 2_048,
            catch_up_max: 50_000,
            drain: Duration::from_secs(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_flag_can_be_set_from_the_environment() {
        Config::command().debug_assert();
        for argument in Config::command().get_arguments() {
            assert!(
                argument.get_env().is_some()
                    || argument.is_global_set()
                    || argument.get_id() == "help",
                "{}",
                argument.get_id()
            );
        }
    }

    #[test]
    fn what_is_fetched_at_start_fits_the_ring() {
        let tuning = Tuning::default();
        assert!(tuning.prefill <= tuning.ring.frames as u64);
        assert!(tuning.catch_up_max > tuning.ring.frames as u64);
    }
}
