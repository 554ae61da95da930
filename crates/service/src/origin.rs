//! Which pages may use the session's cookie, and what it is called: one rule for every service that takes it.

use std::str::FromStr;

use actix_web::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use url::Url;

/// Where the page is at home unless the operator says otherwise: a name of its own, as a browser sends the
/// cookies of `localhost` to whatever else runs on the machine.
pub const PUBLIC_URL: &str = "http://labyard.localhost:3000";

/// The names by which a machine's own browser reaches its loopback. A port is one listener's by any of them.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// The scheme by which the edge was asked, in its own word: what a client says of it does not pass.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// By which scheme a browser asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub fn of(url: &Url) -> Self {
        match url.scheme() {
            "https" => Self::Https,
            _ => Self::Http,
        }
    }

    /// Whether every browser keeps a `Secure` cookie, and with that one whose name begins with `__Host-`. Some keep
    /// it of plain http at `localhost` and its names too; others (Safari) drop it there without a word.
    pub fn keeps_secure(self) -> bool {
        self == Self::Https
    }

    /// What the session's cookie is called.
    pub fn cookie(self) -> &'static str {
        match self {
            Self::Https => "__Host-labyard",
            Self::Http => "labyard",
        }
    }
}

/// An origin as browsers write it: scheme, host and port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("{text}: {error}"))?;
        let origin = url.origin().ascii_serialization();
        let web = matches!(url.scheme(), "http" | "https");
        if web && format!("{origin}/") == url.as_str() {
            Ok(Self(origin))
        } else {
            Err(format!(
                "{text} is not an origin; one is like https://labs.example.org"
            ))
        }
    }
}

/// Where else the page lives.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct OriginOptions {
    /// Other addresses at which people open the page, separated by commas: pages there may use the session's cookie too
    #[arg(long = "origins", env = "LABYARD_ORIGINS", value_delimiter = ',')]
    pub others: Vec<Origin>,
}

/// What a request without an `Origin` is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// A cookie came along with something that changes things: a browser sends the header with it.
    Refused,
    /// A browser sends none with a GET to its own site, and a program sends none at all.
    Allowed,
}

/// The request does not come from a page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request does not come from a page of ours")]
pub struct Foreign;

/// The origins whose pages may use the cookie.
#[derive(Debug, Clone)]
pub struct Origins {
    own: String,
    allowed: Vec<String>,
    /// The hosts where the session may live; any, if absent.
    hosts: Option<Vec<String>>,
    /// The public URL's.
    scheme: Scheme,
}

impl Origins {
    /// The public URL's and the others', to the letter. Where the public URL is on the loopback, its port is
    /// the edge's by each of the loopback's three names; no other port is.
    pub fn new(public: &Url, options: &OriginOptions) -> Self {
        let own = public.origin().ascii_serialization();
        let host = public.host_str().unwrap_or_default();
        let mut allowed = vec![own.clone()];
        if LOOPBACK.contains(&host) {
            let names = LOOPBACK.iter().filter_map(|name| {
                let mut url = public.clone();
                url.set_host(Some(name)).ok()?;
                Some(url.origin().ascii_serialization())
            });
            allowed.extend(names);
        }
        allowed.extend(options.others.iter().map(|origin| origin.0.clone()));
        allowed.sort();
        allowed.dedup();
        // A name below localhost is what the browser has typed in it. Of another one a proxy may make its own.
        let hosts = host.ends_with(".localhost").then(|| {
            let urls = allowed.iter().filter_map(|origin| Url::parse(origin).ok());
            urls.filter_map(|url| Some(url.host_str()?.to_owned()))
                .collect()
        });
        Self {
            own,
            allowed,
            hosts,
            scheme: Scheme::of(public),
        }
    }

    /// Where the page is at home.
    pub fn own(&self) -> &str {
        &self.own
    }

    /// By which scheme the browser asked: the edge's own https is another than the plain http beside it, and in front
    /// of a public URL of https somebody else takes TLS away. Who claims https for themselves has a cookie that no
    /// browser keeps.
    pub fn scheme(&self, headers: &HeaderMap) -> Scheme {
        let said = headers.get(FORWARDED_PROTO).map(|said| said.as_bytes());
        match said {
            Some(b"https") => Scheme::Https,
            _ => self.scheme,
        }
    }

    /// What the session's cookie is called in this request.
    pub fn cookie(&self, headers: &HeaderMap) -> &'static str {
        self.scheme(headers).cookie()
    }

    pub fn allow(&self, origin: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == origin)
    }

    /// Whether the session may be given to this host and taken from it. At `localhost` a browser hands it to
    /// every other port, so it never lives there while the page has a name of its own.
    ///
    /// # Errors
    /// [`Foreign`]: it may not.
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), Foreign> {
        let Some(hosts) = &self.hosts else {
            return Ok(());
        };
        let asked = headers.get(HOST).and_then(|host| host.to_str().ok());
        let asked = without_port(asked.unwrap_or_default());
        let ours = hosts.iter().any(|host| host.eq_ignore_ascii_case(asked));
        ours.then_some(()).ok_or(Foreign)
    }

    /// # Errors
    /// [`Foreign`]: a page of another origin asks, another port of this machine's too. What a page cannot
    /// write itself says so: its `Origin`, or where a browser sends none, `Sec-Fetch-Site`. A page that came by plain
    /// http, as anybody on its way may have written it, does not use the session of https.
    pub fn check(&self, headers: &HeaderMap, missing: Missing) -> Result<(), Foreign> {
        let ours = match headers.get(ORIGIN) {
            Some(origin) => origin.to_str().is_ok_and(|origin| {
                let fits = !self.scheme(headers).keeps_secure() || origin.starts_with("https://");
                fits && self.allow(origin)
            }),
            None => {
                let site = headers.get("sec-fetch-site").map(|site| site.as_bytes());
                missing == Missing::Allowed && matches!(site, None | Some(b"same-origin" | b"none"))
            }
        };
        ours.then_some(()).ok_or(Foreign)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn origins(public: &str, others: &[&str]) -> Origins {
        let others = others.iter().map(|other| other.parse().unwrap()).collect();
        Origins::new(&public.parse().unwrap(), &OriginOptions { others })
    }

    /// The public URL, the others, what is ours then, what is not.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

    #[test]
    fn an_origin_is_ours_to_the_letter() {
        let table: [Case<'_>; 5] = [
            (
                "http://localhost:3000",
                &[],
                &[
                    "http://localhost:3000",
                    "http://127.0.0.1:3000",
                    "http://[::1]:3000",
                ],
                &[
                    // What somebody else serves on this machine, forwarded from a lab or not.
                    "http://localhost:9999",
                    "http://localhost",
                    "http://127.0.0.1:8080",
                    "http://[::1]:5173",
                    "http://127.0.0.2:3000",
                    "https://localhost:3000",
                    "http://labyard.localhost:3000",
                    "http://localhost.:3000",
                    "http://LOCALHOST:3000",
                    "http://localhost:3000/",
                    "http://localhost:03000",
                    "http://0.0.0.0:3000",
                    "null",
                    "",
                ],
            ),
            (
                "https://labs.example.org",
                &[],
                &["https://labs.example.org"],
                &[
                    "https://localhost",
                    "https://127.0.0.1",
                    "http://localhost:3000",
                    "http://labs.example.org",
                    "https://labs.example.org:444",
                    "https://labs.example.org.evil.test",
                    "https://evil.labs.example.org",
                ],
            ),
            (
                "http://labyard.localhost:3000",
                &[],
                &["http://labyard.localhost:3000"],
                &[
                    "http://localhost:3000",
                    "http://127.0.0.1:3000",
                    "http://other.localhost:3000",
                ],
            ),
            (
                "http://localhost:3000",
                &["http://localhost:5173"],
                &["http://localhost:3000", "http://localhost:5173"],
                &["http://127.0.0.1:5173", "http://localhost:5174"],
            ),
            (
                "https://labs.example.org/under/here",
                &["https://old.example.org/"],
                &["https://labs.example.org", "https://old.example.org"],
                &[
                    "https://labs.example.org/under/here",
                    "http://old.example.org",
                ],
            ),
        ];
        for (public, others, ours, theirs) in table {
            let origins = origins(public, others);
            for origin in ours {
                assert!(origins.allow(origin), "{public}: {origin}");
            }
            for origin in theirs {
                assert!(!origins.allow(origin), "{public}: {origin}");
            }
        }
    }

    #[test]
    fn a_session_lives_at_the_page_s_own_host() {
        let check = |public, others: &[&str], host: &'static str| {
            let host = [(HOST, HeaderValue::from_static(host))];
            let headers = host.into_iter().collect();
            origins(public, others).check_host(&headers).is_ok()
        };
        for ours in [
            "labyard.localhost:3000",
            "LABYARD.localhost:3000",
            // A tunnel's port; whether a page there may use the cookie, its origin says.
            "labyard.localhost:8080",
            "labyard.localhost",
        ] {
            assert!(check(PUBLIC_URL, &[], ours), "{ours}");
        }
        for theirs in [
            "localhost:3000",
            "127.0.0.1:3000",
            "[::1]:3000",
            "evil.localhost:3000",
            "labyard.localhost.evil.test",
            "labyard.localhost@localhost:3000",
            "labyard.localhost#@localhost:3000",
            "",
        ] {
            assert!(!check(PUBLIC_URL, &[], theirs), "{theirs}");
        }
        assert!(
            origins(PUBLIC_URL, &[])
                .check_host(&HeaderMap::new())
                .is_err()
        );
        let others = ["http://localhost:5173"];
        assert!(check(PUBLIC_URL, &others, "localhost:5173"));
        assert!(!check(PUBLIC_URL, &others, "127.0.0.1:5173"));
        // A proxy in front may call us by another name.
        for public in ["https://labs.example.org", "http://localhost:3000"] {
            assert!(check(public, &[], "127.0.0.1:3000"), "{public}");
        }
    }

    #[test]
    fn what_is_no_origin_is_no_setting() {
        for text in [
            "",
            "*",
            "null",
            "localhost:5173",
            "ftp://example.org",
            "file:///",
            "https://example.org/page",
            "https://user@example.org",
            "https://example.org?x",
            "https://*.example.org/x",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn without_an_origin_a_browser_says_where_it_is() {
        let origins = origins("http://localhost:3000", &[]);
        let check = |headers: &[(&'static str, &'static str)], missing| {
            let headers = headers.iter().map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            origins.check(&headers.collect(), missing).is_ok()
        };
        for (site, allowed) in [
            ("same-origin", true),
            ("none", true),
            // Another port of this machine.
            ("same-site", false),
            ("cross-site", false),
            ("", false),
        ] {
            let headers = [("sec-fetch-site", site)];
            assert_eq!(check(&headers, Missing::Allowed), allowed, "{site}");
            assert!(!check(&headers, Missing::Refused), "{site}");
        }
        assert!(check(&[], Missing::Allowed) && !check(&[], Missing::Refused));
        for missing in [Missing::Allowed, Missing::Refused] {
            assert!(check(&[("origin", "http://localhost:3000")], missing));
            let both = [
                ("origin", "http://localhost:9999"),
                ("sec-fetch-site", "same-origin"),
            ];
            assert!(!check(&both, missing));
        }
    }

    #[test]
    fn the_cookie_s_name_follows_the_public_url() {
        for (public, cookie) in [
            ("http://localhost:3000", "labyard"),
            ("http://labyard.localhost:3000", "labyard"),
            ("https://labs.example.org", "__Host-labyard"),
            ("http://labs.example.org", "labyard"),
            ("http://127.0.0.1:3000", "labyard"),
            ("http://192.0.2.7:3000", "labyard"),
            ("http://localhost.example.org", "labyard"),
        ] {
            let plain = HeaderMap::new();
            assert_eq!(origins(public, &[]).cookie(&plain), cookie, "{public}");
        }
    }

    #[test]
    fn what_came_over_https_is_for_pages_of_https() {
        let own = "https://labyard.localhost:3443";
        let origins = origins(PUBLIC_URL, &[own]);
        let asked = |scheme: &'static str, origin: &'static str| {
            let headers = [
                (FORWARDED_PROTO, HeaderValue::from_static(scheme)),
                (ORIGIN, HeaderValue::from_static(origin)),
            ];
            let headers: HeaderMap = headers.into_iter().collect();
            let allowed = origins.check(&headers, Missing::Refused).is_ok();
            (origins.cookie(&headers), allowed)
        };
        let (guarded, plain) = ("__Host-labyard", "labyard");
        assert_eq!(asked("https", own), (guarded, true));
        assert_eq!(asked("https", PUBLIC_URL), (guarded, false));
        assert_eq!(asked("http", PUBLIC_URL), (plain, true));
        for scheme in ["HTTPS", "https, http", "wss", ""] {
            assert_eq!(asked(scheme, PUBLIC_URL), (plain, true), "{scheme}");
        }
        for theirs in ["https://labyard.localhost", "https://localhost:3443"] {
            assert_eq!(asked("https", theirs), (guarded, false), "{theirs}");
        }
    }
}
