//! What every part of the gateway holds on to: three pools, the bus, the keys, the configuration.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use api::Secret;
use bus::Bus;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use service::Origins;
use tokio::sync::Notify;
use url::{Url, form_urlencoded};

use crate::{
    config::Options,
    crypto::{Keys, password::Passwords},
    kernel::{authorize::Again, migrate, rate::Limits},
    openid::{issuer::Issuers, provider::Providers},
    outgoing::Outgoing,
};

/// How long a person waits for a connection before the answer is 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(1);
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(5);
const MAX_LIFETIME: Duration = Duration::from_secs(600);

pub(crate) struct App {
    /// For requests of people.
    pub(crate) people: DatabaseConnection,
    /// For acquire, renew, report, inventory and what is due.
    pub(crate) machines: DatabaseConnection,
    /// For `sequence()` alone, so that the log never waits for anyone.
    pub(crate) sequencer: DatabaseConnection,
    pub(crate) bus: Bus,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    pub(crate) limits: Arc<Limits>,
    /// Asks for a right once more, whatever it is on.
    pub(crate) again: Again,
    /// Who vouches for people and pipelines.
    pub(crate) providers: Providers,
    pub(crate) issuers: Issuers,
    /// Whose pages may use the session's cookie.
    pub(crate) origins: Origins,
    pub(crate) options: Options,
    /// The installation's ID as hex.
    pub(crate) installation: String,
    /// Rung after every commit that appended to the log.
    pub(crate) appended: Notify,
    /// Rung after every batch of the log that got its positions here.
    pub(crate) sequenced: Notify,
    pub(crate) outgoing: Outgoing,
    /// When this gateway began to listen to hosts.
    pub(crate) started: Instant,
}

impl App {
    pub(crate) async fn connect(options: Options, again: Again) -> anyhow::Result<Self> {
        let keys = Keys::derive(&options)?;
        let outgoing = Outgoing::new(&options.outgoing_allow)?;
        let providers = Providers::load(&options.oidc, &outgoing)?;
        let machines = pool(options.database_url.expose(), 6, Duration::from_secs(3)).await?;
        migrate::run(&machines)
            .await
            .context("the database could not be brought up to date")?;
        let installation = crate::kernel::installation::sql::id(&machines).await?;
        Ok(Self {
            people: pool(options.database_url.expose(), 10, ACQUIRE_TIMEOUT).await?,
            sequencer: pool(options.database_url.expose(), 2, Duration::from_secs(3)).await?,
            machines,
            bus: Bus::connect(options.bus.config("api-gateway")).await?,
            keys,
            passwords: Passwords::new()?,
            limits: Arc::new(Limits::new(&options.rates)),
            again,
            providers,
            issuers: Issuers::default(),
            origins: Origins::new(&options.public_url, &options.origins),
            options,
            installation,
            appended: Notify::new(),
            sequenced: Notify::new(),
            outgoing,
            started: Instant::now(),
        })
    }
}

pub(crate) async fn pool(
    url: &str,
    connections: u32,
    wait: Duration,
) -> anyhow::Result<DatabaseConnection> {
    let (url, password) = apart(url);
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(wait)
        .connect_timeout(Duration::from_secs(5))
        .max_lifetime(MAX_LIFETIME)
        .statement_timeout(STATEMENT_TIMEOUT)
        .test_before_acquire_if_idle_for(Duration::from_secs(30))
        .set_application_name("api-gateway")
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |postgres| {
            let postgres = match &password {
                Some(password) => postgres.password(password.expose()),
                None => postgres,
            };
            postgres.options([("idle_in_transaction_session_timeout", "5000")])
        });
    Database::connect(options)
        .await
        .context("Postgres cannot be reached: is it running, and is DATABASE_URL right?")
}

/// The address without its password, and that: the options write themselves into a span of the log.
fn apart(text: &str) -> (String, Option<Secret>) {
    let whole = || (text.to_owned(), None);
    let Ok(mut url) = Url::parse(text) else {
        return whole();
    };
    // As a form would write it, but for the two signs that mean more there.
    let form = url.password().map(|password| {
        let password = password.replace('+', "%2B").replace('&', "%26");
        format!("p={password}")
    });
    let Some(form) = form else {
        return whole();
    };
    if url.set_password(None).is_err() {
        return whole();
    }
    let mut fields = form_urlencoded::parse(form.as_bytes());
    let password = fields.next().map(|(_, password)| Secret::from(&*password));
    (url.into(), password)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_taken_out_of_the_address_as_it_is_meant() {
        let (url, password) =
            apart("postgres://labyard:a%20b+c%26d=%2Fe@127.0.0.1:5432/labyard?x=y");
        assert_eq!(url, "postgres://labyard@127.0.0.1:5432/labyard?x=y");
        assert_eq!(
            password.map(|password| password.expose().to_owned()),
            Some("a b+c&d=/e".into())
        );
        for text in ["", "postgres:///labyard?host=/run/x"] {
            let (url, password) = apart(text);
            assert_eq!((url.as_str(), password.is_none()), (text, true));
        }
    }
}
