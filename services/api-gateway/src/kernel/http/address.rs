//! Where a request comes from: what the edge says of it, believed from the edge alone.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderName},
    web,
};
use ipnet::IpNet;

use crate::kernel::state::App;

const FORWARDED: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The caller's address, if it is known; the loopback's is that of somebody on this machine.
pub(crate) fn of(request: &HttpRequest) -> Option<IpAddr> {
    let app = request.app_data::<web::Data<App>>();
    let edge = app.map_or(&[][..], |app| app.options.edge.as_slice());
    seen(request.peer_addr()?.ip(), request.headers(), edge)
}

/// The edge sets its header anew for each request. It reaches the gateway over the loopback or from a
/// network that is configured as its own; anybody else is who they are, whatever they claim.
fn seen(peer: IpAddr, headers: &HeaderMap, edge: &[IpNet]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let mut said = headers.get_all(FORWARDED);
    let (first, more) = (said.next(), said.next().is_some());
    let here = peer.is_loopback();
    let Some(first) = first.filter(|_| here || edge.iter().any(|edge| edge.contains(&peer))) else {
        return Some(peer);
    };
    // What is not one address is not the edge's: whoever wrote it is not taken for this machine.
    let unknown = (!here).then_some(peer);
    if more {
        return unknown;
    }
    let said: Option<IpAddr> = first
        .to_str()
        .ok()
        .and_then(|text| text.trim().parse().ok());
    match said.map(|said| said.to_canonical()) {
        // The loopback of another machine.
        Some(said) if said.is_loopback() && !here => unknown,
        Some(said) => Some(said),
        None => unknown,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn seen(peer: &str, lines: &[&str]) -> Option<String> {
        let mut request = TestRequest::default();
        for line in lines {
            request = request.append_header((FORWARDED, *line));
        }
        let edge = ["172.20.0.0/24".parse().unwrap()];
        super::seen(
            peer.parse().unwrap(),
            request.to_http_request().headers(),
            &edge,
        )
        .map(|address| address.to_string())
    }

    #[test]
    fn the_edge_is_believed_and_nobody_else() {
        for edge in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "172.20.0.9"] {
            assert_eq!(seen(edge, &["192.0.2.7"]).as_deref(), Some("192.0.2.7"));
        }
        // A private network is not the edge's because it is private.
        for other in ["203.0.113.5", "10.0.0.5", "172.21.0.9", "fd00::5"] {
            assert_eq!(seen(other, &["192.0.2.7"]).as_deref(), Some(other));
        }
    }

    #[test]
    fn nobody_elsewhere_is_taken_for_this_machine() {
        for other in ["203.0.113.5", "10.0.0.5", "172.20.0.9"] {
            for claim in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
                assert_eq!(seen(other, &[claim]).as_deref(), Some(other));
            }
        }
        // Somebody's own proxy beside the edge, that hands on what it was told.
        for lines in [
            &["192.0.2.7, 127.0.0.1"][..],
            &["somebody"],
            &["127.0.0.1", "192.0.2.7"],
            &[""],
        ] {
            assert_eq!(seen("127.0.0.1", lines), None, "{lines:?}");
            assert_eq!(seen("172.20.0.9", lines).as_deref(), Some("172.20.0.9"));
        }
        assert_eq!(seen("127.0.0.1", &[]).as_deref(), Some("127.0.0.1"));
        assert_eq!(
            seen("127.0.0.1", &["127.0.0.1"]).as_deref(),
            Some("127.0.0.1")
        );
    }
}
