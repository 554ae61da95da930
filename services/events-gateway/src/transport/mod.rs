//! How streams reach a client. Each transport frames events and says what the hub tells it to.

pub(crate) mod sse;
