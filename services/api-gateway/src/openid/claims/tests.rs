//! Tokens that prove nothing, each for one reason.
#![allow(clippy::unwrap_used)]

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;

use crate::{crypto::stranger_tests::nothing_else_is_good, openid::claims::*};

const NOW: f64 = 1_000_000.0;
const EXPECTED: Expected<'_> = Expected {
    issuer: "https://id.example.org",
    audience: "labyard",
    nonce: Some("n"),
};

/// A provider with one key.
struct Provider {
    sign: EncodingKey,
    public: String,
}

impl Provider {
    fn new() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        Self {
            sign: EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref()),
            public: URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
        }
    }

    fn key(&self, kid: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": self.public, "kid": kid, "use": "sig", "alg": "EdDSA" })
    }

    fn keys(&self) -> KeySet {
        KeySet::read(&json!({ "keys": [self.key("k")] }))
    }

    fn token(&self, kid: Option<&str>, claims: &Value) -> String {
        let header = Header {
            kid: kid.map(str::to_owned),
            ..Header::new(Algorithm::EdDSA)
        };
        jsonwebtoken::encode(&header, claims, &self.sign).unwrap()
    }
}

fn good() -> Value {
    json!({
        "iss": EXPECTED.issuer, "aud": "labyard", "sub": "ana", "nonce": "n",
        "iat": NOW - 1.0, "exp": NOW + 60.0, "email": "ana@example.org",
    })
}

/// What is said of a token with these claims.
fn said(change: impl FnOnce(&mut Value)) -> Result<String, Untrusted> {
    let provider = Provider::new();
    let mut claims = good();
    change(&mut claims);
    let token = provider.token(Some("k"), &claims);
    verify(&token, &provider.keys(), EXPECTED, NOW).map(|claims| claims.subject)
}

#[test]
fn a_good_token_says_who_somebody_is() {
    assert_eq!(said(|_| {}).as_deref(), Ok("ana"));
    assert_eq!(
        said(|claims| claims["aud"] = json!(["labyard"])).as_deref(),
        Ok("ana")
    );
}

#[test]
fn a_token_that_was_changed_proves_nothing() {
    let provider = Provider::new();
    let (token, keys) = (provider.token(Some("k"), &good()), provider.keys());
    nothing_else_is_good(&token.into(), |text| {
        verify(text, &keys, EXPECTED, NOW).ok()
    });
}

#[test]
fn each_claim_is_needed_and_of_its_type() {
    for (claim, error) in [
        ("iss", Untrusted::Claim("iss")),
        ("aud", Untrusted::Claim("aud")),
        ("sub", Untrusted::Claim("sub")),
        ("nonce", Untrusted::Claim("nonce")),
        ("iat", Untrusted::Claim("iat")),
        ("exp", Untrusted::Claim("exp")),
    ] {
        let absent = said(|claims| drop(claims.as_object_mut().unwrap().remove(claim)));
        assert_eq!(absent, Err(error), "{claim}");
        for wrong in [
            json!(null),
            json!("another"),
            json!([]),
            json!({}),
            json!(true),
        ] {
            let text = wrong == "another" && claim == "sub";
            let refused = said(|claims| claims[claim] = wrong.clone());
            assert!(text || refused.is_err(), "{claim} {wrong}");
        }
    }
    assert_eq!(
        said(|claims| claims["sub"] = json!("")),
        Err(Untrusted::Claim("sub"))
    );
    assert_eq!(
        said(|claims| claims["sub"] = json!("x".repeat(256))),
        Err(Untrusted::Claim("sub"))
    );
    assert_eq!(
        said(|claims| claims["nbf"] = json!("1")),
        Err(Untrusted::Claim("nbf"))
    );
}

#[test]
fn a_token_is_good_in_its_time_alone() {
    for (claim, at) in [
        ("exp", NOW - 31.0),
        ("nbf", NOW + 31.0),
        ("iat", NOW + 31.0),
    ] {
        assert_eq!(
            said(|claims| claims[claim] = json!(at)),
            Err(Untrusted::Time),
            "{claim}"
        );
    }
    assert!(
        said(|claims| claims["exp"] = json!(NOW - 29.0)).is_ok(),
        "clocks differ a little"
    );
    assert_eq!(
        said(|claims| claims["exp"] = json!(0)),
        Err(Untrusted::Time)
    );
}

#[test]
fn another_issuer_is_another_to_the_letter() {
    for issuer in [
        "https://id.example.org/",
        "https://ID.example.org",
        "http://id.example.org",
        "",
    ] {
        let refused = said(|claims| claims["iss"] = json!(issuer));
        assert_eq!(refused, Err(Untrusted::Claim("iss")), "{issuer}");
    }
}

#[test]
fn a_token_for_others_is_not_for_us() {
    assert_eq!(
        said(|claims| claims["aud"] = json!(["others"])),
        Err(Untrusted::Claim("aud"))
    );
    let several = json!(["labyard", "others"]);
    assert_eq!(
        said(|claims| claims["aud"] = several.clone()),
        Err(Untrusted::Claim("azp"))
    );
    let party = |party: &str| {
        said(|claims| {
            claims["aud"] = several.clone();
            claims["azp"] = json!(party);
        })
    };
    assert_eq!(party("others"), Err(Untrusted::Claim("azp")));
    assert!(party("labyard").is_ok());
}

#[test]
fn a_signature_is_one_of_the_providers_keys() {
    let (ours, other) = (Provider::new(), Provider::new());
    let refused = |token: &str| verify(token, &ours.keys(), EXPECTED, NOW).unwrap_err();
    assert_eq!(
        refused(&other.token(Some("k"), &good())),
        Untrusted::Signature
    );
    assert_eq!(
        refused(&ours.token(Some("new"), &good())),
        Untrusted::UnknownKey
    );
    assert!(!ours.keys().knows(&ours.token(Some("new"), &good())));
    let token = ours.token(Some("k"), &good());
    assert!(ours.keys().knows(&token));
    let (head, rest) = token.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let mut claims = good();
    claims["sub"] = json!("ben");
    let forged = URL_SAFE_NO_PAD.encode(claims.to_string());
    assert_eq!(
        refused(&format!("{head}.{forged}.{signature}")),
        Untrusted::Signature
    );
    assert_eq!(refused(&format!("{rest}.")), Untrusted::Malformed);
    // Without a name any key of the provider's may be meant.
    assert!(verify(&ours.token(None, &good()), &ours.keys(), EXPECTED, NOW).is_ok());
}

/// A token with this header and no signature worth the name.
fn unsigned(header: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.c2ln", part(header), part(&good()))
}

#[test]
fn no_algorithm_and_shared_secrets_are_refused() {
    let provider = Provider::new();
    for (header, error) in [
        (json!({ "alg": "none" }), Untrusted::Malformed),
        (json!({ "alg": "None", "kid": "k" }), Untrusted::Malformed),
        (json!({ "alg": "HS256", "kid": "k" }), Untrusted::Algorithm),
        (json!({ "alg": "RS256", "kid": "k" }), Untrusted::UnknownKey),
        (
            json!({ "alg": "EdDSA", "kid": "k", "crit": ["b64"], "b64": false }),
            Untrusted::Malformed,
        ),
    ] {
        let refused = verify(&unsigned(&header), &provider.keys(), EXPECTED, NOW);
        assert_eq!(refused.unwrap_err(), error, "{header}");
    }
    // The public key taken for a shared secret.
    let secret = EncodingKey::from_secret(provider.public.as_bytes());
    let forged = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &good(), &secret).unwrap();
    let refused = verify(&forged, &provider.keys(), EXPECTED, NOW);
    assert_eq!(refused.unwrap_err(), Untrusted::Algorithm);
}

#[test]
fn keys_that_sign_nothing_are_left_out_and_what_is_read_is_bounded() {
    let provider = Provider::new();
    let mut encrypts = provider.key("k");
    encrypts["use"] = json!("enc");
    let secret = json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "k" });
    let none = KeySet::read(&json!({ "keys": [encrypts, secret, { "kty": "new" }, 7] }));
    assert!(!none.knows(&provider.token(Some("k"), &good())));
    let many: Vec<Value> = (0..2 * KEYS_MAX)
        .map(|n| provider.key(&n.to_string()))
        .collect();
    assert_eq!(KeySet::read(&json!({ "keys": many })).0.len(), KEYS_MAX);
    for document in [json!(null), json!({}), json!({ "keys": "x" })] {
        assert!(KeySet::read(&document).0.is_empty());
    }
}

#[test]
fn garbage_is_refused() {
    let provider = Provider::new();
    let long = "x".repeat(TOKEN_MAX + 1);
    for token in ["", ".", "..", "a.b.c", "é.é.é", &long] {
        let refused = verify(token, &provider.keys(), EXPECTED, NOW);
        assert_eq!(refused.unwrap_err(), Untrusted::Malformed);
    }
}
