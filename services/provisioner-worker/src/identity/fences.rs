//! The highest fence seen of each installation, as the state folder keeps it: a line each, the one worked for last at
//! the end.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use anyhow::Context;

pub(super) const FILE: &str = "fence";
/// Installations remembered; of more, those worked for longest ago are forgotten.
const INSTALLATIONS_MAX: usize = 8;
/// Stands for an installation that an earlier version did not write down.
const NOBODY: &str = "";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fences(Vec<(String, i64)>);

impl Fences {
    /// Those of earlier lives. A file that cannot be read is an error: to forget it would hide a database
    /// that went back in time.
    pub(super) fn kept(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::read(&text)
                .with_context(|| format!("{} is not a list of fences", path.display())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
        }
    }

    fn read(text: &str) -> anyhow::Result<Self> {
        let line = |line: &str| {
            let (installation, fence) = line.rsplit_once(' ').unwrap_or((NOBODY, line));
            Ok((installation.to_owned(), fence.parse()?))
        };
        text.lines()
            .map(line)
            .collect::<anyhow::Result<_>>()
            .map(Self)
    }

    pub(super) fn text(&self) -> String {
        let line = |(installation, fence): &(String, i64)| match installation.as_str() {
            NOBODY => format!("{fence}\n"),
            installation => format!("{installation} {fence}\n"),
        };
        self.0.iter().map(line).collect()
    }

    /// Takes a fence of an installation; whether it is its highest so far.
    pub(super) fn saw(&mut self, installation: &str, fence: i64) -> bool {
        if self.has(installation) && self.of(installation) >= fence {
            return false;
        }
        // What was written down of nobody is this one's, if its fences have got so far.
        self.0
            .retain(|(of, seen)| of != installation && !(of == NOBODY && *seen <= fence));
        self.0.push((installation.to_owned(), fence));
        let surplus = self.0.len().saturating_sub(INSTALLATIONS_MAX);
        self.0.drain(..surplus);
        true
    }

    fn has(&self, installation: &str) -> bool {
        self.0.iter().any(|(of, _)| of == installation)
    }

    pub(crate) fn of(&self, installation: &str) -> i64 {
        let found = self.0.iter().find(|(of, _)| of == installation);
        found.map_or(0, |(_, fence)| *fence)
    }

    pub(crate) fn of_nobody(&self) -> i64 {
        self.of(NOBODY)
    }

    pub(crate) fn by_installation(&self) -> BTreeMap<String, i64> {
        let named = self.0.iter().filter(|(of, _)| of != NOBODY);
        named.cloned().collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_installation_has_its_own_fence() {
        let mut fences = Fences::default();
        assert!(fences.saw("a", 7) && fences.saw("b", 2));
        assert!(!fences.saw("a", 6) && !fences.saw("b", 2));
        assert_eq!((fences.of("a"), fences.of("b"), fences.of("c")), (7, 2, 0));
        assert_eq!(Fences::read(&fences.text()).unwrap(), fences);
    }

    #[test]
    fn a_fence_of_an_earlier_version_stands_until_its_installation_has_got_so_far() {
        let mut fences = Fences::read("40").unwrap();
        assert!(fences.saw("a", 39));
        assert_eq!((fences.of_nobody(), fences.of("a")), (40, 39));
        assert!(fences.saw("a", 41));
        assert_eq!((fences.of_nobody(), fences.of("a")), (0, 41));
        assert!(Fences::read("not a number").is_err());
    }

    #[test]
    fn of_too_many_the_oldest_are_forgotten() {
        let mut fences = Fences::default();
        for number in 0..20 {
            fences.saw(&format!("i{number}"), number);
        }
        assert_eq!(fences.by_installation().len(), INSTALLATIONS_MAX);
        assert_eq!((fences.of("i19"), fences.of("i0")), (19, 0));
    }
}
