//! How a service reaches the bus, from its environment.

use api::Secret;

/// The way to NATS.
#[derive(Clone, clap::Args)]
pub struct BusOptions {
    /// Where NATS listens
    #[arg(long, env = "NATS_URL", default_value = "nats://127.0.0.1:4222")]
    pub nats_url: String,
    /// This service's own user at NATS
    #[arg(long, env = "NATS_USER")]
    pub nats_user: Option<String>,
    #[arg(long, env = "NATS_PASSWORD", hide_env_values = true)]
    pub nats_password: Option<Secret>,
}

impl BusOptions {
    pub fn config(&self, service: &str) -> bus::Config {
        bus::Config {
            url: self.nats_url.clone(),
            user: self.nats_user.clone(),
            password: self.nats_password.clone(),
            name: service.to_owned(),
        }
    }
}

impl std::fmt::Debug for BusOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BusOptions")
            .field("nats_url", &self.nats_url)
            .field("nats_user", &self.nats_user)
            .finish_non_exhaustive()
    }
}
