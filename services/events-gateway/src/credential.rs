//! What a caller showed: taken from the request's head, with the rule of which origin a cookie
//! may come from. It checks nobody's identity.

use actix_web::{HttpRequest, http::header};
use api::{Secret, bus::Credential};
use domain::{Code, Reason};
use url::{Host, Url};

/// Bytes of a credential; longer ones are none of ours.
const CREDENTIAL_MAX: usize = 4 << 10;

/// Which cookie is ours and which pages may use it, from the public URL.
#[derive(Debug, Clone)]
pub(crate) struct Origins {
    public: String,
    scheme: String,
    port: Option<u16>,
    cookie: &'static str,
}

/// The query of a stream.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Query {
    pub token: Option<Secret>,
    pub since: Option<String>,
    /// Types of events, separated by commas; all if absent.
    #[serde(rename = "type")]
    pub types: Option<String>,
    /// Never accepted; named so that it can be refused.
    access_token: Option<Secret>,
}

impl Origins {
    pub(crate) fn new(public: &Url) -> Self {
        // A `__Host-` cookie needs a connection that browsers take for a safe one.
        let safe = public.scheme() == "https" || is_localhost(public);
        Self {
            public: public.origin().ascii_serialization(),
            scheme: public.scheme().to_owned(),
            port: public.port_or_known_default(),
            cookie: if safe { "__Host-labyard" } else { "labyard" },
        }
    }

    /// The public URL, or localhost at the same port.
    fn allow(&self, origin: &str) -> bool {
        origin == self.public
            || Url::parse(origin).is_ok_and(|url| {
                is_localhost(&url)
                    && url.scheme() == self.scheme
                    && url.port_or_known_default() == self.port
                    && url.origin().ascii_serialization() == origin
            })
    }

    /// A browser sends no `Origin` with a GET to its own site; a page of another site always does,
    /// and says so in `Sec-Fetch-Site` where that exists.
    fn check(&self, request: &HttpRequest) -> Result<(), Reason> {
        let refused = |what: &str| {
            Reason::with_fix(
                Code::Forbidden,
                format!("{what} is not where this installation's page lives."),
                "Open the stream from the page at LABYARD_PUBLIC_URL, or with a stream token.",
            )
        };
        if let Some(origin) = request.headers().get(header::ORIGIN) {
            let origin = origin.to_str().unwrap_or("null");
            return if self.allow(origin) {
                Ok(())
            } else {
                Err(refused("The request's origin"))
            };
        }
        match request
            .headers()
            .get("sec-fetch-site")
            .map(|site| site.as_bytes())
        {
            None | Some(b"same-origin" | b"none") => Ok(()),
            Some(_) => Err(refused("The requesting site")),
        }
    }
}

fn is_localhost(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The credential of a request: the header, else `?token=`, else the cookie.
pub(crate) fn of(
    request: &HttpRequest,
    query: &mut Query,
    origins: &Origins,
) -> Result<Credential, Reason> {
    if query.access_token.is_some() {
        return Err(Reason::with_fix(
            Code::Unauthenticated,
            "An access token has no place in an address.",
            "Send it as `Authorization: Bearer`, or get a stream token for `?token=`.",
        ));
    }
    let credential = if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let token = value.to_str().ok().and_then(bearer);
        Credential::Bearer(token.ok_or_else(unauthenticated)?.into())
    } else if let Some(token) = query.token.take() {
        Credential::Stream(token)
    } else if let Some(cookie) = service::cookie(request.headers(), origins.cookie) {
        origins.check(request)?;
        Credential::Cookie(cookie.into())
    } else {
        return Err(unauthenticated());
    };
    let (Credential::Bearer(text) | Credential::Stream(text) | Credential::Cookie(text)) =
        &credential;
    if text.expose().is_empty() || text.expose().len() > CREDENTIAL_MAX {
        return Err(unauthenticated());
    }
    Ok(credential)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

pub(crate) fn unauthenticated() -> Reason {
    Reason::new(Code::Unauthenticated, "This stream needs a login.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use actix_web::{cookie::Cookie, test::TestRequest};

    use super::*;

    fn origins(public: &str) -> Origins {
        Origins::new(&public.parse().unwrap())
    }

    #[test]
    fn the_cookie_s_name_follows_the_public_url() {
        for (public, cookie) in [
            ("http://localhost:3000", "__Host-labyard"),
            ("https://labs.example.org", "__Host-labyard"),
            ("http://labs.example.org", "labyard"),
            ("http://192.0.2.7:3000", "labyard"),
        ] {
            assert_eq!(origins(public).cookie, cookie, "{public}");
        }
    }

    #[test]
    fn a_cookie_is_taken_from_our_own_page_alone() {
        let origins = origins("https://labs.example.org");
        for (name, value, allowed) in [
            ("origin", "https://labs.example.org", true),
            ("origin", "https://localhost", true),
            ("origin", "http://labs.example.org", false),
            ("origin", "https://labs.example.org:444", false),
            ("origin", "https://labs.example.org.evil.example", false),
            ("origin", "https://localhost.evil.example", false),
            ("origin", "http://localhost:8000", false),
            ("origin", "null", false),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
            ("user-agent", "curl", true),
        ] {
            let request = TestRequest::get()
                .cookie(Cookie::new("__Host-labyard", "secret"))
                .insert_header((name, value))
                .to_http_request();
            let credential = of(&request, &mut Query::default(), &origins);
            assert_eq!(credential.is_ok(), allowed, "{name}: {value}");
        }
    }

    #[test]
    fn a_header_wins_and_needs_no_origin() {
        let request = TestRequest::get()
            .insert_header(("authorization", "bearer abc"))
            .insert_header(("origin", "https://elsewhere.example"))
            .to_http_request();
        let mut query = Query {
            token: Some("t".into()),
            ..Query::default()
        };
        let credential = of(&request, &mut query, &origins("http://localhost:3000"));
        assert!(matches!(credential, Ok(Credential::Bearer(token)) if token.expose() == "abc"));
    }

    #[test]
    fn what_is_no_credential_is_a_401() {
        let origins = origins("http://localhost:3000");
        for (authorization, query) in [
            ("", Query::default()),
            ("Basic abc", Query::default()),
            ("Bearer", Query::default()),
            ("Bearer ", Query::default()),
        ] {
            let mut request = TestRequest::get();
            if !authorization.is_empty() {
                request = request.insert_header(("authorization", authorization));
            }
            let mut query = query;
            let refused = of(&request.to_http_request(), &mut query, &origins);
            assert_eq!(refused.err().unwrap().code, Code::Unauthenticated);
        }
        let mut query = Query {
            access_token: Some("jwt".into()),
            ..Query::default()
        };
        let refused = of(&TestRequest::get().to_http_request(), &mut query, &origins);
        assert_eq!(refused.err().unwrap().code, Code::Unauthenticated);
    }
}
