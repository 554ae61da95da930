//! Spans of time as people write them: `2h`, `+90m`, `1.5h`, `1h30m`, `never`.

use std::time::Duration;

use domain::limits;

/// Longer than anything lives.
const MAX: Duration = Duration::from_secs(366 * 24 * 3600);

/// A span that something may have; a `+` before it says nothing more.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let span = read(text)?;
    match span.is_zero() || span > MAX {
        true => Err(format!("{text} isn't between a second and a year")),
        false => Ok(span),
    }
}

/// Numbers with units, one after the other.
fn read(text: &str) -> Result<Duration, String> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(wrong(text));
    }
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| c.is_ascii_alphabetic())
            .ok_or_else(|| {
                format!("{text} has no unit: write h for hours or m for minutes after it")
            })?;
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
    Duration::try_from_secs_f64(seconds).map_err(|_| wrong(text))
}

fn wrong(text: &str) -> String {
    format!("{text:?} isn't a duration like 2h, 90m, 1.5h or 1h30m")
}

pub(crate) fn hours(span: Duration) -> f64 {
    span.as_secs_f64() / 3600.0
}

/// Whole units of so many seconds.
fn whole(text: &str, unit_secs: u64, unit: &str) -> Result<u32, String> {
    let seconds = parse(text)?.as_secs();
    match seconds % unit_secs {
        0 => Ok(u32::try_from(seconds / unit_secs).unwrap_or(u32::MAX)),
        _ => Err(format!("{text} isn't a whole number of {unit}")),
    }
}

/// Days, like `7d`.
pub(crate) fn days(text: &str) -> Result<u32, String> {
    whole(text, 24 * 3600, "days")
}

/// Minutes, like `30m`.
pub(crate) fn minutes(text: &str) -> Result<u32, String> {
    whole(text, 60, "minutes")
}

/// How long a cluster lives.
pub(crate) fn ttl(text: &str) -> Result<Duration, String> {
    let span = read(text)?;
    let (least, most) = (limits::TTL_MIN_HOURS, limits::TTL_MAX_HOURS);
    match (least..=most).contains(&hours(span)) {
        true => Ok(span),
        false => Err(format!("between {}m and {}d", least * 60.0, most / 24.0)),
    }
}

/// Minutes without use after which a cluster is stopped, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AutoStop(pub(crate) Option<u32>);

impl AutoStop {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text == "never" {
            return Ok(Self(None));
        }
        let minutes = minutes(text).map_err(|error| format!("{error}, or never"))?;
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
    fn whole_days_and_minutes_and_the_life_of_a_cluster() {
        assert_eq!(
            (days("7d"), days("48h"), minutes("2h")),
            (Ok(7), Ok(2), Ok(120))
        );
        for (text, advice) in [("0", "write h"), ("2", "write h")] {
            assert!(
                ttl(text).is_err_and(|error| error.contains(advice)),
                "{text}"
            );
        }
        assert!(days("36h").is_err() && minutes("90s").is_err() && days("7").is_err());
        assert!(ttl("15m").is_ok() && ttl("7d").is_ok());
        for text in ["14m", "8d", "9d", "0h", "1000000h"] {
            assert_eq!(ttl(text), Err("between 15m and 7d".into()), "{text}");
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
