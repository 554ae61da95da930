//! Types of events, as a set: what a stream asks for, held against what an event is.

use api::event::kind;

/// Types of events, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u128);

/// The bit of whatever this version has no name for; each type has one of its own below it.
const OTHER_BIT: usize = 127;
const _: () = assert!(kind::ALL.len() <= OTHER_BIT);

impl Kinds {
    pub(crate) const ALL: Self = Self(u128::MAX);
    /// Whatever this version has no name for.
    const OTHER: Self = Self(1 << OTHER_BIT);

    pub(crate) fn of(kind: &str) -> Self {
        let index = kind::ALL.iter().position(|known| *known == kind);
        index.map_or(Self::OTHER, |index| Self(1 << index))
    }

    /// The types named: whole, or as `<noun>.*`. None named is all; `Err` names the unknown one.
    pub(crate) fn named<'a>(names: impl Iterator<Item = &'a str>) -> Result<Self, &'a str> {
        let mut kinds = Self(0);
        for name in names {
            let mut one = Self(0);
            for (index, known) in kind::ALL.iter().enumerate() {
                let noun = name.strip_suffix('*');
                if *known == name || noun.is_some_and(|noun| known.starts_with(noun)) {
                    one.0 |= 1 << index;
                }
            }
            if one.0 == 0 {
                return Err(name);
            }
            kinds.0 |= one.0;
        }
        Ok(if kinds.0 == 0 { Self::ALL } else { kinds })
    }

    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn types_are_named_whole_or_by_their_noun() {
        let tasks = Kinds::named(["task.*"].into_iter()).unwrap();
        assert!(tasks.meets(Kinds::of(kind::TASK_STEP_BEGAN)));
        assert!(!tasks.meets(Kinds::of(kind::CLUSTER_CHANGED)));
        let one = Kinds::named([kind::CLUSTER_CREATED].into_iter()).unwrap();
        assert!(!one.meets(Kinds::of(kind::CLUSTER_CHANGED)));
        assert_eq!(Kinds::named([].into_iter()), Ok(Kinds::ALL));
        assert!(Kinds::ALL.meets(Kinds::of("of.later")));
        assert_eq!(Kinds::named(["nothing"].into_iter()), Err("nothing"));
    }
}
