//! The rules: who may do what, what follows from it, in which transaction. Knows no HTTP.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod admit;
pub(crate) mod adopt;
pub(crate) mod audit;
pub(crate) mod authorize;
pub(crate) mod cluster;
pub(crate) mod deliver;
pub(crate) mod due;
pub(crate) mod error;
pub(crate) mod events;
pub(crate) mod exec;
pub(crate) mod health;
pub(crate) mod hold;
pub(crate) mod host;
pub(crate) mod installation;
pub(crate) mod inventory;
pub(crate) mod invitation;
pub(crate) mod lease;
pub(crate) mod ledger;
pub(crate) mod login;
pub(crate) mod once;
pub(crate) mod organization;
pub(crate) mod pool;
pub(crate) mod rate;
pub(crate) mod report;
pub(crate) mod share;
pub(crate) mod task;
pub(crate) mod timeline;
pub(crate) mod token;
pub(crate) mod turn;
pub(crate) mod usage;
pub(crate) mod webhook;
pub(crate) mod workspace;

pub(crate) use error::Error;
