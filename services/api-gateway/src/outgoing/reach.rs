//! Where a request may go. A name is looked up once and the connection goes to one of the addresses
//! that were looked at: nothing can be swapped in between.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// https on port 443, to addresses of the public internet.
    Public,
    /// An operator named it: it may be in the installation's own network, on any port, without TLS.
    Near,
}

impl Reach {
    /// Whether a URL may be asked, as far as it can be told before its name is looked up.
    pub(crate) fn allows(self, url: &Url) -> bool {
        let plain = url.username().is_empty() && url.password().is_none();
        let host = match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => self.allows_address(address.into()),
            Some(Host::Ipv6(address)) => self.allows_address(address.into()),
            None => false,
        };
        let way = match self {
            Self::Public => url.scheme() == "https" && url.port_or_known_default() == Some(443),
            Self::Near => matches!(url.scheme(), "https" | "http"),
        };
        plain && host && way
    }

    fn allows_address(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self {
            Self::Public => is_public(address),
            // Clouds tell their secrets at link-local addresses.
            Self::Near => !is_link_local(address) && !address.is_multicast(),
        }
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Without the special ranges of RFC 6890 and its updates.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113);
    !special
}

/// Global unicast is 2000::/3; of it not what is written in examples or leads to IPv4 addresses.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let global = first & 0xe000 == 0x2000;
    let special = (first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        || first == 0x2002
        || (first == 0x3fff && second < 0x1000);
    global && !special
}

/// Looks a name up and gives the addresses that are in reach.
pub(super) struct Resolver(pub(super) Reach);

/// The name leads to addresses that may not be asked.
#[derive(Debug, thiserror::Error)]
#[error("{0} has no address that may be asked")]
struct Inside(String);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| reach.allows_address(address.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(Inside(name).into());
            }
            let allowed: Addrs = Box::new(allowed.into_iter());
            Ok(allowed)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn allowed(reach: Reach, url: &str) -> bool {
        reach.allows(&Url::parse(url).unwrap())
    }

    #[test]
    fn only_the_public_internet_is_public() {
        for url in [
            "https://id.example.org/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
        ] {
            assert!(allowed(Reach::Public, url), "{url}");
        }
        for url in [
            "http://id.example.org/",
            "https://id.example.org:8443/",
            "https://user@id.example.org/",
            "ftp://id.example.org/",
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://10.1.2.3/",
            "https://100.64.0.1/",
            "https://169.254.169.254/",
            "https://172.31.255.255/",
            "https://192.168.0.1/",
            "https://198.18.0.1/",
            "https://0.0.0.0/",
            "https://224.0.0.1/",
            "https://255.255.255.255/",
            "https://[::1]/",
            "https://[::]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:a9fe:a9fe]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[2002:7f00:1::]/",
            "https://[2001::1]/",
            "https://[2001:db8::1]/",
            "https://[fc00::1]/",
            "https://[fe80::1]/",
            "https://[ff02::1]/",
        ] {
            assert!(!allowed(Reach::Public, url), "{url}");
        }
    }

    #[test]
    fn what_an_operator_names_may_be_near_but_not_a_clouds_secrets() {
        for url in [
            "http://127.0.0.1:9000/",
            "https://10.0.0.7:8443/",
            "http://keycloak/",
        ] {
            assert!(allowed(Reach::Near, url), "{url}");
        }
        for url in [
            "http://169.254.169.254/",
            "http://[fe80::1]/",
            "file:///etc/passwd",
        ] {
            assert!(!allowed(Reach::Near, url), "{url}");
        }
    }
}
