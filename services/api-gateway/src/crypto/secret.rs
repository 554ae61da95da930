//! API tokens: random, told by their prefix, checked by their end before anything is looked up.

use api::Secret;
use aws_lc_rs::rand;
use sha2::{Digest, Sha256};

use crate::crypto::token::TokenError;

/// What every API token begins with, so that scanners know it.
const BEGINS: &str = "lby_";
const PREFIX_BYTES: usize = 4;
const SECRET_BYTES: usize = 32;
/// Hex digits of the SHA-256 of what comes before them.
const CHECK_DIGITS: usize = 8;

/// A new token, once.
pub(crate) struct Minted {
    pub(crate) token: Secret,
    /// What its user knows it by.
    pub(crate) prefix: String,
    /// All that is kept of it.
    pub(crate) hash: Vec<u8>,
}

/// `lby_<prefix>_<secret><checksum>`, all in hex.
pub(crate) fn mint() -> Result<Minted, TokenError> {
    let mut bytes = [0; PREFIX_BYTES + SECRET_BYTES];
    rand::fill(&mut bytes).map_err(|_| TokenError)?;
    let (prefix, secret) = bytes.split_at(PREFIX_BYTES);
    let prefix = format!("{BEGINS}{}", hex::encode(prefix));
    let mut token = format!("{prefix}_{}", hex::encode(secret));
    token.push_str(&checksum(&token));
    let hash = hash(&token);
    Ok(Minted {
        token: token.into(),
        prefix,
        hash,
    })
}

fn hash(token: &str) -> Vec<u8> {
    Sha256::digest(token).to_vec()
}

fn checksum(text: &str) -> String {
    let mut digits = hex::encode(Sha256::digest(text));
    digits.truncate(CHECK_DIGITS);
    digits
}

/// Whether this is meant as an API token.
pub(crate) fn is_token(text: &str) -> bool {
    text.starts_with(BEGINS)
}

/// What a token is found by, if it is whole.
pub(crate) fn read(token: &str) -> Option<Vec<u8>> {
    let whole = BEGINS.len() + 2 * (PREFIX_BYTES + SECRET_BYTES) + 1 + CHECK_DIGITS;
    let (text, check) = token.split_at_checked(token.len().checked_sub(CHECK_DIGITS)?)?;
    (is_token(token) && token.len() == whole && checksum(text) == check).then(|| hash(token))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_prefix_and_found_by_its_hash_alone() {
        let minted = mint().unwrap();
        assert!(
            minted
                .token
                .expose()
                .starts_with(&format!("{}_", minted.prefix))
        );
        assert_eq!(read(minted.token.expose()), Some(minted.hash.clone()));
        assert_ne!(mint().unwrap().token.expose(), minted.token.expose());
    }

    #[test]
    fn a_token_that_was_mistyped_or_cut_is_not_looked_up() {
        let token = mint().unwrap().token.expose().to_owned();
        for place in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            assert_eq!(read(&String::from_utf8(other).unwrap()), None, "{place}");
        }
        for other in ["", "lby_", "lby_é", &token[..token.len() - 1]] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
