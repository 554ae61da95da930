//! The ranges that labs' networks are cut from: a /28 each, out of one pool of the installation's.

use std::str::FromStr;

use ipnet::Ipv4Net;

use crate::provision::Error;

const PREFIX: u8 = 28;

/// A pool like `10.213.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pool(Ipv4Net);

impl FromStr for Pool {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        let pool: Option<Ipv4Net> = text.parse().ok();
        pool.filter(|pool| (8..=PREFIX).contains(&pool.prefix_len()))
            .map(|pool| Self(pool.trunc()))
            .ok_or_else(|| {
                Error::Refused(format!(
                    "LABYARD_SUBNETS={text} is not a range like 10.213.0.0/16"
                ))
            })
    }
}

impl Pool {
    /// Every range of the pool, beginning somewhere that `seed` decides, so that two who choose at
    /// once rarely choose the same.
    pub(super) fn ranges(self, seed: usize) -> impl Iterator<Item = Ipv4Net> + use<> {
        let (all, count) = (self.0.subnets(PREFIX).ok(), ranges_in(self.0));
        let all = all.into_iter().flatten();
        all.clone().skip(seed % count).chain(all).take(count)
    }

    /// How many ranges overlap none of those taken, and how many there are. Taken ranges are merged
    /// and counted, not compared one by one: a large pool with many networks is counted fast.
    pub(super) fn free(self, taken: &[Ipv4Net]) -> (usize, usize) {
        let (pool, count) = (self.0, ranges_in(self.0));
        // What is smaller than a range takes all of it.
        let whole = |net: &Ipv4Net| Ipv4Net::new(net.addr(), net.prefix_len().min(PREFIX)).ok();
        let here = taken.iter().filter(|net| overlap(**net, pool));
        let here: Vec<Ipv4Net> = here.filter_map(whole).map(|net| net.trunc()).collect();
        let merged = Ipv4Net::aggregate(&here);
        let used: usize = merged.into_iter().map(ranges_in).sum();
        (count.saturating_sub(used), count)
    }
}

impl std::fmt::Display for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How many ranges make up a network that is no smaller than one.
const fn ranges_in(net: Ipv4Net) -> usize {
    1 << PREFIX.saturating_sub(net.prefix_len())
}

/// Whether two networks share an address.
pub(super) fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    #[test]
    fn free_ranges_are_counted_as_they_would_be_tried() {
        let pool: Pool = "10.213.0.0/24".parse().unwrap();
        let cases: [(&[&str], usize); 6] = [
            (&[], 16),
            (&["10.213.0.16/28", "10.213.0.16/28", "10.213.1.0/28"], 15),
            (&["10.213.0.0/25", "10.213.0.64/28"], 8),
            (&["10.213.0.4/30", "10.213.0.8/30", "10.213.0.32/29"], 14),
            (&["10.0.0.0/8"], 0),
            (&["172.17.0.0/16"], 16),
        ];
        for (taken, free) in cases {
            let taken: Vec<Ipv4Net> = taken.iter().map(|text| net(text)).collect();
            let tried = pool
                .ranges(0)
                .filter(|range| !taken.iter().any(|other| overlap(*range, *other)))
                .count();
            assert_eq!(pool.free(&taken), (free, 16), "{taken:?}");
            assert_eq!(tried, free, "{taken:?}");
        }
    }

    #[test]
    fn a_pool_gives_each_range_once() {
        let pool: Pool = "10.213.0.0/24".parse().unwrap();
        let all: Vec<Ipv4Net> = pool.ranges(5).collect();
        assert_eq!(all.len(), 16);
        assert_eq!(all[0], net("10.213.0.80/28"));
        let unique: std::collections::HashSet<&Ipv4Net> = all.iter().collect();
        assert_eq!(unique.len(), 16);
        for text in ["", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/29", "x/16"] {
            assert!(text.parse::<Pool>().is_err(), "{text}");
        }
    }

    #[test]
    fn overlaps() {
        let overlaps = |a, b| overlap(net(a), net(b));
        assert!(overlaps("10.213.0.0/28", "10.213.0.0/16"));
        assert!(overlaps("10.213.0.0/16", "10.213.0.0/28"));
        assert!(!overlaps("10.213.0.0/28", "10.213.0.16/28"));
    }
}
