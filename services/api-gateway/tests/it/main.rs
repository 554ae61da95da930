//! The gateway on a real Postgres and a real NATS, with scripted hosts on the bus.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod away;
mod bad_input;
mod contract;
mod doubt;
mod fire;
mod gateway;
mod host;
mod hosts;
mod invariants;
mod inventory;
mod ledger;
mod lifecycle;
mod listing;
mod once;
mod people;
mod pool;
mod queue;
mod race;
mod reach;
mod rights;
mod silent;
mod timed;
mod uses;
mod verbs;
mod work;
