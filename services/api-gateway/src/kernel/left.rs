//! What is left to somebody who may ask so often, for the headers of the answer.

/// What is left to somebody, for the headers of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    /// Which limit it is.
    pub(crate) policy: &'static str,
    /// Requests that may come at once.
    pub(crate) most: u32,
    /// Requests that may still come at once.
    pub(crate) remaining: u32,
    /// Seconds in which all of it comes back.
    pub(crate) window_secs: u64,
}

impl Left {
    /// Nothing of it.
    pub(crate) fn none(policy: &'static str, most: u32, window_secs: u64) -> Self {
        Self {
            policy,
            most,
            remaining: 0,
            window_secs,
        }
    }
}
