//! The bus: typed subjects, request and reply with faults, the log's messages, doorbells and byte
//! streams, over core NATS. Nothing here remembers; what is lost is found again by positions.

mod call;
mod connection;
mod doorbell;
mod log;
mod presence;
pub mod seal;
mod stream;
pub mod subject;
pub mod trace;

pub use call::{Call, CallError, REPLY_MAX, REQUEST_TIMEOUT, Served};
pub use connection::{Bus, Config, Error};
pub use doorbell::Doorbells;
pub use log::{Events, LogMessage};
pub use presence::PresenceUpdates;
pub use seal::GatewayKeys;
#[doc(hidden)]
pub use stream::fuzz::stream as fuzz_stream;
pub use stream::{Closed, Direction, Received, StreamReceiver, StreamSender, WINDOW};
