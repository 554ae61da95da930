//! Keys and what is done with them. Everything comes from two secrets, each use with a key of its own.

pub(crate) mod envelope;
pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod secret;
pub(crate) mod token;
pub(crate) mod webhook;

use anyhow::{Context, anyhow};
use aws_lc_rs::{
    hkdf, hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use bus::{GatewayKeys, seal::OpenKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use secrecy::{ExposeSecret, SecretString};

use crate::config::Refused;

const KEY_MIN: usize = 32;

/// The gateway's keys. None of them can be printed.
pub(crate) struct Keys {
    pub(crate) jwt: Signer,
    pub(crate) capability: Signer,
    pub(crate) open: OpenKey,
    pub(crate) refresh: hmac::Key,
    links: hmac::Key,
    pub(crate) envelope: envelope::Envelope,
}

/// An Ed25519 key as JSON Web Tokens use it.
pub(crate) struct Signer {
    pub(crate) sign: EncodingKey,
    pub(crate) verify: DecodingKey,
    public: [u8; 32],
}

impl Keys {
    /// Derives every key (HKDF-SHA256) from the installation's two secrets.
    pub(crate) fn derive(secret: &SecretString, encryption: &SecretString) -> anyhow::Result<Self> {
        let (secret, encryption) = (secret.expose_secret(), encryption.expose_secret());
        for (name, key) in [("SECRET_KEY", secret), ("ENCRYPTION_KEY", encryption)] {
            if key.len() < KEY_MIN {
                return Err(Refused::ShortKey(name).into());
            }
        }
        Ok(Self {
            jwt: Signer::from_seed(&expand(secret, "labyard/jwt/v1")?)?,
            capability: Signer::from_seed(&expand(secret, "labyard/capability/v1")?)?,
            open: OpenKey::from_seed(expand(encryption, "labyard/seal/v1")?),
            refresh: hmac::Key::new(hmac::HMAC_SHA256, &expand(secret, "labyard/refresh/v1")?),
            links: hmac::Key::new(hmac::HMAC_SHA256, &expand(secret, "labyard/links/v1")?),
            envelope: envelope::Envelope::new(&expand(encryption, "labyard/envelope/v1")?)?,
        })
    }

    /// What the other services are told.
    pub(crate) fn public(&self) -> GatewayKeys {
        GatewayKeys {
            seal: self.open.public(),
            capability: self.capability.public,
        }
    }
}

impl Signer {
    fn from_seed(seed: &[u8; 32]) -> anyhow::Result<Self> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|_| anyhow!("no Ed25519 key from this seed"))?;
        let pkcs8 = pair
            .to_pkcs8v1()
            .context("an Ed25519 key could not be written")?;
        let public: [u8; 32] = pair
            .public_key()
            .as_ref()
            .try_into()
            .context("an Ed25519 key has 32 bytes")?;
        Ok(Self {
            sign: EncodingKey::from_ed_der(pkcs8.as_ref()),
            verify: DecodingKey::from_ed_der(&public),
            public,
        })
    }
}

/// 32 bytes of HKDF-SHA256 for one use.
fn expand(secret: &str, info: &str) -> anyhow::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(secret.as_bytes())
        .expand(&[info.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut bytes))
        .map_err(|_| anyhow!("a key could not be derived"))?;
    Ok(bytes)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn keys(secret: &str, encryption: &str) -> anyhow::Result<Keys> {
        Keys::derive(&secret.to_owned().into(), &encryption.to_owned().into())
    }

    #[test]
    fn the_same_secrets_give_the_same_keys_and_others_give_others() {
        let (a, b) = ("a".repeat(32), "b".repeat(32));
        assert_eq!(
            keys(&a, &b).unwrap().public(),
            keys(&a, &b).unwrap().public()
        );
        assert_ne!(
            keys(&a, &b).unwrap().public(),
            keys(&b, &a).unwrap().public()
        );
    }

    #[test]
    fn short_secrets_are_refused_by_name() {
        let error = keys("short", &"b".repeat(32)).err().unwrap().to_string();
        assert!(error.contains("SECRET_KEY"), "{error}");
    }
}
