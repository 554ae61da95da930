//! The events-gateway: every connection that stays open. It follows the log, keeps its recent part
//! in one ring, and lets each connected person read what they may see. It never reads the database
//! and decides about nobody's rights: it asks the api-gateway and applies the log.

mod admit;
mod answer;
mod archive;
mod config;
mod credential;
#[doc(hidden)]
pub mod fuzz;
mod health;
pub mod hub;
mod lane;
mod log_reader;
mod metric;
mod presence;
pub mod routes;
mod run;
mod transport;

pub use config::{Config, Tuning};
pub use run::Service;

pub const NAME: &str = "events-gateway";

/// Open files that are no streams: the bus, the listeners, logs, the runtime's own.
pub const FILES_BESIDE_STREAMS: u64 = 256;
