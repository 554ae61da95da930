//! Stories: what users do, on a whole stack with real labs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bad_input;
mod cli;
mod crowd;
mod edge;
mod faults;
mod guests;
mod kubectl;
mod people;
mod readme;
mod walls;
mod work;
