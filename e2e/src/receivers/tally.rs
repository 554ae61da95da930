//! What one receiver has of its events, each of which is numbered from 1 in its `version`; and how late they came.

use memchr::memmem;

use super::clock;

/// One receiver's count.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// The number of the last event.
    pub last: u64,
    pub events: u64,
    /// Seen before, and told apart by their number alone.
    pub duplicates: u64,
    /// Not there when a later one came.
    pub missed: u64,
    pub resets: u64,
    /// How often its stream was opened.
    pub opened: u64,
    /// Where a browser would come back to.
    pub cursor: String,
}

impl Tally {
    /// Counts an event; gives its number and when it was sent, if it is a new one.
    pub(super) fn take(&mut self, data: &[u8]) -> Option<(u64, Option<u64>)> {
        let version = number_after(data, b"\"version\":")?;
        if version <= self.last {
            self.duplicates += 1;
            return None;
        }
        self.missed += version - self.last - 1;
        self.last = version;
        self.events += 1;
        Some((version, number_after(data, b"\"t\":")))
    }
}

impl Tally {
    /// Where a WebSocket's subscription begins; one that has not had an event goes on from there.
    pub(super) fn subscribed(&mut self, data: &[u8]) {
        self.resets += u64::from(text_after(data, b"\"reset\":\"").is_some());
        if let Some(cursor) = text_after(data, b"\"cursor\":\"") {
            self.cursor = String::from_utf8_lossy(cursor).into_owned();
        }
    }
}

/// What comes after a key that ends with the quote of its value.
fn text_after<'a>(data: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    until_quote(&data[memmem::find(data, key)? + key.len()..])
}

pub(super) fn until_quote(text: &[u8]) -> Option<&[u8]> {
    Some(&text[..memchr::memchr(b'"', text)?])
}

fn number_after(data: &[u8], key: &[u8]) -> Option<u64> {
    let at = memmem::rfind(data, key)? + key.len();
    let digits = data[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
}

/// Durations in buckets, each about 3 % wide.
#[derive(Debug, Clone)]
pub struct Delays {
    buckets: Vec<u64>,
    count: u64,
    /// By event: its slowest receiver, in nanoseconds.
    slowest: Vec<u64>,
}

const PARTS: usize = 32;

impl Default for Delays {
    fn default() -> Self {
        Self {
            buckets: vec![0; PARTS * 64],
            count: 0,
            slowest: Vec::new(),
        }
    }
}

impl Delays {
    pub(super) fn record(&mut self, version: u64, sent: u64) {
        let nanos = clock::now().saturating_sub(sent);
        self.buckets[bucket(nanos)] += 1;
        self.count += 1;
        let index = version as usize;
        if self.slowest.len() <= index {
            self.slowest.resize(index + 1, 0);
        }
        self.slowest[index] = self.slowest[index].max(nanos);
    }

    /// In milliseconds.
    pub fn percentile(&self, part: f64) -> f64 {
        let wanted = (self.count as f64 * part).ceil() as u64;
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted && seen > 0 {
                return millis(upper(index));
            }
        }
        0.0
    }

    /// Of all events, how late the last of its receivers had it, in milliseconds.
    pub fn last_receiver(&self, part: f64) -> f64 {
        let mut all: Vec<u64> = self
            .slowest
            .iter()
            .copied()
            .filter(|nanos| *nanos > 0)
            .collect();
        all.sort_unstable();
        let index = (all.len() as f64 * part) as usize;
        all.get(index.min(all.len().saturating_sub(1)))
            .map_or(0.0, |nanos| millis(*nanos))
    }
}

fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

fn bucket(nanos: u64) -> usize {
    let exponent = 63 - (nanos | PARTS as u64).leading_zeros() as usize;
    (exponent - 5) * PARTS + (nanos >> (exponent - 5)) as usize
}

fn upper(bucket: usize) -> u64 {
    if bucket < 2 * PARTS {
        return bucket as u64;
    }
    let exponent = bucket / PARTS - 1;
    ((bucket % PARTS + PARTS + 1) as u64) << exponent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_event_counts_once_and_a_hole_is_seen() {
        let mut tally = Tally::default();
        let event = |version| format!(r#"{{"id":"e","version":{version},"data":{{"t":7}}}}"#);
        for version in [1, 2, 2, 5, 1] {
            tally.take(event(version).as_bytes());
        }
        assert_eq!(tally.take(b"{\"type\":\"connected\"}"), None);
        assert_eq!(tally.take(event(6).as_bytes()), Some((6, Some(7))));
        let Tally {
            last,
            events,
            duplicates,
            missed,
            ..
        } = tally;
        assert_eq!((last, events, duplicates, missed), (6, 4, 2, 2));
    }

    #[test]
    fn a_socket_goes_on_where_its_subscription_begins() {
        let mut tally = Tally::default();
        tally.subscribed(br#"{"type":"subscribed","data":{"id":"org_1","cursor":"a-7"}}"#);
        assert_eq!((tally.cursor.as_str(), tally.resets), ("a-7", 0));
        tally.subscribed(br#"{"type":"subscribed","data":{"cursor":"b-1","reset":"too_old"}}"#);
        assert_eq!((tally.cursor.as_str(), tally.resets), ("b-1", 1));
    }

    #[test]
    fn a_bucket_is_as_narrow_as_said() {
        for nanos in (0..40).map(|power| 3u64.pow(power)) {
            let upper = upper(bucket(nanos));
            assert!(
                upper >= nanos && upper <= nanos + nanos / 16 + 1,
                "{nanos} {upper}"
            );
        }
    }
}
