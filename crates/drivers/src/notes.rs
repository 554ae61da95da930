//! What a driver notes of its work while it does it, for the step's log. Whoever listens wraps the
//! work in [`gather`]; without a listener nothing is kept.

use std::sync::{Arc, Mutex, PoisonError};

use domain::limits::{STEP_LOG_LINE_BYTES, STEP_LOG_LINES};

tokio::task_local! {
    static LISTENER: Notes;
}

/// Lines in the order in which they came, bounded in number and length.
#[derive(Debug, Clone, Default)]
pub struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    /// Adds a line; the earliest lines stay when there are too many.
    pub fn add(&self, line: impl Into<String>) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() < STEP_LOG_LINES {
            lines.push(shortened(line.into()));
        }
    }

    /// Gives what was noted so far and begins anew.
    pub fn drain(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Runs some work and keeps what it notes.
pub async fn gather<F: Future>(notes: &Notes, work: F) -> F::Output {
    LISTENER.scope(notes.clone(), work).await
}

/// Adds a line to the log of whoever listens.
pub fn record(line: impl Into<String>) {
    // Nobody listening is fine: then nobody wants to know.
    let _ = LISTENER.try_with(|notes| notes.add(line));
}

/// One line of at most the length that is kept, cut between characters.
fn shortened(mut line: String) -> String {
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    if line.len() > STEP_LOG_LINE_BYTES {
        const MARK: &str = "…";
        let mut end = STEP_LOG_LINE_BYTES - MARK.len();
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        line.truncate(end);
        line.push_str(MARK);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_recorded_reaches_the_listener_alone() {
        let notes = Notes::default();
        record("to nobody");
        gather(&notes, async { record("to us") }).await;
        record("to nobody again");
        assert_eq!(notes.drain(), ["to us"]);
        assert!(notes.drain().is_empty());
    }

    #[test]
    fn lines_are_bounded_in_number_and_length() {
        let notes = Notes::default();
        for _ in 0..2 * STEP_LOG_LINES {
            notes.add("ä\n".repeat(STEP_LOG_LINE_BYTES));
        }
        let lines = notes.drain();
        assert_eq!(lines.len(), STEP_LOG_LINES);
        assert!(lines.iter().all(|line| line.len() <= STEP_LOG_LINE_BYTES));
        assert!(
            lines
                .iter()
                .all(|line| line.ends_with('…') && !line.contains('\n'))
        );
    }
}
