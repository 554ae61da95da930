//! Secrets on the bus: libsodium sealed boxes (X25519, XSalsa20-Poly1305) that only the holder of
//! the private key can open.

use std::{fmt, str::FromStr};

use api::bus::Sealed;
use base64::{Engine, engine::general_purpose::STANDARD};
use crypto_box::{PublicKey, SecretKey};

/// The box cannot be opened: not for this key, or not whole.
#[derive(Debug, thiserror::Error)]
#[error("a sealed message is not for this key or not whole")]
pub struct SealError;

/// Not the hex digits of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected seal:<64 hex digits>,capability:<64 hex digits>, as `api-gateway keys` prints them"
)]
pub struct ParseKeysError;

/// The public key messages are sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealKey([u8; 32]);

impl SealKey {
    /// The key of these bytes (X25519).
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Seals bytes so that only the private key's holder reads them.
    ///
    /// # Errors
    /// Only when the system gives no randomness.
    pub fn seal(&self, bytes: &[u8]) -> Result<Sealed, SealError> {
        let key = PublicKey::from(self.0);
        let sealed = key
            .seal(&mut crypto_box::aead::OsRng, bytes)
            .map_err(|_| SealError)?;
        Ok(Sealed(STANDARD.encode(sealed)))
    }
}

impl fmt::Display for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The private key that opens what was sealed to it. It cannot be printed.
pub struct OpenKey(SecretKey);

impl OpenKey {
    /// The key of these bytes, as they were drawn.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SecretKey::from(seed))
    }

    /// The key that others seal to.
    pub fn public(&self) -> SealKey {
        SealKey(*self.0.public_key().as_bytes())
    }

    /// Opens what was sealed to this key.
    ///
    /// # Errors
    /// When the box is not for this key or was changed.
    pub fn open(&self, sealed: &Sealed) -> Result<Vec<u8>, SealError> {
        let bytes = STANDARD.decode(&sealed.0).map_err(|_| SealError)?;
        self.0.unseal(&bytes).map_err(|_| SealError)
    }
}

/// The gateway's public keys, as `LABYARD_GATEWAY_KEYS` gives them to the other services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayKeys {
    /// Secrets for the gateway are sealed to this one.
    pub seal: SealKey,
    /// Capabilities are signed by this Ed25519 key.
    pub capability: [u8; 32],
}

impl fmt::Display for GatewayKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seal:{},capability:{}",
            self.seal,
            hex::encode(self.capability)
        )
    }
}

impl FromStr for GatewayKeys {
    type Err = ParseKeysError;
    fn from_str(text: &str) -> Result<Self, ParseKeysError> {
        let (seal, capability) = text.trim().split_once(',').ok_or(ParseKeysError)?;
        Ok(Self {
            seal: SealKey(key(seal, "seal:")?),
            capability: key(capability, "capability:")?,
        })
    }
}

fn key(text: &str, prefix: &str) -> Result<[u8; 32], ParseKeysError> {
    let digits = text.strip_prefix(prefix).ok_or(ParseKeysError)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| ParseKeysError)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_opens_a_box() {
        let (holder, other) = (OpenKey::from_seed([7; 32]), OpenKey::from_seed([8; 32]));
        let sealed = holder.public().seal(b"kubeconfig").unwrap();
        assert_eq!(holder.open(&sealed).unwrap(), b"kubeconfig");
        assert!(other.open(&sealed).is_err());
        assert!(holder.open(&Sealed("AAAA".into())).is_err());
    }

    #[test]
    fn keys_survive_their_text() {
        let keys = GatewayKeys {
            seal: OpenKey::from_seed([1; 32]).public(),
            capability: [9; 32],
        };
        assert_eq!(keys.to_string().parse(), Ok(keys));
        for text in ["", "seal:00", "seal:zz,capability:zz"] {
            assert_eq!(text.parse::<GatewayKeys>(), Err(ParseKeysError));
        }
    }
}
