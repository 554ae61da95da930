//! The session cookie: name and flags follow the public URL.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use api::Secret;
use url::Url;

/// Browsers drop a `__Host-` cookie silently where the connection is not protected.
pub(crate) fn name(public: &Url) -> &'static str {
    if secure(public) {
        "__Host-labyard"
    } else {
        "labyard"
    }
}

fn secure(public: &Url) -> bool {
    public.scheme() == "https" || public.host_str() == Some("localhost")
}

pub(crate) fn set(public: &Url, value: &Secret) -> Cookie<'static> {
    Cookie::build(name(public), value.expose().to_owned())
        .path("/")
        .http_only(true)
        .secure(secure(public))
        .same_site(SameSite::Lax)
        .max_age(Duration::days(30))
        .finish()
}

pub(crate) fn clear(public: &Url) -> Cookie<'static> {
    let mut cookie = set(public, &Secret::default());
    cookie.make_removal();
    cookie
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_the_public_url() {
        for (url, name, secure) in [
            ("http://localhost:3000", "__Host-labyard", true),
            ("https://labs.example.org", "__Host-labyard", true),
            ("http://labs.example.org:3000", "labyard", false),
        ] {
            let cookie = set(&Url::parse(url).unwrap(), &"v".into());
            assert_eq!(
                (cookie.name(), cookie.secure()),
                (name, Some(secure)),
                "{url}"
            );
            assert_eq!(
                (cookie.http_only(), cookie.path(), cookie.domain()),
                (Some(true), Some("/"), None)
            );
        }
    }
}
