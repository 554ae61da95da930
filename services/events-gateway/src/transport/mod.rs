//! How streams reach a client. Each transport frames events and says what the hub tells it to.

pub(crate) mod frame;
pub(crate) mod message;
pub(crate) mod open;
pub(crate) mod sse;
pub(crate) mod websocket;
