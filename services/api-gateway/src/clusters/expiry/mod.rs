//! The end of a cluster's life, and the warnings before it.

pub(crate) mod sql;
pub(crate) mod ttl;
pub(crate) mod warning;
