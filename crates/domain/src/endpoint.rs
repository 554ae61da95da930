//! Where a cluster's API answers: an address, a port and the name in its certificate. A host says it; nobody else makes one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a cluster's API answers whoever is on its host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// An IP address or a name that the host resolves.
    pub address: String,
    /// Its TCP port.
    pub port: u16,
    /// What the API's certificate must be for.
    pub server_name: String,
}

impl Endpoint {
    const LOOPBACK: &str = "127.0.0.1";

    /// A port of the host's loopback, for which a node's certificate is good too.
    pub fn loopback(port: u16) -> Self {
        Self {
            address: Self::LOOPBACK.to_owned(),
            port,
            server_name: Self::LOOPBACK.to_owned(),
        }
    }

    /// `https://127.0.0.1:20000`
    pub fn url(&self) -> String {
        // Only an IPv6 address has colons of its own.
        match self.address.contains(':') {
            true => format!("https://[{}]:{}", self.address, self.port),
            false => format!("https://{}:{}", self.address, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_any_kind_is_one_in_a_url() {
        assert_eq!(Endpoint::loopback(20_001).url(), "https://127.0.0.1:20001");
        let six = Endpoint {
            address: "::1".into(),
            ..Endpoint::loopback(6443)
        };
        assert_eq!(six.url(), "https://[::1]:6443");
    }
}
