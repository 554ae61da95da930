//! Real parts for tests: a private Postgres, a nats-server with the real configuration, and
//! waiting without sleeping blindly. A dev-dependency only.
#![allow(clippy::unwrap_used, clippy::expect_used)]

pub mod gateway;
mod nats;
pub mod oidc;
mod port;
mod postgres;
mod root;
mod schema;
mod wait;

pub use nats::Nats;
pub use port::free_port;
pub use postgres::{Durable, Postgres};
pub use root::root;
pub use schema::schema_errors;
pub use wait::{eventually, within};
