//! The configuration, all of it from the environment.

use std::net::SocketAddr;

use api::Secret;
use ipnet::IpNet;
use service::{BusOptions, OriginOptions, TelemetryOptions};
use url::Url;

/// api-gateway: people, rules, clusters, tasks and the log, over HTTP and the bus.
#[derive(Debug, Clone, clap::Parser)]
#[command(version)]
pub struct Options {
    #[command(flatten)]
    pub bus: BusOptions,
    #[command(flatten)]
    pub telemetry: TelemetryOptions,
    /// Where Postgres is
    #[arg(long, env = "DATABASE_URL", default_value = "", hide_env_values = true)]
    pub database_url: Secret,
    /// Where the API answers, behind the edge
    #[arg(long, env = "LABYARD_HTTP_ADDR", default_value = "127.0.0.1:8080")]
    pub http_addr: SocketAddr,
    /// Where /livez, /readyz and /metrics answer
    #[arg(long, env = "LABYARD_INTERNAL_ADDR", default_value = "127.0.0.1:0")]
    pub internal_addr: SocketAddr,
    /// How people reach this installation
    #[arg(long, env = "LABYARD_PUBLIC_URL", default_value = service::origin::PUBLIC_URL)]
    pub public_url: Url,
    #[command(flatten)]
    pub origins: OriginOptions,
    /// Signs tokens and capabilities; at least 32 characters
    #[arg(long, env = "SECRET_KEY", default_value = "", hide_env_values = true)]
    pub secret_key: Secret,
    /// Encrypts what is sealed in the database; at least 32 characters
    #[arg(
        long,
        env = "ENCRYPTION_KEY",
        default_value = "",
        hide_env_values = true
    )]
    pub encryption_key: Secret,
    /// Keys that `ENCRYPTION_KEY` was before, separated by commas: what they have sealed still opens
    #[arg(
        long,
        env = "ENCRYPTION_KEYS_OLD",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub encryption_keys_old: Vec<Secret>,
    /// Who may register: `open`, `invitation` or `closed`; by default open on the loopback only
    #[arg(long, env = "LABYARD_REGISTRATION")]
    pub registration: Option<Registration>,
    /// The providers people log in by and pipelines are vouched for by: a JSON file
    #[arg(long, env = "LABYARD_OIDC", default_value = "")]
    pub oidc: String,
    /// How labs are kept apart: `dev` is plain containers, else the name of an OCI runtime
    #[arg(long, env = "LAB_ISOLATION", default_value = "dev")]
    pub isolation: String,
    /// Where the edge listens
    #[arg(long, env = "LABYARD_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    /// `yes` accepts labs on a shared kernel beyond the loopback
    #[arg(long, env = "LABYARD_ACCEPT_SHARED_KERNEL", default_value = "no")]
    pub accept_shared_kernel: String,
    /// The driver that makes new clusters
    #[arg(long, env = "LABYARD_DRIVER", default_value = "docker")]
    pub driver: String,
    /// Live clusters in one workspace
    #[arg(long, env = "LABYARD_CLUSTERS_PER_WORKSPACE", default_value_t = domain::limits::CLUSTERS_PER_WORKSPACE)]
    pub clusters_per_workspace: u64,
    /// Organizations one person owns, beside the one that is theirs alone
    #[arg(long, env = "LABYARD_ORGANIZATIONS_PER_PERSON", default_value_t = domain::limits::ORGANIZATIONS_PER_PERSON)]
    pub organizations_per_person: u32,
    /// Workspaces in one organization
    #[arg(long, env = "LABYARD_WORKSPACES_PER_ORGANIZATION", default_value_t = domain::limits::WORKSPACES_PER_ORGANIZATION)]
    pub workspaces_per_organization: u32,
    /// Days for which events can be read again
    #[arg(long, env = "LABYARD_EVENT_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub event_retention_days: u32,
    /// Networks that requests to addresses given by people may reach though they are not public, like 10.0.0.0/8
    #[arg(long, env = "LABYARD_OUTGOING_ALLOW", value_delimiter = ',')]
    pub outgoing_allow: Vec<IpNet>,
    /// Networks the edge reaches this gateway from, when that is not the loopback: what it says of a caller's address is
    /// believed from there alone
    #[arg(long, env = "LABYARD_EDGE", value_delimiter = ',')]
    pub edge: Vec<IpNet>,
    #[command(flatten)]
    pub rates: Rates,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How often somebody may ask, of each replica.
#[derive(Debug, Clone, clap::Args)]
pub struct Rates {
    /// Requests a second of one person; four seconds' worth may come at once
    #[arg(long, env = "LABYARD_REQUESTS_PER_USER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_user: u32,
    /// Requests a second from one address, whoever sends them; four seconds' worth may come at once
    #[arg(long, env = "LABYARD_REQUESTS_PER_ADDRESS", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub requests_per_address: u32,
    /// Logins a minute of one account from one address; ten times as many from one address
    #[arg(long, env = "LABYARD_LOGINS_PER_MINUTE", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub logins_per_minute: u32,
}

#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// Bring the database up to date and end
    Migrate,
    /// Print LABYARD_GATEWAY_KEYS for the other services
    Keys,
    /// Print the OpenAPI document
    Openapi,
    /// Print the catalogue of error codes as docs/errors.md
    Errors,
    /// Print who may do what as docs/rights.md
    Rights,
    /// Look after the installation
    #[command(subcommand)]
    Admin(Admin),
}

#[derive(Debug, Clone, clap::Subcommand)]
pub enum Admin {
    /// Set a new password, read from standard input, and end that person's sessions
    ResetPassword { email: String },
    /// Let somebody look after the installation: hosts, switches, all audit
    Promote { email: String },
    /// Bring everything that is sealed under ENCRYPTION_KEY, from the keys in ENCRYPTION_KEYS_OLD; run it
    /// again if it was interrupted
    RotateKeys,
    /// Say which keys sealed values are under; fails when one of them is not here
    Sealed,
    /// Print the installation's ID
    Installation,
    /// Take the database as it is for the truth again, after it went back in time; says what does not agree
    Adopt,
    /// For an hour, let everything on a host go that belongs to no cluster that lives, however much it is
    Reap { host: domain::HostId },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Registration {
    Open,
    Invitation,
    Closed,
}

/// No isolation, and the runtimes whose containers are plain ones.
const SHARED_KERNEL: [&str; 5] = ["dev", "runc", "crun", "youki", "io.containerd.runc.v2"];

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("{0} needs at least 32 characters: make up writes one, or use `openssl rand -hex 32`")]
    ShortKey(&'static str),
    #[error(
        "LABYARD_LISTEN={0} opens labs on a shared kernel (LAB_ISOLATION={1}) to others: root in a lab is root on the \
         host. Set LAB_ISOLATION to an isolating runtime, or LABYARD_ACCEPT_SHARED_KERNEL=yes if you accept that"
    )]
    SharedKernel(SocketAddr, String),
}

impl Options {
    /// # Errors
    /// [`Refused`], saying what to set.
    pub fn check(&self) -> Result<(), Refused> {
        let exposed = !self.listen.ip().is_loopback();
        let shared = SHARED_KERNEL.contains(&self.isolation.as_str());
        if exposed && shared && self.accept_shared_kernel != "yes" {
            return Err(Refused::SharedKernel(self.listen, self.isolation.clone()));
        }
        Ok(())
    }

    /// The address of something of ours, as others see it.
    pub fn address(&self, path: &str) -> String {
        let mut url = self.public_url.clone();
        url.set_path(path);
        url.into()
    }

    /// The address of a page of ours that is given a secret, behind the `#`: no server logs it.
    pub fn page(&self, name: &str, secret: &Secret) -> Secret {
        let mut url = self.public_url.clone();
        url.set_path(name);
        url.set_fragment(Some(secret.expose()));
        Secret::from(String::from(url))
    }

    pub fn registration(&self) -> Registration {
        let exposed = !self.listen.ip().is_loopback();
        self.registration.unwrap_or(if exposed {
            Registration::Invitation
        } else {
            Registration::Open
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use clap::Parser;

    use super::{Options, Registration};

    #[test]
    fn the_options_are_well_formed() {
        <Options as clap::CommandFactory>::command().debug_assert();
    }

    #[test]
    fn a_shared_kernel_beyond_the_loopback_has_to_be_accepted() {
        let options = |isolation: &str, listen: &str, accept: &str| {
            let words = [
                "--isolation",
                isolation,
                "--listen",
                listen,
                "--accept-shared-kernel",
                accept,
            ];
            Options::parse_from(["api-gateway"].iter().chain(&words))
        };
        for (isolation, listen, accept, good) in [
            ("dev", "127.0.0.1:3000", "no", true),
            ("dev", "[::1]:3000", "no", true),
            ("dev", "0.0.0.0:3000", "no", false),
            ("dev", "[::]:3000", "no", false),
            ("dev", "192.0.2.1:3000", "YES", false),
            ("dev", "0.0.0.0:3000", "yes", true),
            ("runc", "0.0.0.0:3000", "no", false),
            ("crun", "192.0.2.1:3000", "no", false),
            ("kata", "0.0.0.0:3000", "no", true),
        ] {
            let options = options(isolation, listen, accept);
            assert_eq!(
                options.check().is_ok(),
                good,
                "{isolation} {listen} {accept}"
            );
            // Whoever it is open to does not register without being asked.
            let open = options.registration() == Registration::Open;
            assert_eq!(open, options.listen.ip().is_loopback(), "{listen}");
        }
    }
}
