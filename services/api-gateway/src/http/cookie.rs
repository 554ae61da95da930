//! The session cookie: name and flags follow the public URL.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use api::Secret;
use service::origin::{cookie_name, is_protected};
use url::Url;

pub(crate) fn set(public: &Url, value: &Secret) -> Cookie<'static> {
    Cookie::build(cookie_name(public), value.expose().to_owned())
        .path("/")
        .http_only(true)
        .secure(is_protected(public))
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
            ("http://labyard.localhost:3000", "__Host-labyard", true),
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
