//! What reads a stranger's bytes here, as functions of bytes alone, for `e2e/fuzz`. Each holds what was read against
//! what must be true of it; nothing of a running service calls them.

use std::{collections::BTreeMap, net::IpAddr, sync::OnceLock};

use api::Secret;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{SessionId, UserId};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Map, Value, json};
use url::{Host, Url};

use crate::{
    config::Options,
    crypto::{Keys, flow::Browser, link::Link, secret, token::Purpose},
    notify::webhook,
    openid::claims::{Expected, KeySet, verify},
    outgoing::Outgoing,
    people::trust::rule,
};

/// When the tokens below are looked at, in seconds since 1970, and how far two clocks may be apart.
const NOW: f64 = 1_800_000_000.0;
const LEEWAY: f64 = 30.0;
const ISSUER: &str = "https://id.example.org";
const AUDIENCE: &str = "labyard";
const NONCE: &str = "once";
/// Of a device's code: eight of them.
const LETTERS: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";

fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let secret = "f".repeat(32);
        let arguments = ["x", "--secret-key", &secret, "--encryption-key", &secret];
        let options = <Options as clap::Parser>::try_parse_from(arguments);
        let derived = options
            .map_err(anyhow::Error::from)
            .map(|options| Keys::derive(&options));
        match derived {
            Ok(Ok(keys)) => keys,
            _ => panic!("no keys"),
        }
    })
}

/// What a stranger shows as a secret: nothing that was not made here is read as one, and a code is its letters alone.
/// Bytes that begin with a number are changes of a good secret of that kind: it is good as it is and not otherwise.
pub fn secrets(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        for good in good() {
            read(good, text);
        }
        typed(text);
    }
    let (Some((which, changes)), all) = (bytes.split_first(), good()) else {
        return;
    };
    let good = &all[usize::from(*which) % all.len()];
    let mut other = good.text.expose().as_bytes().to_vec();
    for change in changes.chunks_exact(2).take(4) {
        let place = usize::from(change[0]) % other.len();
        other[place] = change[1];
    }
    if let Ok(text) = std::str::from_utf8(&other) {
        read(good, text);
    }
}

/// A secret of ours and what reads its kind.
struct Good {
    text: Secret,
    reads: fn(&str) -> bool,
    /// White space around it is what people copy along.
    trimmed: bool,
}

fn read(good: &Good, text: &str) {
    let shown = if good.trimmed { text.trim() } else { text };
    let ours = shown == good.text.expose();
    assert_eq!((good.reads)(text), ours, "{text:?}");
}

fn good() -> &'static [Good] {
    static GOOD: OnceLock<Vec<Good>> = OnceLock::new();
    GOOD.get_or_init(|| {
        let id = SessionId::from_uuid(Default::default());
        let link = |link, reads: fn(&str) -> bool| Good {
            text: keys().link(link, id.uuid()),
            reads,
            trimmed: true,
        };
        let mut good = vec![
            link(Link::Invitation, |text| {
                keys().read_link(Link::Invitation, &text.into()).is_some()
            }),
            link(Link::Share, |text| {
                keys().read_link(Link::Share, &text.into()).is_some()
            }),
            link(Link::Reset, |text| {
                keys().read_link(Link::Reset, &text.into()).is_some()
            }),
            Good {
                text: keys().refresh_token(id, 7),
                reads: |text| keys().read_refresh_token(text).is_some(),
                trimmed: false,
            },
        ];
        let jwt = |purpose| keys().jwt(purpose, UserId::from_uuid(Default::default()), id);
        // Good for as long as this runs, if it runs for less than an hour.
        if let Ok(text) = jwt(Purpose::Access) {
            good.push(Good {
                text,
                reads: |text| keys().read_jwt(Purpose::Access, text).is_some(),
                trimmed: false,
            });
        }
        good
    })
}

/// What somebody typed or a browser kept.
fn typed(text: &str) {
    let letters: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let letters = letters.to_ascii_uppercase();
    let hash = keys().user_code_hash(text);
    assert_eq!(hash, keys().user_code_hash(&letters), "{text:?}");
    let whole = letters.len() == 8 && letters.bytes().all(|letter| LETTERS.contains(&letter));
    assert_eq!(hash.is_some(), whole, "{text:?}");
    if secret::read(text).is_some() {
        assert!(
            secret::is_token(text) && text.is_ascii() && text.len() == 85,
            "{text:?}"
        );
    }
    if let Some(browser) = Browser::read(text) {
        assert_eq!((browser.value(), text.len()), (text, 43));
    }
}

/// A provider's token, as somebody brings it: a line of its header, a line of its claims, a line of what the trust asks
/// for, and the rest is a set of keys. The signature is good, so all that is said has to be true.
pub fn claims(bytes: &[u8]) {
    let mut parts = bytes.splitn(4, |byte| *byte == b'\n');
    let mut part = || parts.next().unwrap_or_default();
    let (header, claims, asked, set) = (part(), part(), part(), part());
    if let Ok(document) = serde_json::from_slice(set) {
        let _ = KeySet::read(&document).knows(&String::from_utf8_lossy(header));
    }
    let expected = Expected {
        issuer: ISSUER,
        audience: AUDIENCE,
        nonce: Some(NONCE),
    };
    let head = URL_SAFE_NO_PAD.encode(header);
    let message = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let Some(signature) = sign(&message) else {
        panic!("it could not be signed");
    };
    let token = format!("{message}.{signature}");
    let Ok(read) = verify(&token, &provider(), expected, NOW) else {
        return;
    };
    said(header, &read.all, &read.subject);
    let unsigned = format!("{message}.");
    assert!(verify(&unsigned, &provider(), expected, NOW).is_err());
    assert!(verify(&token, &KeySet::default(), expected, NOW).is_err());
    if let Ok(asked) = serde_json::from_slice::<BTreeMap<String, String>>(asked)
        && rule::unlike(&asked, &read.all).is_none()
    {
        trusted(&asked, &read.all);
    }
}

fn said(header: &[u8], claims: &Map<String, Value>, subject: &str) {
    let header: Value = serde_json::from_slice(header).unwrap_or_default();
    assert_eq!(header["alg"], "EdDSA", "{header}");
    assert!(header.get("crit").is_none_or(Value::is_null), "{header}");
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["nonce"], NONCE);
    assert_eq!(claims["sub"], subject);
    assert!(!subject.is_empty() && subject.chars().count() <= 255);
    let many = [json!(AUDIENCE)];
    let audiences = claims["aud"].as_array().map_or(&many[..], Vec::as_slice);
    assert!(claims["aud"] == AUDIENCE || audiences.contains(&json!(AUDIENCE)));
    assert!(claims["exp"].as_f64().is_some_and(|end| end + LEEWAY > NOW));
    assert!(
        claims["iat"]
            .as_f64()
            .is_some_and(|begin| begin - LEEWAY <= NOW)
    );
}

/// Everything that was asked for is said, whole or up to its star.
fn trusted(asked: &BTreeMap<String, String>, said: &Map<String, Value>) {
    for (name, asked) in asked {
        let said = match &said[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let like = match asked.split_once('*') {
            Some((begin, "")) => said.starts_with(begin),
            _ => said == *asked,
        };
        assert!(
            like || asked.matches('*').count() > 1,
            "{name}: {said} for {asked}"
        );
    }
}

/// An Ed25519 key as PKCS#8 has it, and the same as its provider publishes it.
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

fn sign(message: &str) -> Option<String> {
    static KEY: OnceLock<EncodingKey> = OnceLock::new();
    let key = KEY.get_or_init(|| EncodingKey::from_ed_der(&[PKCS8.as_slice(), &[7; 32]].concat()));
    jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA).ok()
}

fn provider() -> KeySet {
    KeySet::read(&json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "one",
        "x": "6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw",
    }] }))
}

/// The address of a webhook: what is taken leads to the public internet, over TLS, and is the same when it is read again.
pub fn address(bytes: &[u8]) {
    static OUTGOING: OnceLock<Outgoing> = OnceLock::new();
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let outgoing = OUTGOING.get_or_init(|| {
        service::install_crypto();
        match Outgoing::new(&[]) {
            Ok(outgoing) => outgoing,
            Err(error) => panic!("{error:#}"),
        }
    });
    let Ok(taken) = webhook::address(outgoing, text) else {
        return;
    };
    assert_eq!(webhook::address(outgoing, &taken), Ok(taken.clone()));
    let Ok(url) = Url::parse(&taken) else {
        panic!("{taken} is no address");
    };
    assert_eq!((url.scheme(), url.fragment()), ("https", None));
    assert!(
        !taken.split('/').nth(2).unwrap_or_default().contains('@'),
        "{taken}"
    );
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip),
        Some(Host::Ipv6(ip)) => ip.to_canonical(),
        Some(Host::Domain(name)) => {
            return assert!(!name.is_empty() && name.parse::<IpAddr>().is_err());
        }
        None => panic!("{taken} has no host"),
    };
    match ip {
        IpAddr::V4(ip) => assert!(
            !(ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_multicast())
                && !(ip.is_broadcast() || ip.is_documentation() || ip.is_unspecified()),
            "{taken}"
        ),
        IpAddr::V6(ip) => assert_eq!(ip.segments()[0] >> 13, 1, "{taken}"),
    }
}
