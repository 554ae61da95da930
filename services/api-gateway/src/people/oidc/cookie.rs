//! The cookie of a browser that is on its way to a provider of identities: it is there and back in minutes,
//! and its secret is worth nothing without the login it belongs to. The way back leads to the public URL alone, so its
//! name and flags are that one's.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, time::Duration},
};
use service::origin::Scheme;
use url::Url;

use crate::{crypto::flow::Browser, kernel::http::cookie};

const LIFE: Duration = Duration::minutes(10);

fn name(public: &Url) -> String {
    format!("{}-login", Scheme::of(public).cookie())
}

pub(crate) fn read(request: &HttpRequest, public: &Url) -> Option<Browser> {
    Browser::read(service::cookie(request.headers(), &name(public))?)
}

/// `SameSite=Lax`, as the session's: the provider's page sends the browser back to us.
pub(crate) fn set(public: &Url, browser: &Browser) -> Cookie<'static> {
    let mut cookie = cookie::set(Scheme::of(public), &browser.value().into());
    cookie.set_name(name(public));
    cookie.set_max_age(LIFE);
    cookie
}

pub(crate) fn clear(public: &Url) -> Cookie<'static> {
    let mut cookie = cookie::clear(Scheme::of(public));
    cookie.set_name(name(public));
    cookie
}
