//! How a secret may look where it leaked: as it is, in base64 at each of three places, in hex, as a URL
//! or JSON writes it. A search for all of them at once.

use std::collections::BTreeMap;

use memchr::memmem;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Shorter text is found by chance.
const LEAST: usize = 12;

/// Every form of one secret, by its name.
pub(crate) fn forms(secret: &str) -> BTreeMap<String, Vec<u8>> {
    assert!(secret.len() >= LEAST, "too short to be told from chance");
    let bytes = secret.as_bytes();
    let mut forms = BTreeMap::from([
        ("plain".to_owned(), bytes.to_vec()),
        ("hex".to_owned(), hex(bytes).into_bytes()),
        ("HEX".to_owned(), hex(bytes).to_uppercase().into_bytes()),
        ("url".to_owned(), escaped(bytes, "%", "").into_bytes()),
        (
            "URL".to_owned(),
            escaped(bytes, "%", "").to_lowercase().into_bytes(),
        ),
        (
            "json".to_owned(),
            escaped(bytes, "\\u00", "-._~/+=%&").into_bytes(),
        ),
    ]);
    for before in 0..3 {
        for (alphabet, letters) in [("base64", STANDARD), ("base64url", URL_SAFE)] {
            forms.insert(
                format!("{alphabet} at {before}"),
                base64(bytes, before, letters),
            );
        }
    }
    forms
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything but letters, digits and what is allowed besides, as its number.
fn escaped(bytes: &[u8], sign: &str, besides: &str) -> String {
    let keep = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || b"-._~".contains(&byte)
            || besides.as_bytes().contains(&byte)
    };
    let one = |byte: &u8| match keep(*byte) {
        true => char::from(*byte).to_string(),
        false => format!("{sign}{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}

/// The letters that are the same whatever stands before and after, when so many bytes of another
/// group come first.
fn base64(bytes: &[u8], before: usize, letters: &[u8; 64]) -> Vec<u8> {
    let bits = |index: usize| {
        let place = index.checked_sub(before * 8)?;
        let byte = bytes.get(place / 8)?;
        Some(byte >> (7 - place % 8) & 1)
    };
    let mut text = Vec::new();
    for group in 0..(before + bytes.len()).div_ceil(3) * 4 {
        let six: Option<u8> =
            (0..6).try_fold(0, |value, bit| Some(value << 1 | bits(group * 6 + bit)?));
        match six {
            Some(six) => text.push(letters[usize::from(six)]),
            None if text.is_empty() => {}
            None => break,
        }
    }
    text
}

/// The forms in which a secret stands somewhere.
pub(crate) fn found(secret: &str, place: &[u8]) -> Vec<String> {
    let forms = forms(secret).into_iter();
    forms
        .filter(|(_, form)| memmem::find(place, form).is_some())
        .map(|(name, _)| name)
        .collect()
}

#[test]
fn the_search_finds_what_was_hidden_in_each_form() {
    use base64::{Engine, engine::general_purpose as engines};
    let secret = "c4nary/+one=two&three ends";
    assert_eq!(
        found(secret, b"nothing of it: c4nary/+one=two&thre"),
        [""; 0]
    );
    for around in ["", "a", "ab", "abc", "abcd"] {
        let text = format!("{around}{secret}{around}");
        assert_eq!(found(secret, text.as_bytes()), ["plain"]);
        for written in [
            engines::STANDARD.encode(&text),
            engines::STANDARD_NO_PAD.encode(&text),
            engines::URL_SAFE.encode(&text),
            engines::URL_SAFE_NO_PAD.encode(&text),
        ] {
            let forms = found(secret, format!("x {written} y").as_bytes());
            assert!(
                !forms.is_empty() && forms.iter().all(|form| form.starts_with("base64")),
                "{written} {forms:?}"
            );
        }
    }
    assert_eq!(
        found(
            secret,
            b"\\x63346e6172792f2b6f6e653d74776f26746872656520656e6473"
        ),
        ["hex"]
    );
    assert_eq!(
        found(
            secret,
            b"63346E6172792F2B6F6E653D74776F26746872656520656E6473"
        ),
        ["HEX"]
    );
    assert_eq!(
        found(secret, b"?a=c4nary%2F%2Bone%3Dtwo%26three%20ends"),
        ["url"]
    );
    assert_eq!(
        found(secret, b"?a=c4nary%2f%2bone%3dtwo%26three%20ends"),
        ["URL"]
    );
    assert_eq!(
        found(secret, br#""c4nary/+one=two&three\u0020ends""#),
        ["json"]
    );
}
