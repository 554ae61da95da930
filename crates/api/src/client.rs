//! The typed client of the HTTP API: one method a route, errors as the API says them. What changes
//! something is sent with an `Idempotency-Key`, so that sending it again after a lost answer is safe.

mod account;
mod address;
mod error;
mod events;
mod handle;
mod installation;
mod intent;
mod organizations;
mod others;
mod send;
mod shares;
mod webhooks;
mod work;

pub use address::address;
pub use error::Error;
pub use events::{Frame, frames};
pub use handle::{Client, Credential};
pub use intent::Intent;
pub use organizations::Export;
pub use work::AcceptedAt;
