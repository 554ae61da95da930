//! What every noun stands on: who asks and what they may, one transaction an act, the log, the clock, HTTP.

pub(crate) mod access;
pub(crate) mod actor;
pub(crate) mod audit;
pub(crate) mod authorize;
pub(crate) mod doorbell;
pub(crate) mod due;
pub(crate) mod error;
pub(crate) mod grants;
pub(crate) mod health;
pub(crate) mod housekeeping;
pub(crate) mod http;
pub(crate) mod idempotency;
pub(crate) mod installation;
pub(crate) mod left;
pub(crate) mod log;
pub(crate) mod migrate;
pub(crate) mod page;
pub(crate) mod person;
pub(crate) mod postgres;
pub(crate) mod rate;
pub(crate) mod sealed;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod tenant;
