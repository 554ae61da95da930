//! What a browser takes to a provider of identities and back: one secret that it keeps; state, nonce and
//! verifier follow from it and from nothing that is stored.

use aws_lc_rs::rand;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::crypto::token::TokenError;

const SECRET_BYTES: usize = 32;

/// A browser's secret, in its cookie.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Browser(String);

/// One way to a provider and back.
pub(crate) struct Flow {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

fn random() -> Result<String, TokenError> {
    let mut bytes = [0; SECRET_BYTES];
    rand::fill(&mut bytes).map_err(|_| TokenError)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a secret.
pub(crate) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

impl Browser {
    pub(crate) fn new() -> Result<Self, TokenError> {
        random().map(Self)
    }

    /// The secret of a cookie, if it can be one of ours.
    pub(crate) fn read(value: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(value).ok()?;
        (bytes.len() == SECRET_BYTES).then(|| Self(value.to_owned()))
    }

    pub(crate) fn value(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> Vec<u8> {
        hash(&self.0)
    }

    /// A new way; a browser may be on several.
    pub(crate) fn begin(&self) -> Result<Flow, TokenError> {
        Ok(self.flow(random()?))
    }

    /// The way that a state belongs to.
    pub(crate) fn flow(&self, state: String) -> Flow {
        let derive = |use_: &str| {
            let digest = Sha256::new()
                .chain_update("labyard/")
                .chain_update(use_)
                .chain_update([0])
                .chain_update(&self.0)
                .chain_update([0])
                .chain_update(&state)
                .finalize();
            URL_SAFE_NO_PAD.encode(digest)
        };
        Flow {
            nonce: derive("nonce"),
            verifier: derive("verifier"),
            state,
        }
    }
}

impl Flow {
    /// S256 of the verifier (RFC 7636 §4.2).
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_found_again_by_its_browser_and_state_alone() {
        let browser = Browser::new().unwrap();
        let begun = browser.begin().unwrap();
        let again = Browser::read(browser.value()).unwrap();
        let again = again.flow(begun.state.clone());
        assert_eq!(
            (&again.nonce, &again.verifier),
            (&begun.nonce, &begun.verifier)
        );
        assert_ne!(begun.nonce, begun.verifier);
        let other = Browser::new().unwrap().flow(begun.state);
        assert_ne!(other.verifier, begun.verifier);
        assert_ne!(browser.begin().unwrap().verifier, begun.verifier);
        for value in ["", "short", "*"] {
            assert!(Browser::read(value).is_none());
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        let flow = Flow {
            state: String::new(),
            nonce: String::new(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
        };
        assert_eq!(
            flow.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
