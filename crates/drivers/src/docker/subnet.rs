//! The ranges that labs' networks are cut from: a /28 each, out of one pool of the installation's.

use std::{net::Ipv4Addr, str::FromStr};

use crate::Error;

const PREFIX: u32 = 28;

/// A pool like `10.213.0.0/16`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pool {
    base: u32,
    prefix: u32,
}

impl FromStr for Pool {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || {
            Error::Refused(format!(
                "LABYARD_SUBNETS={text} is not a range like 10.213.0.0/16"
            ))
        };
        let (address, prefix) = text.split_once('/').ok_or_else(refused)?;
        let address: Ipv4Addr = address.parse().map_err(|_| refused())?;
        let prefix: u32 = prefix.parse().map_err(|_| refused())?;
        if !(8..=PREFIX).contains(&prefix) {
            return Err(refused());
        }
        Ok(Self {
            base: u32::from(address) & (u32::MAX << (32 - prefix)),
            prefix,
        })
    }
}

impl Pool {
    /// Every range of the pool, beginning somewhere that `seed` decides, so that two who choose at
    /// once rarely choose the same.
    pub(super) fn from(&self, seed: u32) -> impl Iterator<Item = String> + use<> {
        let (base, count) = (self.base, 1u32 << (PREFIX - self.prefix));
        (0..count).map(move |n| {
            let index = seed.wrapping_add(n) % count;
            format!(
                "{}/{PREFIX}",
                Ipv4Addr::from(base + (index << (32 - PREFIX)))
            )
        })
    }
}

impl Pool {
    /// How many ranges overlap none of those taken, and how many there are. Taken ranges become
    /// spans of indices, so that a large pool with many networks is counted fast.
    pub(super) fn free(&self, taken: &[String]) -> (usize, usize) {
        let count = 1u32 << (PREFIX - self.prefix);
        let last = self.base + ((count - 1) << (32 - PREFIX)) + ((1 << (32 - PREFIX)) - 1);
        let index = |address: u32| (address - self.base) >> (32 - PREFIX);
        let mut spans: Vec<(u32, u32)> = taken
            .iter()
            .filter_map(|text| span(text))
            .filter(|(from, to)| *from <= last && *to >= self.base)
            .map(|(from, to)| (index(from.max(self.base)), index(to.min(last))))
            .collect();
        spans.sort_unstable();
        let (mut used, mut next) = (0, 0);
        for (from, to) in spans {
            let from = from.max(next);
            if to >= from {
                used += to - from + 1;
                next = to + 1;
            }
        }
        let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        (size(count - used), size(count))
    }
}

impl std::fmt::Display for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.base), self.prefix)
    }
}

/// Whether two ranges share an address; what is no IPv4 range overlaps nothing.
pub(super) fn overlap(a: &str, b: &str) -> bool {
    match (span(a), span(b)) {
        (Some((a_from, a_to)), Some((b_from, b_to))) => a_from <= b_to && b_from <= a_to,
        _ => false,
    }
}

/// The first and last address of an IPv4 range.
fn span(text: &str) -> Option<(u32, u32)> {
    let (address, prefix) = text.split_once('/')?;
    let (address, prefix): (Ipv4Addr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    let mask = u32::MAX.checked_shl(32 - prefix.min(32)).unwrap_or(0);
    Some((u32::from(address) & mask, u32::from(address) | !mask))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn free_ranges_are_counted_as_they_would_be_tried() {
        let pool: Pool = "10.213.0.0/24".parse().unwrap();
        let cases: [(&[&str], usize); 5] = [
            (&[], 16),
            (&["10.213.0.16/28", "10.213.0.16/28", "10.213.1.0/28"], 15),
            (&["10.213.0.0/25", "10.213.0.64/28"], 8),
            (&["10.0.0.0/8"], 0),
            (&["172.17.0.0/16", "fd00::/64"], 16),
        ];
        for (taken, free) in cases {
            let taken: Vec<String> = taken.iter().map(|&text| text.to_owned()).collect();
            let tried = pool
                .from(0)
                .filter(|range| !taken.iter().any(|other| overlap(range, other)))
                .count();
            assert_eq!(pool.free(&taken), (free, 16), "{taken:?}");
            assert_eq!(tried, free, "{taken:?}");
        }
    }

    #[test]
    fn a_pool_gives_each_range_once() {
        let pool: Pool = "10.213.0.0/24".parse().unwrap();
        let all: Vec<String> = pool.from(5).collect();
        assert_eq!(all.len(), 16);
        assert_eq!(all[0], "10.213.0.80/28");
        let unique: std::collections::HashSet<&String> = all.iter().collect();
        assert_eq!(unique.len(), 16);
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/29", "x/16"] {
            assert!(text.parse::<Pool>().is_err(), "{text}");
        }
    }

    #[test]
    fn overlaps() {
        assert!(overlap("10.213.0.0/28", "10.213.0.0/16"));
        assert!(!overlap("10.213.0.0/28", "10.213.0.16/28"));
        assert!(!overlap("10.213.0.0/28", "fd00::/64"));
    }
}
