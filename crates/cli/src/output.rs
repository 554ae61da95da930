//! Words on the terminal: results on standard output, everything else on standard error. What came from elsewhere may
//! hold characters that a terminal obeys: all that is printed passes [`visible`], but for documents and a command's output.

use std::{
    borrow::Cow,
    fmt::Write as _,
    io::{IsTerminal, Write},
};

use api::task::Queue;
use comfy_table::Table;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use crate::failure::Failure;

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Table,
    /// A table with IDs and more columns
    Wide,
    /// Names only, or IDs where there are no names, one per line
    Name,
    Json,
    Yaml,
}

impl Format {
    /// Whether a person reads it, who is told more beside the result.
    pub(crate) fn is_for_people(self) -> bool {
        matches!(self, Self::Table | Self::Wide)
    }
}

/// Something that is listed and looked at.
pub(crate) trait Shown: Serialize {
    const HEAD: &'static [&'static str];
    /// Of `-o wide`, after those.
    const WIDE: &'static [&'static str] = &[];
    /// What a command names it by.
    fn name(&self) -> String;
    fn row(&self) -> Vec<String>;
    fn wide(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Things as the caller wants them; where a table would be empty, words.
pub(crate) fn list<T: Shown>(format: Format, things: &[T], none: &str) -> Result<(), Failure> {
    match format {
        Format::Json => json(&things),
        Format::Yaml => yaml(&things),
        _ if things.is_empty() => {
            complain(none);
            Ok(())
        }
        _ => lines(format, things),
    }
}

/// One thing as the caller wants it.
pub(crate) fn one<T: Shown>(format: Format, thing: &T) -> Result<(), Failure> {
    match data(format, thing)? {
        true => Ok(()),
        false => lines(format, std::slice::from_ref(thing)),
    }
}

/// Writes it for a program where that is wanted; else it is not written yet.
pub(crate) fn data<T: Serialize>(format: Format, value: &T) -> Result<bool, Failure> {
    match format {
        Format::Json => json(value)?,
        Format::Yaml => yaml(value)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// One thing without a head, under those before it.
pub(crate) fn row<T: Shown>(format: Format, thing: &T) -> Result<(), Failure> {
    if format == Format::Name {
        return print(&thing.name());
    }
    let mut cells = thing.row();
    if format == Format::Wide {
        cells.extend(thing.wide());
    }
    print(&cells.join("  "))
}

fn lines<T: Shown>(format: Format, things: &[T]) -> Result<(), Failure> {
    if format == Format::Name {
        return things.iter().try_for_each(|thing| print(&thing.name()));
    }
    let wide = format == Format::Wide;
    let more = if wide { T::WIDE } else { &[] };
    let rows = things.iter().map(|thing| {
        let mut row = thing.row();
        row.extend(wide.then(|| thing.wide()).into_iter().flatten());
        row
    });
    table(&[T::HEAD, more].concat(), rows.collect())
}

/// A line of the result.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    write_all(
        &mut std::io::stdout(),
        format!("{}\n", visible(text)).as_bytes(),
    )
}

/// Exactly these bytes: what a command said.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    write_all(&mut std::io::stdout(), bytes)
}

/// The same on standard error.
pub(crate) fn raw_error(bytes: &[u8]) {
    let _ = std::io::stderr().write_all(bytes);
}

/// A document: to the byte in a file, and harmless on a terminal.
pub(crate) fn pass_on(bytes: &[u8]) -> Result<(), Failure> {
    if !std::io::stdout().is_terminal() {
        return raw(bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    raw(lines.join("\n").as_bytes())
}

/// All of it or a failure: half a kubeconfig in a file must not look like a whole one.
fn write_all(to: &mut impl Write, text: &[u8]) -> Result<(), Failure> {
    let written = to.write_all(text).and_then(|()| to.flush());
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::Other(anyhow::Error::new(error).context("Can't write the result")),
    })
}

/// A line that is not part of the result.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", visible(text));
}

/// What to do about the line before, if anything.
pub(crate) fn advise(text: &str) {
    if !text.is_empty() {
        complain(&format!("  {text}"));
    }
}

/// A question; its answer follows on the same line.
pub(crate) fn ask(question: &str) {
    let _ = write!(std::io::stderr(), "{}", visible(question));
    let _ = std::io::stderr().flush();
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
    raw(format!("{}\n", harmless_json(&text)).as_bytes())
}

/// An object on a line of its own.
pub(crate) fn json_line<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_json::to_string(value).map_err(anyhow::Error::from)?;
    raw(format!("{}\n", harmless_json(&text)).as_bytes())
}

fn yaml<T: Serialize>(value: &T) -> Result<(), Failure> {
    let text = serde_norway::to_string(value).map_err(anyhow::Error::from)?;
    pass_on(text.as_bytes())
}

/// A character that a terminal obeys, or that makes text look like another text.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            // Directions, line separators, tags.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// One line of text with what a terminal would obey as escapes: `\n`, `\u{1b}`.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match is_obeyed(c) {
            true => shown.extend(c.escape_default()),
            false => shown.push(c),
        }
    }
    shown.into()
}

/// The same JSON: in it such characters stand in strings alone, and have an escape of its own.
fn harmless_json(text: &str) -> Cow<'_, str> {
    let obeyed = |c: char| c != '\n' && is_obeyed(c);
    if !text.contains(obeyed) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match obeyed(c) {
            true => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(shown, "\\u{unit:04x}");
                }
            }
            false => shown.push(c),
        }
    }
    shown.into()
}

/// A table without rules, as terminals' own tools write them.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>) -> Result<(), Failure> {
    table_text(head, rows).lines().try_for_each(print)
}

fn table_text(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(head.iter().map(|word| word.to_uppercase()));
    let shown = |row: Vec<String>| row.into_iter().map(|cell| visible(&cell).into_owned());
    for row in rows {
        table.add_row(shown(row));
    }
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
        self.bar.set_message(visible(&text).into_owned());
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
        || "the wait isn't known yet".to_owned(),
        |seconds| format!("starts in about {}", span(i64::from(seconds))),
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

/// What there may be none of.
pub(crate) fn or_dash<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

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
        let rows = vec![vec!["demo".into(), "RUNNING".into()]];
        let text = table_text(&["name", "status"], rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0].starts_with("NAME") && lines[1].contains("RUNNING"),
            "{text}"
        );
    }

    /// Each is obeyed by some terminal, or turns the text around it.
    const OBEYED: [(&str, &str); 8] = [
        ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
        ("a\u{9b}31mb", "a\\u{9b}31mb"),
        ("a\rb", "a\\rb"),
        ("a\nb", "a\\nb"),
        ("a\u{7f}\u{8}b", "a\\u{7f}\\u{8}b"),
        ("a\u{202e}b", "a\\u{202e}b"),
        ("a\u{2066}b\u{2069}", "a\\u{2066}b\\u{2069}"),
        ("a\u{e0041}b", "a\\u{e0041}b"),
    ];

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        for (text, shown) in OBEYED {
            assert_eq!(visible(text), shown);
            let table = table_text(&["name"], vec![vec![text.to_owned()]]);
            assert_eq!(table.lines().count(), 2, "no cell makes a row of its own");
            assert!(table.contains(shown), "{table}");
        }
        for text in ["demo", "Zoë 東京 👩‍💻", "100 % – so"] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn json_stays_the_same_json() {
        for (text, _) in OBEYED {
            let whole = serde_json::to_string_pretty(&[text]).unwrap();
            let shown = harmless_json(&whole);
            let read: Vec<String> = serde_json::from_str(&shown).unwrap();
            assert_eq!(read, [text]);
            assert!(
                !shown.contains(|c: char| c != '\n' && is_obeyed(c)),
                "{shown:?}"
            );
        }
    }
}
