//! What went wrong, first to last, and what happened before it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

/// Lines of history kept; a run that goes on longer is not worth reading.
const HISTORY_MAX: usize = 20_000;

#[derive(Clone)]
pub(crate) struct Audit {
    began: Instant,
    lines: Arc<Mutex<(Vec<String>, Vec<String>)>>,
}

impl Audit {
    pub(crate) fn new() -> Self {
        Self {
            began: Instant::now(),
            lines: Arc::default(),
        }
    }

    pub(crate) fn say(&self, line: impl std::fmt::Display) {
        let at = self.began.elapsed().as_millis();
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.0.len() < HISTORY_MAX {
            lines.0.push(format!("{at:>8} {line}"));
        }
    }

    /// Something that must never be.
    pub(crate) fn violation(&self, line: impl std::fmt::Display) {
        self.say(format!("VIOLATION {line}"));
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.1.push(line.to_string());
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.1.clone()
    }

    pub(crate) fn history(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.0.clone()
    }
}
