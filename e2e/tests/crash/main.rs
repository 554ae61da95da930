//! The process dies at each crash point, in each kind of task: whatever was asked for happens all the same, once.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod docker;
mod fake;
mod lane;
