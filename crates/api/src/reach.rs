//! Why a request got no answer, and what helps: the deepest cause of an HTTP client's error, in words.

use std::{
    error::Error,
    io::{self, ErrorKind},
};

use rustls::{CertificateError, InvalidMessage};

/// Why no answer came, and what helps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// A clause without a capital or a full stop, to follow "because" or a colon: `no answer came in time`.
    pub cause: String,
    /// What the reader can do, as a sentence; empty where nothing is known to help.
    pub fix: &'static str,
}

impl Why {
    fn new(cause: impl Into<String>, fix: &'static str) -> Self {
        Self {
            cause: cause.into(),
            fix,
        }
    }
}

const PLAIN_PORT: &str = "Use http:// instead of https://, or the server's TLS port.";

/// The cause of an error of reqwest, or of an error that wraps one.
pub fn why(error: &(dyn Error + 'static)) -> Why {
    let chain: Vec<&(dyn Error + 'static)> = chain(error).collect();
    let said = |text: &str| chain.iter().any(|error| error.to_string() == text);
    if said("tunnel error: proxy authorization required") {
        return Why::new(
            "the proxy asks for a name and password",
            "Add them to the proxy's address, or add the host to NO_PROXY.",
        );
    }
    if said("tunnel error: unsuccessful") || said("tunnel error: unexpected end of file") {
        return Why::new(
            "the proxy refused the connection to that host",
            "Add the host to NO_PROXY, or ask who runs the proxy.",
        );
    }
    let why = deepest(&chain);
    if said("tunnel error: failed to create underlying connection") {
        return Why::new(
            format!("the proxy can't be reached: {}", why.cause),
            "Check HTTPS_PROXY and ALL_PROXY, or add the host to NO_PROXY.",
        );
    }
    why
}

/// The same for plain HTTP through a proxy, where a failed connection means that the proxy can't be reached.
pub fn why_through(proxy: &str, error: &reqwest::Error) -> Why {
    let why = why(error);
    match error.is_connect() {
        true => Why::new(
            format!("the proxy {proxy} can't be reached: {}", why.cause),
            "Check http_proxy and ALL_PROXY, or add the host to NO_PROXY.",
        ),
        false => why,
    }
}

fn deepest(chain: &[&(dyn Error + 'static)]) -> Why {
    if let Some(tls) = chain.iter().find_map(|error| error.downcast_ref()) {
        return of_tls(tls);
    }
    let text = chain.last().map(ToString::to_string).unwrap_or_default();
    // The standard library's words for what the machine's resolver said.
    if text.starts_with("failed to lookup address information") {
        return match text.contains("emporary failure") {
            true => Why::new(
                "its host name couldn't be looked up, as no DNS server answered",
                "Check this machine's network and DNS, and try again.",
            ),
            false => Why::new(
                "there is no such host name",
                "Check the spelling, and that this machine's DNS knows the name.",
            ),
        };
    }
    let timed_out = chain
        .iter()
        .any(|error| error.downcast_ref().is_some_and(reqwest::Error::is_timeout));
    if timed_out {
        return Why::new(
            "no answer came in time",
            "Check the address and the firewalls on the way, and try again.",
        );
    }
    if let Some(io) = chain.iter().rev().find_map(|error| error.downcast_ref()) {
        return of_io(io);
    }
    // hyper's words for an answer that is no HTTP, as a TLS port gives one to plain text.
    if text.starts_with("invalid HTTP") {
        return Why::new(
            "what answers there doesn't speak HTTP",
            "Use https:// if it is a TLS port, or check the port.",
        );
    }
    Why::new(text, "")
}

fn of_tls(error: &rustls::Error) -> Why {
    use CertificateError as Bad;
    let system = "Check this machine's clock, or have the server's certificate renewed.";
    match error {
        rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            Why::new("what answers there doesn't speak TLS", PLAIN_PORT)
        }
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::UnknownIssuer => Why::new(
                "its certificate is from an unknown authority",
                "Add the authority to this machine's certificates, or name its file in SSL_CERT_FILE.",
            ),
            Bad::Expired | Bad::ExpiredContext { .. } => {
                Why::new("its certificate has expired", system)
            }
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => {
                Why::new("its certificate isn't valid yet", system)
            }
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => Why::new(
                "its certificate is for another host name",
                "Use the name that the certificate is for.",
            ),
            other => Why::new(format!("its certificate isn't valid: {other}"), ""),
        },
        other => Why::new(format!("TLS failed: {other}"), ""),
    }
}

fn of_io(error: &io::Error) -> Why {
    let network = "Check this machine's network, its VPN and the address.";
    match error.kind() {
        ErrorKind::ConnectionRefused => Why::new(
            "the connection was refused, so nothing listens there",
            "Check the address and the port, and that the server is running.",
        ),
        ErrorKind::TimedOut => Why::new(
            "no answer came in time",
            "Check the address and the firewalls on the way, and try again.",
        ),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            Why::new("there is no network route to it", network)
        }
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => Why::new(
            "the connection was closed before the answer came",
            "Try again.",
        ),
        _ => Why::new(error.to_string(), ""),
    }
}

/// The errors from the outermost to the deepest; what an [`io::Error`] holds is one of them, as its own
/// `source` leaves it out.
fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> + 'a {
    std::iter::successors(Some(error), |&error| {
        let held = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|held| held as &(dyn Error + 'static));
        held.or_else(|| error.source())
    })
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

    /// Says this to whoever connects.
    fn server(says: &'static [u8]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(says);
            }
        });
        port
    }

    /// A port of this machine at which nobody listens.
    fn nobody() -> u16 {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        free.local_addr().unwrap().port()
    }

    async fn asked(url: String, proxy: Option<u16>) -> Why {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let builder = reqwest::Client::builder().no_proxy();
        let builder = match proxy {
            Some(port) => {
                builder.proxy(reqwest::Proxy::all(format!("http://127.0.0.1:{port}")).unwrap())
            }
            None => builder,
        };
        why(&builder.build().unwrap().get(url).send().await.unwrap_err())
    }

    #[tokio::test]
    async fn each_way_to_get_no_answer_is_told_from_the_others_and_has_a_fix() {
        let plain = server(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n");
        // What a TLS server says to plain text: an alert.
        let tls = server(b"\x15\x03\x03\x00\x02\x02\x46");
        let full =
            server(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
        let closed = server(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        let away = nobody();
        for (url, proxy, word) in [
            (format!("http://127.0.0.1:{away}"), None, "refused"),
            ("http://no-such-name.invalid".into(), None, "host name"),
            (
                format!("https://127.0.0.1:{plain}"),
                None,
                "doesn't speak TLS",
            ),
            (
                format!("http://127.0.0.1:{tls}"),
                None,
                "doesn't speak HTTP",
            ),
            (
                "https://example.org".into(),
                Some(away),
                "the proxy can't be reached",
            ),
            ("https://example.org".into(), Some(full), "the proxy asks"),
            (
                "https://example.org".into(),
                Some(closed),
                "the proxy refused",
            ),
        ] {
            let why = asked(url.clone(), proxy).await;
            assert!(why.cause.contains(word), "{url}: {why:?}");
            assert!(!why.fix.is_empty(), "{url}: {why:?}");
        }
        let cut = asked(format!("http://127.0.0.1:{}", server(b"")), None).await;
        assert!(!cut.cause.is_empty(), "{cut:?}");
    }

    #[test]
    fn a_certificate_says_what_is_wrong_with_it() {
        for (bad, word) in [
            (CertificateError::UnknownIssuer, "unknown authority"),
            (CertificateError::Expired, "expired"),
            (CertificateError::NotValidForName, "another host name"),
        ] {
            let error = io::Error::other(rustls::Error::InvalidCertificate(bad));
            let why = why(&error);
            assert!(why.cause.contains(word) && !why.fix.is_empty(), "{why:?}");
        }
    }
}
