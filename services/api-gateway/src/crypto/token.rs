//! Tokens: access and stream tokens (JWT, EdDSA), refresh tokens (computed, never kept), cookies
//! and capabilities.

use api::{Secret, bus::Capability};
use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{SessionId, UserId};
use jsonwebtoken::{Algorithm, Header, Validation, get_current_timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::crypto::{Keys, Signer};

/// Seconds an access token is good.
pub(crate) const ACCESS_SECS: u64 = 3600;
/// Seconds a stream token is good.
pub(crate) const STREAM_SECS: u64 = 60;
const ISSUER: &str = "labyard";
/// What a refresh token begins with, so that scanners know it.
const REFRESH_PREFIX: &str = "labyard_refresh_";

/// What a JWT is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Access,
    Stream,
}

impl Purpose {
    const fn audience(self) -> &'static str {
        match self {
            Self::Access => "api",
            Self::Stream => "stream",
        }
    }
    const fn secs(self) -> u64 {
        match self {
            Self::Access => ACCESS_SECS,
            Self::Stream => STREAM_SECS,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    iat: u64,
    nbf: u64,
    exp: u64,
}

/// A token could not be made.
#[derive(Debug, thiserror::Error)]
#[error("a token could not be made")]
pub(crate) struct TokenError;

impl Keys {
    pub(crate) fn jwt(
        &self,
        purpose: Purpose,
        user: UserId,
        session: SessionId,
    ) -> Result<Secret, TokenError> {
        let now = get_current_timestamp();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: purpose.audience().into(),
            sub: user,
            sid: session,
            iat: now,
            nbf: now,
            exp: now + purpose.secs(),
        };
        sign(&self.jwt, &claims)
    }

    /// The session a JWT names, if the token is good for this purpose. Whether the session still
    /// stands is the database's to say.
    pub(crate) fn read_jwt(&self, purpose: Purpose, token: &str) -> Option<(UserId, SessionId)> {
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[purpose.audience()]);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.validate_nbf = true;
        validation.leeway = 5;
        let claims = jsonwebtoken::decode::<Claims>(token, &self.jwt.verify, &validation)
            .ok()?
            .claims;
        Some((claims.sub, claims.sid))
    }

    /// The n-th refresh token of a family.
    pub(crate) fn refresh_token(&self, family: SessionId, n: u64) -> Secret {
        let tag = hmac::sign(&self.refresh, &refresh_message(family, n));
        Secret::from(format!(
            "{REFRESH_PREFIX}{}_{n}_{}",
            family.hex(),
            URL_SAFE_NO_PAD.encode(tag.as_ref())
        ))
    }

    /// The family and number of a refresh token of ours.
    pub(crate) fn read_refresh_token(&self, token: &str) -> Option<(SessionId, u64)> {
        let mut parts = token.strip_prefix(REFRESH_PREFIX)?.splitn(3, '_');
        let family = SessionId::from_uuid(Uuid::try_parse(parts.next()?).ok()?);
        let n: u64 = parts.next()?.parse().ok()?;
        let tag = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
        hmac::verify(&self.refresh, &refresh_message(family, n), &tag).ok()?;
        // One spelling alone: the hexadecimal and the number have others.
        (self.refresh_token(family, n).expose() == token).then_some((family, n))
    }

    pub(crate) fn capability(&self, capability: &Capability) -> Result<String, TokenError> {
        Ok(sign(&self.capability, capability)?.expose().to_owned())
    }
}

fn sign<T: Serialize>(signer: &Signer, claims: &T) -> Result<Secret, TokenError> {
    jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &signer.sign)
        .map(Secret::from)
        .map_err(|_| TokenError)
}

fn refresh_message(family: SessionId, n: u64) -> Vec<u8> {
    let mut message = family.uuid().as_bytes().to_vec();
    message.extend_from_slice(&n.to_be_bytes());
    message
}

/// A new cookie's value (256 bits) and the hash that is kept of it.
pub(crate) fn cookie() -> Result<(Secret, Vec<u8>), TokenError> {
    let mut bytes = [0; 32];
    rand::fill(&mut bytes).map_err(|_| TokenError)?;
    let value = URL_SAFE_NO_PAD.encode(bytes);
    let hash = cookie_hash(&value);
    Ok((value.into(), hash))
}

pub(crate) fn cookie_hash(value: &str) -> Vec<u8> {
    Sha256::digest(value.as_bytes()).to_vec()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn keys(letter: &str) -> Keys {
        Keys::of(letter)
    }

    fn ids() -> (UserId, SessionId) {
        (
            UserId::from_uuid(Uuid::now_v7()),
            SessionId::from_uuid(Uuid::now_v7()),
        )
    }

    #[test]
    fn a_token_is_good_for_its_purpose_under_its_key_alone() {
        let (user, session) = ids();
        let token = keys("a").jwt(Purpose::Stream, user, session).unwrap();
        assert_eq!(
            keys("a").read_jwt(Purpose::Stream, token.expose()),
            Some((user, session))
        );
        assert_eq!(keys("a").read_jwt(Purpose::Access, token.expose()), None);
        assert_eq!(keys("b").read_jwt(Purpose::Stream, token.expose()), None);
        assert_eq!(keys("a").read_jwt(Purpose::Stream, "garbage"), None);
    }

    /// CVE-2026-25537: a claim of another kind than it should be was skipped.
    #[test]
    fn claims_that_are_missing_or_of_another_kind_are_refused() {
        let keys = keys("a");
        let (user, session) = ids();
        let now = get_current_timestamp();
        let good = serde_json::json!({"iss": "labyard", "aud": "api", "sub": user, "sid": session, "iat": now, "nbf": now, "exp": now + 60});
        let token = |claims: &serde_json::Value| sign(&keys.jwt, claims).unwrap();
        assert!(
            keys.read_jwt(Purpose::Access, token(&good).expose())
                .is_some()
        );
        for claim in ["iss", "aud", "exp", "nbf", "sub", "sid"] {
            for value in [
                serde_json::Value::Null,
                "x".into(),
                1.5.into(),
                serde_json::json!([]),
            ] {
                let mut bad = good.clone();
                bad[claim] = value;
                assert!(
                    keys.read_jwt(Purpose::Access, token(&bad).expose())
                        .is_none(),
                    "{bad}"
                );
            }
            let mut bad = good.clone();
            bad.as_object_mut().unwrap().remove(claim);
            assert!(
                keys.read_jwt(Purpose::Access, token(&bad).expose())
                    .is_none(),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_refresh_token_names_its_place_and_cannot_be_made_up() {
        let (_, family) = ids();
        let token = keys("a").refresh_token(family, 3);
        assert_eq!(
            keys("a").read_refresh_token(token.expose()),
            Some((family, 3))
        );
        assert_eq!(keys("b").read_refresh_token(token.expose()), None);
        assert_eq!(
            keys("a").read_refresh_token(&token.expose().replace("_3_", "_4_")),
            None
        );
        assert_eq!(keys("a").read_refresh_token("labyard_refresh_"), None);
    }
}
