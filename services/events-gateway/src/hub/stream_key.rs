//! What one stream is called inside its shard and its thread.

/// One stream of a shard; never used for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct StreamKey(pub u64);

impl StreamKey {
    pub(crate) fn new(index: usize, generation: u32) -> Self {
        Self((u64::from(generation) << 32) | (index as u64 & 0xffff_ffff))
    }

    pub(crate) const fn index(self) -> usize {
        (self.0 & 0xffff_ffff) as usize
    }
}
