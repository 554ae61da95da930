//! Keys and what is done with them. Everything comes from two secrets, each use with a key of its own.

pub(crate) mod code;
pub(crate) mod envelope;
pub(crate) mod flow;
pub(crate) mod link;
pub(crate) mod password;
pub(crate) mod secret;
pub(crate) mod token;
pub(crate) mod webhook;

#[cfg(test)]
pub(crate) mod stranger_tests;

use anyhow::{Context, anyhow};
use api::{Secret, bus::Sealed};
use aws_lc_rs::{
    hkdf, hmac,
    signature::{Ed25519KeyPair, KeyPair},
};
use bus::{
    GatewayKeys,
    seal::{OpenKey, SealError},
};
use jsonwebtoken::{DecodingKey, EncodingKey};
use zeroize::Zeroizing;

use crate::config::{Options, Refused};

const KEY_MIN: usize = 32;
const SEAL: &str = "labyard/seal/v1";
const ENVELOPE: &str = "labyard/envelope/v1";

/// The gateway's keys. None of them can be printed.
pub(crate) struct Keys {
    pub(crate) jwt: Signer,
    pub(crate) capability: Signer,
    open: OpenKey,
    /// What was sealed to this gateway before its key was another one.
    older: Vec<OpenKey>,
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
    pub(crate) fn derive(options: &Options) -> anyhow::Result<Self> {
        let secret = long(&options.secret_key, "SECRET_KEY")?;
        let encryption = long(&options.encryption_key, "ENCRYPTION_KEY")?;
        let older = options.encryption_keys_old.iter();
        let older = older.filter(|key| !key.expose().is_empty());
        let older: Vec<&str> = older
            .map(|key| long(key, "each of ENCRYPTION_KEYS_OLD"))
            .collect::<Result<_, _>>()?;
        let mut opens = Vec::new();
        let mut wraps = Vec::new();
        for key in older {
            opens.push(OpenKey::from_seed(*expand(key, SEAL)?));
            wraps.push(expand(key, ENVELOPE)?);
        }
        Ok(Self {
            jwt: Signer::from_seed(&*expand(secret, "labyard/jwt/v1")?)?,
            capability: Signer::from_seed(&*expand(secret, "labyard/capability/v1")?)?,
            open: OpenKey::from_seed(*expand(encryption, SEAL)?),
            older: opens,
            refresh: hmac::Key::new(hmac::HMAC_SHA256, &*expand(secret, "labyard/refresh/v1")?),
            links: hmac::Key::new(hmac::HMAC_SHA256, &*expand(secret, "labyard/links/v1")?),
            envelope: envelope::Envelope::new(expand(encryption, ENVELOPE)?, wraps)?,
        })
    }

    /// What the other services are told.
    pub(crate) fn public(&self) -> GatewayKeys {
        GatewayKeys {
            seal: self.open.public(),
            capability: self.capability.public,
        }
    }

    /// Opens what another service sealed to this one, by a key it was told now or before.
    pub(crate) fn unseal(&self, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut keys = std::iter::once(&self.open).chain(&self.older);
        let opened = keys.find_map(|key| key.open(sealed).ok());
        opened.map(Zeroizing::new).ok_or(SealError)
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

/// A secret of the configuration, refused by its name if it is too short.
fn long<'a>(secret: &'a Secret, name: &'static str) -> Result<&'a str, Refused> {
    let secret = secret.expose();
    match secret.len() >= KEY_MIN {
        true => Ok(secret),
        false => Err(Refused::ShortKey(name)),
    }
}

/// 32 bytes of HKDF-SHA256 for one use.
fn expand(secret: &str, info: &str) -> anyhow::Result<Zeroizing<[u8; 32]>> {
    let mut bytes = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(secret.as_bytes())
        .expand(&[info.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|material| material.fill(&mut *bytes))
        .map_err(|_| anyhow!("a key could not be derived"))?;
    Ok(bytes)
}

#[cfg(test)]
impl Keys {
    /// Keys of a test, others for another letter.
    #[allow(clippy::unwrap_used)]
    pub(crate) fn of(letter: &str) -> Self {
        let secret = letter.repeat(32);
        let arguments = ["x", "--secret-key", &secret, "--encryption-key", &secret];
        Self::derive(&<Options as clap::Parser>::parse_from(arguments)).unwrap()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn keys(secret: &str, encryption: &str, old: &str) -> anyhow::Result<Keys> {
        let mut arguments = vec!["x", "--secret-key", secret, "--encryption-key", encryption];
        if !old.is_empty() {
            arguments.extend(["--encryption-keys-old", old]);
        }
        Keys::derive(&<Options as clap::Parser>::parse_from(arguments))
    }

    #[test]
    fn the_same_secrets_give_the_same_keys_and_others_give_others() {
        let (a, b) = ("a".repeat(32), "b".repeat(32));
        let public = |secret, encryption| keys(secret, encryption, "").unwrap().public();
        assert_eq!(public(&a, &b), public(&a, &b));
        assert_ne!(public(&a, &b), public(&b, &a));
    }

    #[test]
    fn short_secrets_are_refused_by_name() {
        let good = "b".repeat(32);
        for (secret, old, name) in [
            ("short", "", "SECRET_KEY"),
            (good.as_str(), "short", "ENCRYPTION_KEYS_OLD"),
        ] {
            let error = keys(secret, &good, old).err().unwrap().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn what_was_sealed_to_an_older_key_still_opens() {
        let (a, b, c) = ("a".repeat(32), "b".repeat(32), "c".repeat(32));
        let before = keys(&a, &b, "").unwrap().public();
        let sealed = before.seal.seal(b"from a host").unwrap();
        let both = keys(&a, &c, &format!("{a},{b}")).unwrap();
        assert_eq!(*both.unseal(&sealed).unwrap(), b"from a host");
        assert_eq!(both.public(), keys(&a, &c, "").unwrap().public());
        assert!(keys(&a, &c, "").unwrap().unseal(&sealed).is_err());
    }
}
