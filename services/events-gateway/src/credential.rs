//! What a caller showed: taken from the request's head; a cookie from our own pages alone, by the rule of
//! `service::origin`. It checks nobody's identity.

use actix_web::HttpRequest;
use api::{Secret, bus::Credential};
use domain::{Code, Reason};
use service::{Origins, origin::Missing};

/// Bytes of a credential; longer ones are none of ours.
const CREDENTIAL_MAX: usize = 4 << 10;

/// The query of a stream.
#[derive(Default, serde::Deserialize)]
pub(crate) struct Query {
    pub token: Option<Secret>,
    pub since: Option<String>,
    /// What EventSource polyfills that can set no header come back with: it wins over `since`, which was in the address
    /// from the first.
    #[serde(rename = "lastEventId")]
    pub last_event_id: Option<String>,
    /// Types of events, separated by commas; all if absent.
    #[serde(rename = "type")]
    pub types: Option<String>,
    /// Never accepted; named so that it can be refused.
    access_token: Option<Secret>,
}

/// A cookie of another site's page is no credential.
fn foreign(origins: &Origins) -> Reason {
    Reason::with_fix(
        Code::Forbidden,
        "This request doesn't come from this installation's own page.",
        format!(
            "Open the stream from the page at {}, or with a stream token.",
            origins.own()
        ),
    )
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
            "An access token doesn't belong in an address.",
            "Send the token as `Authorization: Bearer`, or get a stream token for `?token=`.",
        ));
    }
    let headers = request.headers();
    let credential = if let Some(token) = service::bearer(headers) {
        Credential::Bearer(token.into())
    } else if let Some(token) = query.token.take() {
        Credential::Stream(token)
    } else if let Some(cookie) = service::cookie(headers, origins.cookie(headers)) {
        let checked = origins.check_host(headers);
        let checked = checked.and_then(|()| origins.check(headers, Missing::Allowed));
        checked.map_err(|_| foreign(origins))?;
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

pub(crate) fn unauthenticated() -> Reason {
    Reason::new(Code::Unauthenticated, "Log in to open this stream.")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use actix_web::{cookie::Cookie, test::TestRequest};
    use service::OriginOptions;

    use super::*;

    fn origins(public: &str) -> Origins {
        Origins::new(&public.parse().unwrap(), &OriginOptions::default())
    }

    #[test]
    fn a_cookie_is_taken_from_our_own_page_alone() {
        let origins = origins("https://labs.example.org");
        for (name, value, allowed) in [
            ("origin", "https://labs.example.org", true),
            ("origin", "https://localhost", false),
            ("origin", "https://127.0.0.1", false),
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
