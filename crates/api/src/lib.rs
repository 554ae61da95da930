//! Every type that leaves a process: HTTP, events, bus; and the typed HTTP client. Readers ignore
//! unknown fields, enums end in `Unknown`. `proto/` is generated from these and from nothing else.
#![deny(missing_docs, clippy::missing_errors_doc)]

pub mod audit;
pub mod auth;
pub mod bus;
pub mod client;
pub mod cluster;
pub mod contract;
pub mod event;
pub mod health;
pub mod host;
pub mod object;
pub mod organization;
pub mod page;
pub mod problem;
pub mod reach;
pub mod secret;
pub mod share;
pub mod socket;
pub mod task;
pub mod time;
pub mod trust;
pub mod webhook;

pub use page::Page;
pub use problem::{FieldError, Problem};
pub use secret::Secret;
pub use time::Timestamp;
