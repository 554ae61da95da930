//! Drivers: what a host can do with clusters. Each verb may be repeated at any time without harm;
//! names are deterministic, so that two hands cannot make one thing twice.

mod client;
mod connect;
pub mod contract;
pub mod credential;
mod docker;
mod driver;
mod exec;
mod fake;
mod host;
pub mod names;
pub mod notes;
mod options;
mod provision;
mod role;

pub use credential::Credential;
pub use driver::Driver;
pub use exec::{API_INSIDE, Command, Inspected, Instance, Output, Reach, ReachError, Running};
pub use options::{DriverKind, Isolation, Options};
pub use provision::{Capacity, Error, Finding, Found, Inventory, Provision, Spec};
pub use role::Role;
