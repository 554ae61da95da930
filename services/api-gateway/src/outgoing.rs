//! Requests to addresses that a stranger named. They reach the public internet and what the operator
//! allows besides, never what is inside: a name is looked up once, and only good addresses are left.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use ipnet::IpNet;
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use url::{Host, Url};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Of a whole request, its answer included.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
/// Connections kept to one address.
const IDLE_PER_HOST: usize = 2;

/// The way out. It follows no redirect and knows no proxy.
pub(crate) struct Outgoing {
    /// Over TLS, to the public internet and to what is allowed.
    tls: Client,
    /// In plain text, to what is allowed alone.
    plain: Client,
    allowed: Arc<[IpNet]>,
}

/// Not an address that a request may go to, in words for who named it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Refused(&'static str);

const NOT_PUBLIC: Refused = Refused(
    "this is not an address of the public internet; the installation's operator can allow its network with LABYARD_OUTGOING_ALLOW",
);

impl Outgoing {
    /// `allowed` are networks that may be reached though they are not public.
    pub(crate) fn new(allowed: &[IpNet]) -> anyhow::Result<Self> {
        let allowed: Arc<[IpNet]> = allowed.into();
        Ok(Self {
            tls: client(true, &allowed, look_up)?,
            plain: client(false, &allowed, look_up)?,
            allowed,
        })
    }

    /// The client for an address, if one may go there. A name is judged when it is looked up.
    ///
    /// # Errors
    /// [`Refused`], for who named it.
    pub(crate) fn client(&self, url: &Url) -> Result<&Client, Refused> {
        let public = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Refused("an address that begins with https://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refused("without a name and a password in it"));
        }
        let literal = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err(Refused("an address with a host")),
        };
        if !public && self.allowed.is_empty() {
            return Err(Refused("an address that begins with https://"));
        }
        if literal.is_some_and(|ip| !reachable(ip, public, &self.allowed)) {
            return Err(NOT_PUBLIC);
        }
        Ok(if public { &self.tls } else { &self.plain })
    }
}

fn client(public: bool, allowed: &Arc<[IpNet]>, ask: Ask) -> anyhow::Result<Client> {
    Client::builder()
        .https_only(public)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .pool_max_idle_per_host(IDLE_PER_HOST)
        .user_agent(concat!("labyard/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(Lookup {
            public,
            allowed: allowed.clone(),
            ask,
        }))
        .build()
        .context("the client for requests outside")
}

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
/// Whom to ask for the addresses of a name.
type Ask = fn(String) -> Found;

fn look_up(name: String) -> Found {
    Box::pin(async move {
        let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
        Ok(found.collect())
    })
}

/// Looks names up and leaves what may be reached. What is judged is what is connected to: nobody asks
/// again in between.
struct Lookup {
    public: bool,
    allowed: Arc<[IpNet]>,
    ask: Ask,
}

impl Resolve for Lookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (public, allowed, ask) = (self.public, self.allowed.clone(), self.ask);
        Box::pin(async move {
            let found = ask(name.as_str().to_owned()).await?;
            let good: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| reachable(address.ip(), public, &allowed))
                .collect();
            if good.is_empty() {
                return Err(io::Error::other(NOT_PUBLIC).into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}

fn reachable(ip: IpAddr, public: bool, allowed: &[IpNet]) -> bool {
    let ip = ip.to_canonical();
    allowed.iter().any(|network| network.contains(&ip)) || (public && is_public(ip))
}

/// Whether the special-purpose registries of IANA (RFC 6890) leave an address to the internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = match (a, b, c) {
        // This network, private, loopback.
        (0 | 10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) => true,
        // Shared by carriers, link-local, protocols, 6to4 relays, benchmarks.
        (100, 64..=127, _) | (169, 254, _) | (192, 0, 0) | (192, 88, 99) | (198, 18 | 19, _) => {
            true
        }
        // Documentation; multicast, reserved and broadcast.
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) | (224..=255, ..) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let segments = ip.segments();
    let special = match (segments[0], segments[1]) {
        // Protocols with Teredo, documentation, 6to4.
        (0x2001, 0..=0x1ff | 0xdb8) | (0x2002, _) | (0x3fff, 0..=0xfff) => true,
        _ => false,
    };
    // All of the internet is in 2000::/3.
    segments[0] & 0xe000 == 0x2000 && !special
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    fn may(outgoing: &Outgoing, url: &str) -> bool {
        outgoing.client(&url.parse().unwrap()).is_ok()
    }

    #[test]
    fn only_the_public_internet_is_reached_and_only_over_tls() {
        let outgoing = Outgoing::new(&[]).unwrap();
        for url in [
            "https://example.org/hook?a=b",
            "https://example.org:8443/",
            "https://93.184.216.34/",
            "https://[2606:2800:220:1:248:1893:25c8:1946]/",
        ] {
            assert!(may(&outgoing, url), "{url}");
        }
        for url in [
            "http://example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "https://user:secret@example.org/",
            "https://127.0.0.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://0/",
            "https://10.1.2.3/",
            "https://172.31.0.1/",
            "https://192.168.1.1/",
            "https://100.64.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://198.18.0.1/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://[64:ff9b::7f00:1]/",
            "https://[2002:7f00:1::]/",
            "https://[2001:0:1::]/",
            "https://[fe80::1]/",
            "https://[fd00::1]/",
            "https://[ff02::1]/",
        ] {
            assert!(!may(&outgoing, url), "{url}");
        }
    }

    #[test]
    fn what_the_operator_allows_is_reached_in_plain_text_too() {
        let outgoing = Outgoing::new(&["127.0.0.0/8".parse().unwrap()]).unwrap();
        assert!(may(&outgoing, "http://127.0.0.1:9/"));
        assert!(may(&outgoing, "https://[::ffff:127.0.0.1]/"));
        assert!(!may(&outgoing, "http://93.184.216.34/"));
        assert!(!may(&outgoing, "http://10.0.0.1/"));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_not_followed() {
        for (public, allowed, good) in [
            (true, vec![], false),
            (false, vec!["10.0.0.0/8".parse().unwrap()], false),
            (
                false,
                vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
                true,
            ),
        ] {
            let lookup = Lookup {
                public,
                allowed: allowed.into(),
                ask: look_up,
            };
            let found = lookup.resolve("localhost".parse().unwrap()).await;
            assert_eq!(found.is_ok(), good);
        }
    }

    /// Answers every request, and counts them.
    async fn server(address: &str) -> (SocketAddr, Arc<AtomicUsize>) {
        let listener = TcpListener::bind(address).await.unwrap();
        let (at, asked) = (
            listener.local_addr().unwrap(),
            Arc::new(AtomicUsize::new(0)),
        );
        let count = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
            }
        });
        (at, asked)
    }

    /// CVE-2020-8562: a name was judged by one answer and gone to by the next one.
    #[tokio::test]
    async fn cve_2020_8562_a_name_that_flips_leads_nowhere_inside() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        /// What may be reached first, and from then on what may not, alone and behind it.
        fn flips(_: String) -> Found {
            let (good, inside) = (([127, 0, 0, 2], 0).into(), ([127, 0, 0, 1], 0).into());
            let found = match ASKED.fetch_add(1, Ordering::SeqCst) {
                0 => vec![good],
                1 => vec![inside],
                _ => vec![inside, good],
            };
            Box::pin(async move { Ok(found) })
        }
        let (outside, reached) = server("127.0.0.2:0").await;
        let port = outside.port();
        let (_, inside) = server(&format!("127.0.0.1:{port}")).await;
        let allowed = ["127.0.0.2/32".parse().unwrap()];
        let client = client(false, &allowed.into(), flips).unwrap();
        let ask = async || {
            let asked = client.post(format!("http://hook.example.org:{port}/"));
            asked.send().await.is_ok()
        };
        assert!(ask().await, "the first answer is good");
        assert!(!ask().await, "the second leads inside");
        assert!(ask().await, "of the third the good one is left");
        assert_eq!(ASKED.load(Ordering::SeqCst), 3, "once for each connection");
        assert_eq!(reached.load(Ordering::SeqCst), 2);
        assert_eq!(inside.load(Ordering::SeqCst), 0);
    }
}
