//! Drivers: what a host can do with clusters. Each verb may be repeated at any time without harm;
//! names are deterministic, so that two hands cannot make one thing twice.

pub mod contract;
mod docker;
mod driver;
mod exec;
mod fake;
mod host;
pub mod names;
pub mod notes;
mod options;
mod provision;

pub use driver::Driver;
pub use exec::{Command, Endpoint, Instance, Output, Reach, ReachError, Running};
pub use options::Options;
pub use provision::{Capacity, Error, Finding, Found, Inventory, Provision, Spec};
