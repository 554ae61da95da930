//! The seeded simulation: the gateway's rules in memory, real workers, hosts and a lossy bus in one
//! process on a paused clock. All chance comes from one seed, so that a run can be replayed.

mod audit;
mod chance;
mod check;
mod engine;
mod faults;
mod gateway;
mod host;
mod link;
mod run;

pub use run::{Options, Outcome, run};
