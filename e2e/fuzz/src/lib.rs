//! What reads a stranger's bytes, as functions of bytes alone: libFuzzer (`fuzz_targets`) and a test on the committed
//! inputs call them. Each holds what was read against what must be true of it.

mod bodies;
mod ids;
mod stream;

pub use bodies::{bodies, socket};
pub use ids::ids;
pub use stream::stream;

/// A target's name and itself.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: [Target; 4] = [
    ("bodies", bodies),
    ("ids", ids),
    ("socket", socket),
    ("stream", stream),
];
