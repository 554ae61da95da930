//! Clusters as containers of a Docker engine.

mod capacity;
mod checks;
mod engine;
mod image;
mod inventory;
mod node;
mod port;
mod provision;
mod reach;
mod ready;
mod storage;
mod subnet;

pub(crate) use engine::Docker;
