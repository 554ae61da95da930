//! Where a labyard answers: one spelling for each, and whether a proxy stands in between.

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use url::Host;

/// The address of a labyard as it is stored and compared: scheme, host and port only. The text may have blanks around
/// it, upper case, and the path of a page.
///
/// # Errors
/// When it isn't such an address; the text says what to change, as a sentence.
pub fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("The address has a blank or a line break in it.".into());
    }
    let like = "Give http:// or https:// and a host, like http://localhost:3000.";
    let url = Url::parse(text).map_err(|_| like.to_owned())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(like.into());
    }
    for (part, is_there) in [
        ("a name or password", has_credential(&url)),
        ("a query (?…)", url.query().is_some()),
        ("a fragment (#…)", url.fragment().is_some()),
    ] {
        if is_there {
            return Err(format!("The address has {part} in it. Leave that out."));
        }
    }
    Ok(url.origin().ascii_serialization())
}

fn has_credential(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// This machine itself: whatever is set for the world, no proxy sees what is sent there.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        None => false,
    }
}

/// The proxy through which an address is asked, without its password.
pub(super) fn proxy(url: &Url) -> Option<String> {
    if is_loopback(url) {
        return None;
    }
    let way = Matcher::from_system().intercept(&url.as_str().parse().ok()?)?;
    let (host, port) = (way.uri().host()?, way.uri().port());
    Some(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_the_address_that_is_meant() {
        for (pasted, kept) in [
            ("http://localhost:3000", "http://localhost:3000"),
            (
                " https://Labs.Example.ORG/ \r\n",
                "https://labs.example.org",
            ),
            ("HTTPS://labs.example.org:443", "https://labs.example.org"),
            (
                "https://labs.example.org/dashboard",
                "https://labs.example.org",
            ),
            (
                "http://labs.example.org:8080/a/b/",
                "http://labs.example.org:8080",
            ),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(address(pasted).unwrap(), kept, "{pasted:?}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_the_reason() {
        for (pasted, word) in [
            ("", "http://"),
            ("localhost:3000", "http://"),
            ("ftp://labs.example.org", "http://"),
            ("https://labs.example.org/?next=/", "query"),
            ("https://labs.example.org/#top", "fragment"),
            ("https://anna:secret@labs.example.org", "password"),
            ("https://labs.example .org", "blank"),
            ("https://labs\r\n.example.org", "line break"),
        ] {
            let why = address(pasted).unwrap_err();
            assert!(why.contains(word), "{pasted:?}: {why}");
            assert!(!why.contains("secret"), "{why}");
        }
    }

    #[test]
    fn this_machine_is_told_from_the_world() {
        let local = |text: &str| is_loopback(&Url::parse(text).unwrap());
        for text in [
            "http://localhost:3000",
            "http://LOCALHOST",
            "http://labyard.localhost:3000",
            "http://localhost./",
            "http://127.0.0.1",
            "http://127.9.8.7:1",
            "http://[::1]",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(local(text), "{text}");
            assert_eq!(proxy(&Url::parse(text).unwrap()), None, "{text}");
        }
        for text in [
            "http://localhost.example.org",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert!(!local(text), "{text}");
        }
    }
}
