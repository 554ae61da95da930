//! Spans of time as people write them: `2h`, `+90m`, `1.5h`, `1h30m`, `never`.

use std::time::Duration;

use domain::limits;

/// Longer than anything lives.
const MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// Numbers with units, one after the other; a `+` before them says nothing more.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(wrong(text));
    }
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c.is_ascii_alphabetic())
            .ok_or_else(|| format!("{text} has no unit: write {text}h or {text}m"))?;
        let (number, unit) = rest.split_at(end);
        let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let number: f64 = number
            .parse()
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| wrong(text))?;
        let unit_seconds = match unit.chars().next() {
            Some('s') => 1.0,
            Some('m') => 60.0,
            Some('h') => 3600.0,
            Some('d') => 86_400.0,
            _ => return Err(wrong(text)),
        };
        seconds += number * unit_seconds;
        rest = &unit[1..];
    }
    let span = Duration::try_from_secs_f64(seconds).map_err(|_| wrong(text))?;
    if span.is_zero() || span > MAX {
        return Err(format!("{text} is not between a moment and a year"));
    }
    Ok(span)
}

fn wrong(text: &str) -> String {
    format!("{text:?} is no span of time like 2h, 90m, 1.5h or 1h30m")
}

pub(crate) fn hours(span: Duration) -> f64 {
    span.as_secs_f64() / 3600.0
}

/// Minutes without use after which a cluster is stopped, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AutoStop(pub(crate) Option<u32>);

impl AutoStop {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        let seconds = parse(text)
            .map_err(|error| format!("{error}, or never"))?
            .as_secs();
        let minutes = u32::try_from(seconds / 60).unwrap_or(u32::MAX);
        if seconds % 60 != 0 {
            return Err("whole minutes, like 30m, or never".into());
        }
        limits::check_auto_stop(minutes).map_err(|_| {
            format!(
                "between {}m and {}h, or never",
                limits::AUTO_STOP_MIN_MINUTES,
                limits::AUTO_STOP_MAX_MINUTES / 60
            )
        })?;
        Ok(Self(Some(minutes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        for (text, seconds) in [
            ("+2h", 7200),
            ("2h", 7200),
            ("90m", 5400),
            ("1.5h", 5400),
            ("1h30m", 5400),
            ("0.25h", 900),
            ("2d", 172_800),
            ("45s", 45),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "", "+", "2", "h", "-2h", "++2h", "2y", "2h3", "1e9h", "0h", "infh", "999999d", "2 h",
            "ä",
        ] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_stop_of_itself_is_minutes_or_never() {
        assert_eq!(AutoStop::parse("never"), Ok(AutoStop(None)));
        assert_eq!(AutoStop::parse("30m"), Ok(AutoStop(Some(30))));
        assert_eq!(AutoStop::parse("1.5h"), Ok(AutoStop(Some(90))));
        for text in ["4m", "25h", "90s", "always", "30"] {
            assert!(AutoStop::parse(text).is_err(), "{text}");
        }
    }
}
