//! Issuers of identities: what they say of themselves and sign, proven. Knows nobody of ours.

pub(crate) mod ask;
pub(crate) mod claims;
pub(crate) mod issuer;
pub(crate) mod provider;
