//! A host's name: what the operator says, else made from the engine's own identity.

use domain::HostId;
use sha2::{Digest, Sha256};

/// `h` and 12 hex digits of the SHA-256 of the engine's ID.
pub(crate) fn from_engine(id: &str) -> HostId {
    let digest = hex::encode(Sha256::digest(id.as_bytes()));
    let name = format!("h{}", &digest[..12]);
    // Thirteen characters of a-z and 0-9 are always a host's name.
    name.parse().unwrap_or_else(|_| unreachable!())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_same_engine_has_the_same_name() {
        assert_eq!(super::from_engine("abc"), super::from_engine("abc"));
        assert_ne!(super::from_engine("abc"), super::from_engine("abd"));
        assert_eq!(super::from_engine("abc").as_str().len(), 13);
    }
}
