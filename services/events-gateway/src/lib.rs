//! The events-gateway: every connection that stays open. It follows the log, keeps its recent part
//! in one ring, and lets each connected person read what they may see. It never reads the database
//! and decides about nobody's rights: it asks the api-gateway and applies the log.

mod admit;
mod answer;
mod archive;
mod config;
mod credential;
mod end;
mod fan_out;
#[doc(hidden)]
pub mod fuzz;
mod health;
mod hub;
mod inbox;
mod log_reader;
mod metric;
mod open;
mod presence;
pub mod routes;
mod run;
mod slow_client;
mod stream_limits;
mod stream_thread;
mod transport;

pub use config::{Config, FILES_BESIDE_STREAMS, NAME, Tuning};
pub use run::{Footprint, Service};
