//! What is sent to clients and what they send, as bytes and as words. No sockets, and nothing of the hub but its nouns.

mod event_frames;
mod kind;
mod reset_reason;
pub(crate) mod sse_frame;
pub(crate) mod websocket_frame;
pub(crate) mod websocket_incoming;
pub(crate) mod websocket_message;

pub(crate) use event_frames::{EventFrames, FramedEntry, FramedPage, framed};
pub(crate) use kind::Transport;
