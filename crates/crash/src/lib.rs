//! Crash points: places where a process may be told to die, before and after all that it commits, publishes, reports or
//! has done on a host. Without the feature `chaos` a point is nothing.

mod points;

pub use points::{POINTS, Program, program};

/// The process dies here, without warning, when `LABYARD_CRASH` names this point; `name:3` means the
/// third time it comes by. Every name is in [`POINTS`].
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {{
        const {
            assert!($crate::is_listed($name), "not in POINTS");
        }
        $crate::reached($name)
    }};
}

/// Waits for a future between two points.
#[macro_export]
macro_rules! between {
    ($before:literal, $work:expr, $after:literal) => {{
        $crate::crash_point!($before);
        let done = $work.await;
        $crate::crash_point!($after);
        done
    }};
}

/// Whether a name is in [`POINTS`]; asked when a point is compiled.
#[must_use]
pub const fn is_listed(name: &str) -> bool {
    let mut at = 0;
    while at < POINTS.len() {
        if same(POINTS[at].as_bytes(), name.as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(not(feature = "chaos"))]
#[inline(always)]
pub const fn reached(_: &str) {}

/// Whether a fence is compared: always, but where a test of faults shows what happens otherwise.
#[cfg(not(feature = "chaos"))]
#[inline(always)]
pub const fn fences_checked() -> bool {
    true
}

#[cfg(feature = "chaos")]
pub use armed::{fences_checked, reached};

#[cfg(feature = "chaos")]
mod armed {
    use std::{
        io::Write,
        sync::{
            OnceLock,
            atomic::{AtomicU64, Ordering},
        },
    };

    /// The point at which this process is to die, and how often it may pass it before.
    struct Order {
        point: String,
        left: AtomicU64,
    }

    fn order() -> Option<&'static Order> {
        static ORDER: OnceLock<Option<Order>> = OnceLock::new();
        let read = || {
            let text = std::env::var("LABYARD_CRASH").ok()?;
            let (point, times) = match text.split_once(':') {
                Some((point, times)) => (point.to_owned(), times.parse().unwrap_or(1)),
                None => (text, 1),
            };
            Some(Order {
                point,
                left: AtomicU64::new(times),
            })
        };
        ORDER.get_or_init(read).as_ref()
    }

    /// `LABYARD_FENCES=off` takes every fence for the right one.
    pub fn fences_checked() -> bool {
        static CHECKED: OnceLock<bool> = OnceLock::new();
        *CHECKED.get_or_init(|| std::env::var("LABYARD_FENCES").as_deref() != Ok("off"))
    }

    pub fn reached(name: &str) {
        let Some(order) = order().filter(|order| order.point == name) else {
            return;
        };
        if order.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            let _ = writeln!(std::io::stderr(), "dies at {name}");
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{POINTS, is_listed, program};

    #[test]
    fn every_point_is_listed_once() {
        let names: BTreeSet<&str> = POINTS.iter().copied().collect();
        assert_eq!(names.len(), POINTS.len());
        assert!(POINTS.iter().all(|point| is_listed(point)));
        assert!(!is_listed("nowhere"));
        assert!(POINTS.iter().all(|point| program(point).is_some()));
        assert_eq!(program("nowhere.at.all"), None);
    }
}
