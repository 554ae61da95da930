//! How an address can be mistaken for another: letters outside ASCII, spelled out and compared by Unicode's own
//! tables (UTS 39). Refuses nothing: whoever shares decides.

use api::share::{Lookalike, Person};
use domain::UserId;
use unicode_security::{MixedScript, skeleton};

/// A person as others see them, with what is known of their address.
pub(crate) fn person(user_id: UserId, name: String, email: String, email_verified: bool) -> Person {
    Person {
        user_id,
        name,
        lookalike: of(&email),
        email,
        email_verified,
    }
}

/// Nothing for an address that is all ASCII.
fn of(email: &str) -> Option<Lookalike> {
    if email.is_ascii() {
        return None;
    }
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let mixed = |part: &str| !part.is_single_script();
    Some(Lookalike {
        spelled: format!("{}@{}", escaped(local), in_dns(domain)),
        looks_like: email.chars().map(in_ascii).collect(),
        mixed_scripts: mixed(local) || domain.split('.').any(mixed),
    })
}

fn escaped(text: &str) -> String {
    let each = |c: char| match c.is_ascii() {
        true => c.to_string(),
        false => c.escape_unicode().to_string(),
    };
    text.chars().map(each).collect()
}

/// As DNS has it; what can be no domain is spelled like the rest.
fn in_dns(domain: &str) -> String {
    idna::domain_to_ascii(domain).unwrap_or_else(|_| escaped(domain))
}

/// The letter of ASCII that this looks like.
fn in_ascii(c: char) -> Option<char> {
    let shape = |c: char| skeleton(c.encode_utf8(&mut [0; 4])).collect::<String>();
    let seen = shape(c);
    let mut ascii = ('a'..='z').chain('0'..='9').chain('!'..='~');
    match c.is_ascii() {
        true => Some(c),
        false => ascii.find(|ascii| shape(*ascii) == seen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_looks_like_another_is_told_from_it() {
        // Cyrillic а and е; a Greek ο; a Latin letter with an accent; nothing but Cyrillic; nothing to see.
        for (email, spelled, looks_like, mixed_scripts) in [
            (
                "\u{430}na@example.org",
                "\\u{430}na@example.org",
                Some("ana@example.org"),
                true,
            ),
            (
                "ana@\u{435}xample.org",
                "ana@xn--xample-2of.org",
                Some("ana@example.org"),
                true,
            ),
            (
                "b\u{3bf}b@example.org",
                "b\\u{3bf}b@example.org",
                Some("bob@example.org"),
                true,
            ),
            (
                "andr\u{e9}@example.org",
                "andr\\u{e9}@example.org",
                None,
                false,
            ),
            (
                "\u{430}\u{441}\u{435}@example.org",
                "\\u{430}\\u{441}\\u{435}@example.org",
                Some("ace@example.org"),
                false,
            ),
            (
                "ana\u{200b}@example.org",
                "ana\\u{200b}@example.org",
                None,
                false,
            ),
            (
                "ana@b\u{fc}cher.example",
                "ana@xn--bcher-kva.example",
                None,
                false,
            ),
        ] {
            let told = of(email);
            let expected = Lookalike {
                spelled: spelled.to_owned(),
                looks_like: looks_like.map(str::to_owned),
                mixed_scripts,
            };
            assert_eq!(told, Some(expected), "{email}");
        }
    }

    #[test]
    fn what_is_all_ascii_is_what_it_looks_like() {
        for email in ["ana@example.org", "a.b+c@xn--bcher-kva.example", ""] {
            assert_eq!(of(email), None, "{email}");
        }
    }
}
