//! Where a browser's request comes from: our own page, or it is refused.

use actix_web::{HttpRequest, http::header::ORIGIN};
use domain::Code;
use url::{Host, Url};

use crate::app::Error;

/// What a request without an Origin is taken for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// A cookie came along: a browser sends the header with it.
    Refused,
    /// Nothing a browser would add came along: not a browser.
    Allowed,
}

pub(crate) fn check(request: &HttpRequest, public: &Url, missing: Missing) -> Result<(), Error> {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let refused = || {
        Err(Error::with_fix(
            Code::Forbidden,
            "This request does not come from labyard's own page.",
            "Open labyard at its own address, or use a token instead of the cookie.",
        ))
    };
    if header("sec-fetch-site").is_some_and(|site| site == "cross-site") {
        return refused();
    }
    match header(ORIGIN.as_str()) {
        Some(origin) if ours(origin, public) => Ok(()),
        None if missing == Missing::Allowed => Ok(()),
        _ => refused(),
    }
}

fn ours(origin: &str, public: &Url) -> bool {
    let Ok(url) = Url::parse(origin) else {
        return false;
    };
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    local || url.origin() == public.origin()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn other_pages_are_others() {
        let public = Url::parse("https://labs.example.org").unwrap();
        for origin in [
            "https://labs.example.org",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
        ] {
            assert!(ours(origin, &public), "{origin}");
        }
        for origin in [
            "null",
            "",
            "http://labs.example.org",
            "https://labs.example.org.evil.test",
            "https://evil.labs.example.org",
            "https://labs.example.org:444",
            "http://localhost.evil.test",
        ] {
            assert!(!ours(origin, &public), "{origin}");
        }
    }
}
