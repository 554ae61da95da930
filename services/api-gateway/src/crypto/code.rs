//! The codes of a device that asks to be let in. Both are kept as hashes; the short one under a key of
//! ours, so that nobody finds it by trying all of them on a copy of the database.

use api::Secret;
use aws_lc_rs::{hmac, rand};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::crypto::{Keys, flow, token::TokenError};

/// Letters that are neither vowels nor taken for others: no words, no doubt (RFC 8628 §6.1).
const LETTERS: [u8; 20] = *b"BCDFGHJKLMNPQRSTVWXZ";
const USER_CODE: usize = 8;
const DEVICE_BYTES: usize = 32;

/// Both codes, once.
pub(crate) struct Codes {
    pub(crate) device: Secret,
    /// `BCDF-GHJK`
    pub(crate) user: String,
}

pub(crate) fn mint() -> Result<Codes, TokenError> {
    let mut bytes = [0; DEVICE_BYTES];
    rand::fill(&mut bytes).map_err(|_| TokenError)?;
    let mut user = String::with_capacity(USER_CODE + 1);
    while user.len() < USER_CODE + 1 {
        let mut byte = [0];
        rand::fill(&mut byte).map_err(|_| TokenError)?;
        // Every letter as likely as the others.
        if let Some(letter) = (byte[0] < 240).then(|| LETTERS[usize::from(byte[0]) % LETTERS.len()])
        {
            if user.len() == USER_CODE / 2 {
                user.push('-');
            }
            user.push(char::from(letter));
        }
    }
    Ok(Codes {
        device: URL_SAFE_NO_PAD.encode(bytes).into(),
        user,
    })
}

pub(crate) fn device_hash(code: &Secret) -> Vec<u8> {
    flow::hash(code.expose())
}

/// A code as somebody typed it: only its letters count.
fn letters(typed: &str) -> Option<Vec<u8>> {
    let typed = typed.bytes().filter(u8::is_ascii_alphanumeric);
    let letters: Vec<u8> = typed
        .map(|byte| byte.to_ascii_uppercase())
        .take(USER_CODE + 1)
        .collect();
    let whole = letters.len() == USER_CODE && letters.iter().all(|letter| LETTERS.contains(letter));
    whole.then_some(letters)
}

impl Keys {
    /// What a code that somebody typed is found by, if it can be one.
    pub(crate) fn user_code_hash(&self, typed: &str) -> Option<Vec<u8>> {
        let message = [b"device ".as_slice(), &letters(typed)?].concat();
        Some(hmac::sign(&self.links, &message).as_ref().to_vec())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_letters_however_it_is_typed() {
        let keys = Keys::of;
        let hash = keys("a").user_code_hash("BCDF-GHJK");
        assert!(hash.is_some());
        for typed in ["bcdfghjk", " BCDF GHJK ", "b-c-d-f-g-h-j-k"] {
            assert_eq!(keys("a").user_code_hash(typed), hash, "{typed}");
        }
        assert_ne!(keys("b").user_code_hash("BCDF-GHJK"), hash);
        for typed in ["", "BCDF-GHJ", "BCDF-GHJKL", "BCDF-GHJA", "BCDF-GHJ1"] {
            assert_eq!(keys("a").user_code_hash(typed), None, "{typed}");
        }
    }

    #[test]
    fn codes_are_whole_and_new_each_time() {
        let keys = Keys::of("a");
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let codes = mint().unwrap();
            assert!(keys.user_code_hash(&codes.user).is_some(), "{}", codes.user);
            assert!(seen.insert(codes.device.expose().to_owned()));
        }
    }
}
