//! What reads a stranger's bytes, as functions of bytes alone: libFuzzer (`libfuzzer.rs`) and a test on the committed
//! inputs call them. Each holds what was read against what must be true of it.

mod bodies;
mod capability;
mod ids;
mod stream;

pub use api_gateway::fuzz::{address, claims, secrets};
pub use bodies::{bodies, socket};
pub use bus::fuzz_stream as frames;
pub use capability::capability;
pub use events_gateway::fuzz::{message, request, websocket};
pub use ids::ids;
pub use stream::stream;

/// A target's name and itself.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 12] = [
    ("address", address),
    ("bodies", bodies),
    ("capability", capability),
    ("claims", claims),
    ("frames", frames),
    ("ids", ids),
    ("message", message),
    ("request", request),
    ("secrets", secrets),
    ("socket", socket),
    ("stream", stream),
    ("websocket", websocket),
];
