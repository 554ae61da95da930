//! Words on the terminal: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};

use api::task::Queue;
use comfy_table::Table;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Table,
    Json,
}

/// A line of the result.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes())
}

/// Exactly these bytes of the result, which need not be text.
pub(crate) fn pass_on(bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
    write_all(&mut std::io::stdout(), bytes.as_ref())
}

/// All of it or a failure: half a kubeconfig in a file must not look like a whole one.
fn write_all(to: &mut impl Write, text: &[u8]) -> Result<(), Failure> {
    let written = to.write_all(text).and_then(|()| to.flush());
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::Other(anyhow::Error::new(error).context("the result cannot be written")),
    })
}

/// A line that is not part of the result.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

pub(crate) fn pass_on_error(bytes: impl AsRef<[u8]>) {
    let _ = std::io::stderr().write_all(bytes.as_ref());
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    say(&serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?)
}

/// A table without lines, as terminals' own tools write them.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(
        head.iter()
            .map(|word| word.to_uppercase())
            .collect::<Vec<_>>(),
    );
    table.add_rows(rows);
    let lines: Vec<String> = table.lines().map(|line| line.trim().to_owned()).collect();
    lines.join("\n")
}

/// What is under way: one line that changes on a terminal; where nobody looks nothing, or a line
/// for each change.
pub(crate) struct Progress {
    bar: ProgressBar,
    lines: bool,
    last: String,
}

impl Progress {
    /// Silent where nobody looks.
    pub(crate) fn for_eyes() -> Self {
        Self::new(false)
    }

    /// In a file too.
    pub(crate) fn for_everyone() -> Self {
        Self::new(!std::io::stderr().is_terminal())
    }

    fn new(lines: bool) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(std::time::Duration::from_millis(100));
        Self {
            bar,
            lines,
            last: String::new(),
        }
    }

    pub(crate) fn show(&mut self, text: String) {
        if text == self.last {
            return;
        }
        if self.lines {
            complain(&text);
        }
        self.bar.set_message(text.clone());
        self.last = text;
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A place in the queue.
pub(crate) fn queue(queue: Queue) -> String {
    let begins = queue.wait_secs.map_or_else(
        || "when it begins is not known yet".to_owned(),
        |seconds| format!("it begins in about {}", span(i64::from(seconds))),
    );
    format!("number {} in the queue, {begins}", queue.position)
}

/// `3h 20m`, `45s`; nothing below zero.
pub(crate) fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk or a reader that gives this error.
    struct Broken(std::io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_a_failure_and_a_reader_who_left_is_none() {
        let left = write_all(&mut Broken(std::io::ErrorKind::BrokenPipe), b"x");
        assert!(matches!(left, Err(Failure::NobodyReads)));
        let full = write_all(&mut Broken(std::io::ErrorKind::StorageFull), b"x");
        assert!(matches!(full, Err(Failure::Other(_))));
    }

    #[test]
    fn spans_are_short() {
        for (seconds, text) in [
            (-5, "0s"),
            (45, "45s"),
            (120, "2m"),
            (12_000, "3h 20m"),
            (90_000, "1d 1h"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn a_table_has_a_head_and_its_rows() {
        let text = table(
            &["name", "status"],
            vec![vec!["demo".into(), "RUNNING".into()]],
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0].starts_with("NAME") && lines[1].contains("RUNNING"),
            "{text}"
        );
    }
}
