//! The typed client of the HTTP API: one method a route, errors as the API says them. What changes
//! something is sent with an `Idempotency-Key`, so that sending it again after a lost answer is safe.

mod account;
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

pub use events::{Frame, frames};
pub use organizations::Export;
pub use send::Intent;
pub use work::AcceptedAt;

/// What the client logs in with.
#[derive(Clone)]
pub enum Credential {
    None,
    /// An access token.
    Bearer(Secret),
}

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The API said no, and why.
    #[error("{}", .0.reason.message)]
    Problem(Box<Problem>),
    #[error("labyard does not answer at {url}")]
    Unreachable {
        url: String,
        #[source]
        source: reqwest::Error,
    },
    #[error("{url} answered {status}, which is not labyard's way")]
    NotUnderstood { url: String, status: u16 },
}

/// A client of one server, with one credential.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// For what never ends: no whole timeout, but one for silence.
    streams: reqwest::Client,
    base: String,
    credential: Credential,
    /// What the next mutation is part of; each is one of its own if absent.
    intent: Option<Arc<Intent>>,
}

impl Client {
    /// # Errors
    /// When no TLS library can be set up.
    pub fn new(base: &str, credential: Credential) -> Result<Self, Error> {
        let base = base.trim_end_matches('/').to_owned();
        let failed = |source| Error::Unreachable {
            url: base.clone(),
            source,
        };
        let local = local_name(&base);
        let builder = || {
            let builder = reqwest::Client::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .user_agent(concat!("labyard/", env!("CARGO_PKG_VERSION")));
            match &local {
                Some(name) => builder.resolve_to_addrs(name, &LOOPBACK),
                None => builder,
            }
        };
        let http = builder().timeout(ANSWER_TIMEOUT).build().map_err(failed)?;
        let streams = builder()
            .read_timeout(STREAM_SILENCE)
            .build()
            .map_err(failed)?;
        Ok(Self {
            http,
            streams,
            base,
            credential,
            intent: None,
        })
    }

    /// The same client for one mutation that may have been sent before: whoever sends it again for
    /// the same intent gets the same answer.
    #[must_use]
    pub fn intending(&self, intent: &Arc<Intent>) -> Self {
        Self {
            intent: Some(intent.clone()),
            ..self.clone()
        }
    }

    /// The server, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The access token, if there is one.
    pub fn bearer(&self) -> Option<&str> {
        match &self.credential {
            Credential::Bearer(token) => Some(token.expose()),
            Credential::None => None,
        }
    }

    pub async fn register(&self, wanted: &Register) -> Result<User, Error> {
        self.send(Method::POST, "/api/v1/auth/register", Some(wanted))
            .await
    }

    pub async fn token(&self, login: &Login) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/token", Some(login))
            .await
    }

    pub async fn refresh(&self, token: &Refresh) -> Result<Tokens, Error> {
        self.send(Method::POST, "/api/v1/auth/refresh", Some(token))
            .await
    }

    pub async fn logout(&self) -> Result<(), Error> {
        let request = self.request(Method::POST, "/api/v1/auth/logout");
        self.checked(send::without_body(request)).await.map(drop)
    }

    pub async fn me(&self) -> Result<Me, Error> {
        self.get("/api/v1/auth/me").await
    }

    /// A token for `?token=` on the stream routes.
    pub async fn stream_token(&self) -> Result<StreamToken, Error> {
        let request = self.request(Method::POST, "/api/v1/auth/stream-token");
        Ok(self.read_at(send::without_body(request)).await?.0)
    }

    pub async fn health(&self) -> Result<Health, Error> {
        self.get("/api/health").await
    }
}

/// The host of an address that is below `localhost`, like the page's: this machine to every browser (RFC 6761), though
/// not to every resolver.
fn local_name(base: &str) -> Option<String> {
    let url = Url::parse(base).ok()?;
    let host = url.host_str()?;
    host.ends_with(".localhost").then(|| host.to_owned())
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
            ("nonsense", None),
        ] {
            assert_eq!(local_name(base).as_deref(), name, "{base}");
        }
    }
}
