//! Accounts, and the ways to log in to them.

pub(crate) mod account;
pub(crate) mod device;
pub(crate) mod login;
pub(crate) mod oidc;
pub(crate) mod operator;
pub(crate) mod token;
pub(crate) mod trust;
