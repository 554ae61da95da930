//! The session cookie: name and flags follow the scheme by which the browser asks.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use api::Secret;
use service::origin::Scheme;

pub(crate) fn set(scheme: Scheme, value: &Secret) -> Cookie<'static> {
    Cookie::build(scheme.cookie(), value.expose().to_owned())
        .path("/")
        .http_only(true)
        .secure(scheme.keeps_secure())
        .same_site(SameSite::Lax)
        .max_age(Duration::days(30))
        .finish()
}

pub(crate) fn clear(scheme: Scheme) -> Cookie<'static> {
    let mut cookie = set(scheme, &Secret::default());
    cookie.make_removal();
    cookie
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_keeps_the_cookie_that_it_is_given() {
        for (url, name, secure) in [
            ("http://localhost:3000", "labyard", false),
            ("http://labyard.localhost:3000", "labyard", false),
            ("http://127.0.0.1:3000", "labyard", false),
            ("https://labs.example.org", "__Host-labyard", true),
            ("http://labs.example.org:3000", "labyard", false),
        ] {
            let cookie = set(Scheme::of(&url.parse().unwrap()), &"v".into());
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
