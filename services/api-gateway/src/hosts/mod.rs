//! Hosts: what they report, which work they get, what is removed from them.

pub(crate) mod adopt;
pub(crate) mod host;
pub(crate) mod inventory;
pub(crate) mod lease;
pub(crate) mod ledger;
pub(crate) mod report;
pub(crate) mod silence;
