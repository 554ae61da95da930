//! The typed client of the HTTP API: one method a route, errors as the API says them. What changes
//! something is sent with an `Idempotency-Key`, so that sending it again after a lost answer is safe.

mod account;
mod address;
mod events;
mod installation;
mod organizations;
mod others;
mod send;
mod shares;
mod webhooks;
mod work;

use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use reqwest::{Method, Url};

use crate::{
    Problem, Secret,
    auth::{Login, Me, Refresh, Register, StreamToken, Tokens, User},
    health::Health,
    reach::{self, Why},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An exec may take its minute and a little.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(90);
/// A stream that lives says something each 15 s; one that missed three is dead.
const STREAM_SILENCE: Duration = Duration::from_secs(45);

/// The address's port goes in the place of 0.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(std::net::IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

pub use address::address;
pub use events::{Frame, frames};
pub use organizations::Export;
pub use send::Intent;
pub use work::AcceptedAt;

/// What the client authenticates with.
#[derive(Clone)]
pub enum Credential {
    /// Nothing: for routes that are open to everyone.
    None,
    /// An access token or API token.
    Bearer(Secret),
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API refused; the problem says why and what to do.
    #[error("{}", .0.reason.message)]
    Problem(Box<Problem>),
    /// Nothing was sent: no request can be made of what was given. The text is a sentence.
    #[error("{0}")]
    Unfit(String),
    /// No answer came, or it broke off.
    #[error("labyard doesn't answer at {url}: {}", way(.url, .proxy.as_deref(), .source).cause)]
    Unreachable {
        /// The server's address.
        url: String,
        /// Host and port of the proxy in between, if there is one.
        proxy: Option<String>,
        /// The cause.
        #[source]
        source: reqwest::Error,
    },
    /// Something other than labyard answered, such as a proxy in between.
    #[error("{} answered {status}, not labyard", by(.url, .proxy.as_deref()))]
    NotUnderstood {
        /// The server's address.
        url: String,
        /// HTTP status of the answer.
        status: u16,
        /// Host and port of the proxy in between, if there is one.
        proxy: Option<String>,
    },
}

impl Error {
    /// The cause in words and what helps, if no answer came.
    pub fn why(&self) -> Option<Why> {
        match self {
            Self::Unreachable { url, proxy, source } => Some(way(url, proxy.as_deref(), source)),
            _ => None,
        }
    }
}

fn way(url: &str, proxy: Option<&str>, source: &reqwest::Error) -> Why {
    match proxy {
        // Over TLS the error itself tells the proxy from what is behind it.
        Some(proxy) if url.starts_with("http://") => reach::why_through(proxy, source),
        _ => reach::why(source),
    }
}

fn by(url: &str, proxy: Option<&str>) -> String {
    match proxy {
        Some(proxy) => format!("{url} was asked through the proxy {proxy}, and something there"),
        None => format!("Something at {url}"),
    }
}

/// A client of one server, with one credential. Any call can fail as [`Error`] says: no answer, one that isn't
/// labyard's, or a refusal such as `unauthenticated`, `rate_limited` or `unavailable`. `
///
/// # Errors
/// ` of a method names the refusals of its own.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// For what never ends: no whole timeout, but one for silence.
    streams: reqwest::Client,
    base: String,
    /// What it is asked through, if anything.
    proxy: Option<String>,
    credential: Credential,
    /// What the next mutation is part of; each is one of its own if absent.
    intent: Option<Arc<Intent>>,
}

impl Client {
    /// A client of the labyard at this address, like `http://localhost:3000`.
    ///
    /// # Errors
    /// When the address isn't one of a labyard, or TLS can't be set up.
    pub fn new(base: &str, credential: Credential) -> Result<Self, Error> {
        let base = address(base).map_err(Error::Unfit)?;
        let url = Url::parse(&base).map_err(|error| Error::Unfit(error.to_string()))?;
        let http = builder(&url).timeout(ANSWER_TIMEOUT).build();
        let streams = builder(&url).read_timeout(STREAM_SILENCE).build();
        Ok(Self {
            http: http.map_err(unfit)?,
            streams: streams.map_err(unfit)?,
            proxy: address::proxy(&url),
            base,
            credential,
            intent: None,
        })
    }

    /// The same client for one intent: whatever is sent twice for it is done once, and gets the same answer.
    #[must_use]
    pub fn intending(&self, intent: &Arc<Intent>) -> Self {
        Self {
            intent: Some(intent.clone()),
            ..self.clone()
        }
    }

    /// The server's address, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The token it authenticates with, if it has one.
    pub fn bearer(&self) -> Option<&str> {
        match &self.credential {
            Credential::Bearer(token) => Some(token.expose()),
            Credential::None => None,
        }
    }

    /// Registers a user.
    ///
    /// # Errors
    /// When the address is taken (`name_taken`), a field isn't valid, or registration needs an invitation.
    pub async fn register(&self, wanted: &Register) -> Result<User, Error> {
        self.send(Method::POST, "/api/v1/auth/register", Some(wanted))
            .await
    }

    /// Logs in with email address and password.
    ///
    /// # Errors
    /// When they don't match (`unauthenticated`).
    pub async fn token(&self, login: &Login) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/token", Some(login))
            .await
    }

    /// Exchanges a refresh token for the next tokens.
    ///
    /// # Errors
    /// When the token has been replaced or its login has ended (`unauthenticated`).
    pub async fn refresh(&self, token: &Refresh) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/refresh", Some(token))
            .await
    }

    /// Ends the login that the client uses.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn logout(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout");
        self.checked(send::without_body(request)).await.map(drop)
    }

    /// The caller with their organizations and workspaces.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn me(&self) -> Result<Me, Error> {
        self.get("/api/v1/auth/me").await
    }

    /// A token for `?token=` on the stream routes, valid for 60 s.
    ///
    /// # Errors
    /// When the call fails, as any can.
    pub async fn stream_token(&self) -> Result<StreamToken, Error> {
        let request = self.request(Method::POST, "/api/v1/auth/stream-token");
        Ok(self.read_at(send::without_body(request)).await?.0)
    }

    /// Whether the gateway and what it needs are well.
    ///
    /// # Errors
    /// When one of them isn't: that answer is a 503 without a problem, so [`Error::NotUnderstood`].
    pub async fn health(&self) -> Result<Health, Error> {
        self.get("/api/health").await
    }
}

/// How an address is asked: this machine never through a proxy.
fn builder(url: &Url) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("labyard/", env!("CARGO_PKG_VERSION")));
    let builder = match address::is_loopback(url) {
        true => builder.no_proxy(),
        false => builder,
    };
    match local_name(url) {
        Some(name) => builder.resolve_to_addrs(name, &LOOPBACK),
        None => builder,
    }
}

fn unfit(error: reqwest::Error) -> Error {
    let cause = reach::why(&error.without_url()).cause;
    Error::Unfit(format!("No request can be made: {cause}."))
}

/// The host of an address that is below `localhost`, like the page's: this machine to every browser (RFC 6761), though
/// not to every resolver.
fn local_name(url: &Url) -> Option<&str> {
    url.host_str().filter(|host| host.ends_with(".localhost"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    #[tokio::test]
    async fn a_name_below_localhost_is_this_machine() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = [0; 1024];
            let length = stream.read(&mut head).unwrap();
            let end = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
            stream.write_all(end.as_bytes()).unwrap();
            String::from_utf8_lossy(&head[..length]).to_lowercase()
        });
        let base = format!("http://labyard.localhost:{port}/");
        let client = Client::new(&base, Credential::None).unwrap();
        client.logout().await.unwrap();
        let host = format!("host: labyard.localhost:{port}\r\n");
        assert!(asked.join().unwrap().contains(&host));
        for (base, name) in [
            ("http://a.b.localhost", Some("a.b.localhost")),
            ("http://localhost:3000", None),
            ("https://labs.example.org", None),
            ("http://localhost.example.org", None),
        ] {
            assert_eq!(local_name(&base.parse().unwrap()), name, "{base}");
        }
    }

    #[tokio::test]
    async fn what_cannot_be_sent_is_not_called_unreachable() {
        let token = Credential::Bearer("two\nlines".into());
        let client = Client::new("http://127.0.0.1:9", token).unwrap();
        assert!(matches!(client.me().await, Err(Error::Unfit(_))));
        let nowhere = Client::new("nonsense", Credential::None);
        assert!(matches!(nowhere, Err(Error::Unfit(_))));
    }
}
