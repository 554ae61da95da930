//! Text that people write and read: names, addresses, passwords. Each is brought into one form here, so that what looks
//! the same is the same, and what cannot be seen is no name. What is wrong with one is said by `limits`.

use unicode_normalization::UnicodeNormalization;

use crate::{
    characters::{changes_others, is_seen},
    limits,
};

/// A name that people read: of a person, an organization, a token, a trust. It can be seen, is one line, and says nothing
/// about how the text beside it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// # Errors
    /// What to change.
    pub fn read(text: &str) -> Result<Self, String> {
        limits::check_person_name(text)?;
        Ok(Self(text.trim().nfc().collect()))
    }

    /// What can be made a name of what somebody else says; `instead` where nothing of it can be seen.
    pub fn made_of(said: &str, instead: &'static str) -> Self {
        Self(line(said, limits::PERSON_NAME_MAX).unwrap_or_else(|| instead.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is said, as one line of so many characters at most; nothing if none of it can be seen.
pub fn line(said: &str, most: usize) -> Option<String> {
    let kept = said.nfc().filter(|c| !changes_others(*c));
    let kept: String = kept.take(most).collect();
    let kept = kept.trim();
    is_seen(kept).then(|| kept.to_owned())
}

/// An e-mail address in the one form in which it is kept and looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// One to look for, whatever it is.
    pub fn of(text: &str) -> Self {
        Self(fold(text))
    }

    /// One to keep.
    ///
    /// # Errors
    /// What to change.
    pub fn read(text: &str) -> Result<Self, String> {
        let address = Self::of(text);
        limits::check_email(&address.0).map(|()| address)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What somebody is called who does not say it: the part before the `@`, as far as a name goes.
    pub fn name(&self) -> Name {
        let local = self.0.split('@').next().unwrap_or_default();
        Name::made_of(local, "unnamed")
    }
}

/// The form in which names and addresses are compared: without the space around, in lower case, composed.
pub fn fold(text: &str) -> String {
    let composed: String = text.trim().nfc().collect();
    composed.to_lowercase().nfc().collect()
}

/// Text with what cannot be shown written out, `\u{0}`: for what is kept of a stranger's words.
pub fn escaped(text: &str) -> String {
    let each = |c: char| match changes_others(c) {
        true => c.escape_unicode().to_string(),
        false => c.to_string(),
    };
    text.chars().map(each).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_seen_and_leaves_other_text_alone() {
        for name in [
            "Ana",
            "José",
            "محمد",
            "さくら",
            "👩\u{200d}🔬",
            "a\u{200b}b",
            "می\u{200c}خواهم",
            "-",
        ] {
            assert_eq!(Name::read(name).unwrap().as_str(), name, "{name}");
        }
        for name in [
            "",
            " ",
            "\u{200b}",
            "\u{3164}",
            "\u{202e}",
            "\u{2800}",
            "\u{fe0f}\u{ad}",
            "\u{e0041}",
            "a\u{202e}b",
            "a\u{2066}b\u{2069}",
            "a\u{200f}",
            "a\0",
            "a\nb",
            "a\u{2028}b",
            &"a".repeat(101),
        ] {
            assert!(Name::read(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn a_name_is_kept_without_the_space_around_and_composed() {
        assert_eq!(Name::read(" Jose\u{301} ").unwrap().as_str(), "José");
    }

    #[test]
    fn what_a_stranger_says_is_one_line_that_can_be_seen() {
        let said = " labyard on\x1b[31m\r\nbox\u{202e} ";
        assert_eq!(line(said, 80).as_deref(), Some("labyard on[31mbox"));
        assert_eq!(line(&"é".repeat(200), 80).unwrap().chars().count(), 80);
        assert_eq!(line("\u{200b}\u{202e}", 80), None);
        assert_eq!(
            Address::of("\u{200b}@example.org").name().as_str(),
            "unnamed"
        );
        assert_eq!(Address::of("Ana@example.org").name().as_str(), "ana");
    }

    #[test]
    fn what_looks_the_same_is_found_in_any_form_and_case() {
        for (one, other) in [
            ("José", "JOSE\u{301}"),
            (" Ana@Example.org ", "ana@example.org"),
            ("Ångström", "\u{212b}ngstro\u{308}m"),
        ] {
            assert_eq!(fold(one), fold(other));
        }
        assert_ne!(fold("strasse"), fold("straße"), "those are two addresses");
    }

    #[test]
    fn what_cannot_be_shown_is_written_out() {
        assert_eq!(escaped("a\0\u{202e}é"), "a\\u{0}\\u{202e}é");
    }
}
