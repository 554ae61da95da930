//! The one word for what cannot be had any more.

/// Why a reader cannot go on from where it was: it has to look at the whole anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reset {
    /// What follows its place is kept nowhere any more.
    TooOld,
    /// Its place belongs to another life of the sequence.
    OtherIncarnation,
    /// It named no place at all.
    Unreadable,
}

impl Reset {
    /// Whether a reader at `after` can go on where `first` is the earliest position still kept.
    pub const fn unless_kept(after: u64, first: u64) -> Option<Self> {
        if after.saturating_add(1) < first {
            Some(Self::TooOld)
        } else {
            None
        }
    }
}
