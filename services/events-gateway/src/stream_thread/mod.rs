//! A stream thread: one thread with one shard of the hub and the sockets of its streams. It waits for all of
//! them at once; no stream has a task, a queue or a buffer of its own.

mod batching;
mod connection;
mod control;
mod delivery_lag;
mod messages;
mod requests;
mod streams;
mod thread;
mod writing;

pub(crate) use requests::answer;
pub(crate) use streams::Dependencies;
pub(crate) use thread::start;
