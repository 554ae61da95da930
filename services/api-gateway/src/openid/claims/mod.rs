//! What a provider's token says, once it is proven: signature, algorithm, issuer, audience, time. Pure.

use jsonwebtoken::{
    Algorithm, DecodingKey, Validation,
    jwk::{AlgorithmParameters, Jwk, PublicKeyUse},
};
use serde_json::{Map, Value};

/// Public-key algorithms alone: with a shared secret, or none, whoever reads a token can make one.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];
/// Seconds that two clocks may differ.
const LEEWAY_SECS: f64 = 30.0;
/// Characters of a subject (OpenID Connect Core §2).
const SUBJECT_MAX: usize = 255;
/// Keys of one provider that are looked at.
const KEYS_MAX: usize = 32;
/// Bytes of a token.
const TOKEN_MAX: usize = 16 << 10;

/// What a token has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    /// Of the login it answers; `None` where no browser is involved.
    pub(crate) nonce: Option<&'a str>,
}

/// What a proven token says.
#[derive(Debug, Clone)]
pub(crate) struct Claims {
    pub(crate) subject: String,
    pub(crate) all: Map<String, Value>,
}

/// Why a token proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Untrusted {
    #[error("this is no token that can be read")]
    Malformed,
    #[error("the token's algorithm is not one of the allowed ones")]
    Algorithm,
    #[error("the provider has no such key")]
    UnknownKey,
    #[error("the signature is not the provider's")]
    Signature,
    #[error("the claim {0} is missing or not what it should be")]
    Claim(&'static str),
    #[error("the token is not good any more, or not yet")]
    Time,
}

/// A provider's public keys, each with what it is for.
#[derive(Clone, Default)]
pub(crate) struct KeySet(Vec<Jwk>);

impl KeySet {
    /// The keys of a JWK set; those of kinds that are not allowed are left out.
    pub(crate) fn read(document: &Value) -> Self {
        let keys = document.get("keys").and_then(Value::as_array);
        let usable = |key: &Jwk| {
            let secret = matches!(
                key.algorithm,
                AlgorithmParameters::OctetKey(_) | AlgorithmParameters::Other(_)
            );
            let signs = matches!(
                key.common.public_key_use,
                None | Some(PublicKeyUse::Signature)
            );
            !secret && signs
        };
        let keys = keys.into_iter().flatten();
        // One key that this build cannot read must not take the others with it.
        let keys = keys.filter_map(|key| serde_json::from_value::<Jwk>(key.clone()).ok());
        Self(keys.filter(usable).take(KEYS_MAX).collect())
    }

    /// The keys that a token of this header may be signed with.
    fn of<'a>(
        &'a self,
        kid: Option<&'a str>,
        algorithm: Algorithm,
    ) -> impl Iterator<Item = &'a Jwk> {
        self.0.iter().filter(move |key| {
            let named = kid.is_none_or(|kid| key.common.key_id.as_deref() == Some(kid));
            let bound = key.common.key_algorithm.map(|bound| bound.to_string());
            named && bound.is_none_or(|bound| bound == format!("{algorithm:?}"))
        })
    }

    /// Whether a token's key is here.
    pub(crate) fn knows(&self, token: &str) -> bool {
        header(token)
            .is_ok_and(|header| self.of(header.kid.as_deref(), header.alg).next().is_some())
    }
}

fn header(token: &str) -> Result<jsonwebtoken::Header, Untrusted> {
    if token.len() > TOKEN_MAX {
        return Err(Untrusted::Malformed);
    }
    // `none`, and whatever else is no algorithm of a signature, cannot be read.
    let header = jsonwebtoken::decode_header(token).map_err(|_| Untrusted::Malformed)?;
    // What is critical to understand, and is not understood here (RFC 7515 §4.1.11).
    if header.crit.is_some() {
        return Err(Untrusted::Malformed);
    }
    match ALGORITHMS.contains(&header.alg) {
        true => Ok(header),
        false => Err(Untrusted::Algorithm),
    }
}

/// What a token says, if all of it holds at `now` (seconds since 1970).
pub(crate) fn verify(
    token: &str,
    keys: &KeySet,
    expected: Expected<'_>,
    now: f64,
) -> Result<Claims, Untrusted> {
    let header = header(token)?;
    let mut validation = Validation::new(header.alg);
    // What is said is checked below, each claim by its type: the library passes over wrong ones.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let mut found = Err(Untrusted::UnknownKey);
    for key in keys.of(header.kid.as_deref(), header.alg) {
        let Ok(key) = DecodingKey::from_jwk(key) else {
            continue;
        };
        match jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation) {
            Ok(read) => {
                found = Ok(read.claims);
                break;
            }
            Err(_) => found = Err(Untrusted::Signature),
        }
    }
    let all = found?;
    check_time(&all, now)?;
    check_party(&all, expected)?;
    let subject = text(&all, "sub").ok_or(Untrusted::Claim("sub"))?;
    // One with a zero byte would be kept as another's.
    let fits = (1..=SUBJECT_MAX).contains(&subject.chars().count());
    if !fits || subject.contains('\0') {
        return Err(Untrusted::Claim("sub"));
    }
    Ok(Claims {
        subject: subject.to_owned(),
        all,
    })
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

fn check_time(claims: &Map<String, Value>, now: f64) -> Result<(), Untrusted> {
    let time = |name: &'static str, needed: bool| match claims.get(name) {
        None if !needed => Ok(None),
        Some(value) => value.as_f64().map(Some).ok_or(Untrusted::Claim(name)),
        None => Err(Untrusted::Claim(name)),
    };
    let ended = time("exp", true)?.is_none_or(|end| end + LEEWAY_SECS <= now);
    let early = |begin: Option<f64>| begin.is_some_and(|begin| begin - LEEWAY_SECS > now);
    if ended || early(time("nbf", false)?) || early(time("iat", true)?) {
        return Err(Untrusted::Time);
    }
    Ok(())
}

fn check_party(claims: &Map<String, Value>, expected: Expected<'_>) -> Result<(), Untrusted> {
    if text(claims, "iss") != Some(expected.issuer) {
        return Err(Untrusted::Claim("iss"));
    }
    let audiences: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audiences.contains(&expected.audience) {
        return Err(Untrusted::Claim("aud"));
    }
    let Some(nonce) = expected.nonce else {
        return Ok(());
    };
    // A token for several, or that names its party: that has to be us.
    let party = claims.get("azp").and_then(Value::as_str);
    let ours = party.map_or(audiences.len() == 1, |party| party == expected.audience);
    if !ours {
        return Err(Untrusted::Claim("azp"));
    }
    match text(claims, "nonce") == Some(nonce) {
        true => Ok(()),
        false => Err(Untrusted::Claim("nonce")),
    }
}

#[cfg(test)]
mod tests;
