//! The rules of who is sent what, pure. A shard applies the log in order and says what each of its streams is sent next. It
//! owns no socket and no thread, and what is sent of an event it carries unread.

mod access;
mod client;
mod entry;
mod join;
mod kinds;
mod page;
mod progress;
mod reading;
mod room;
mod shard;
#[cfg(test)]
mod shard_tests;
mod stream_key;
mod subscribe;
mod topic;
mod users;
mod wants;

pub(crate) use entry::{Body, Entry, Rights};
pub(crate) use join::{Began, Refused, Start};
pub(crate) use kinds::Kinds;
pub(crate) use page::Page;
pub(crate) use reading::{BATCH_MAX, Next};
pub(crate) use room::PresenceRoom;
pub(crate) use shard::Shard;
pub(crate) use stream_key::StreamKey;
pub(crate) use subscribe::{NotSubscribed, TOPICS_MAX};
pub(crate) use topic::Topic;
pub(crate) use wants::{Subscriptions, Wants};
