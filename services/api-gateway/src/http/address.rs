//! Where a request comes from: what the edge says of it, believed from the edge alone.

use std::net::IpAddr;

use actix_web::HttpRequest;

const FORWARDED: &str = "X-Forwarded-For";

/// The caller's address. The edge sets its header anew for each request and is the only one that
/// reaches the gateway, over the loopback or a private network; anybody else is who they are.
pub(crate) fn of(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip();
    let forwarded = request.headers().get(FORWARDED);
    let forwarded = forwarded.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    Some(forwarded.filter(|_| is_near(peer)).unwrap_or(peer))
}

/// An address that only a machine of the installation can have.
fn is_near(peer: IpAddr) -> bool {
    match peer {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(peer: &str, header: &str) -> Option<String> {
        let request = TestRequest::default()
            .peer_addr(format!("{peer}:1").parse().ok()?)
            .insert_header((FORWARDED, header))
            .to_http_request();
        of(&request).map(|address| address.to_string())
    }

    #[test]
    fn the_edge_is_believed_and_nobody_else() {
        assert_eq!(seen("127.0.0.1", "192.0.2.7").as_deref(), Some("192.0.2.7"));
        assert_eq!(
            seen("203.0.113.5", "192.0.2.7").as_deref(),
            Some("203.0.113.5")
        );
    }

    #[test]
    fn what_is_not_one_address_is_not_read() {
        for header in ["192.0.2.7, 198.51.100.1", "", "somebody"] {
            assert_eq!(seen("127.0.0.1", header).as_deref(), Some("127.0.0.1"));
        }
    }
}
