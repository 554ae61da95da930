//! How far one stream has come: on its way to the end of the log, keeping up with it, or there.

use std::sync::Arc;

use super::page::Page;

#[derive(Debug)]
pub(crate) enum Progress<B> {
    /// It was never at the end. What left the ring is handed to it as pages.
    CatchingUp { page: Option<Arc<Page<B>>> },
    /// It was at the end once and there is more for it: it has to keep up with the ring.
    KeepingUp,
    /// It has everything up to the end. Of what came since, only what is marked is for it, from the first mark on.
    UpToDate { first_marked: Option<u64> },
}

impl<B> Progress<B> {
    pub(crate) const START: Self = Self::CatchingUp { page: None };

    /// It has everything up to the ring's end.
    pub(crate) fn reach_end(&mut self) {
        *self = Self::UpToDate { first_marked: None };
    }

    /// There is more for it than it was given.
    pub(crate) fn leave_end(&mut self) {
        if let Self::UpToDate { .. } = self {
            *self = Self::KeepingUp;
        }
    }

    /// It goes on in another place.
    pub(crate) fn move_on(&mut self) {
        *self = match self {
            Self::CatchingUp { .. } => Self::START,
            Self::KeepingUp | Self::UpToDate { .. } => Self::KeepingUp,
        };
    }

    /// The event at this position is for it.
    pub(crate) fn mark(&mut self, position: u64) {
        if let Self::UpToDate { first_marked } = self {
            first_marked.get_or_insert(position);
        }
    }

    /// Whether it was at the end once.
    pub(crate) fn has_kept_up(&self) -> bool {
        !matches!(self, Self::CatchingUp { .. })
    }

    /// Whether it is at the end and nothing is marked for it.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self, Self::UpToDate { first_marked: None })
    }

    /// What it reads before it goes on in the ring, if it goes beyond this position.
    pub(crate) fn page_beyond(&self, position: u64) -> Option<&Arc<Page<B>>> {
        match self {
            Self::CatchingUp { page } => page.as_ref().filter(|page| page.last() > position),
            Self::KeepingUp | Self::UpToDate { .. } => None,
        }
    }

    pub(crate) fn turn_page(&mut self, next: Arc<Page<B>>) {
        if let Self::CatchingUp { page } = self {
            *page = Some(next);
        }
    }
}
