//! Text that people write and read: names, addresses, passwords. Each is brought into one form here, so that what looks
//! the same is the same, and what cannot be seen is no name. What is wrong with one is said by `limits`.

use unicode_normalization::UnicodeNormalization;

use crate::{
    characters::{changes_others, is_seen},
    limits,
};

/// A name for people to read, of a user, an organization, a token or a trust: one line with something to see, which
/// doesn't change how the text beside it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// Reads a name that somebody typed: trims and composes (NFC) it.
    ///
    /// # Errors
    /// When [`limits::check_person_name`] refuses it; the text says what to change.
    pub fn read(text: &str) -> Result<Self, String> {
        limits::check_person_name(text)?;
        Ok(Self(text.trim().nfc().collect()))
    }

    /// Makes a name of a stranger's word, such as a provider's claim; `instead` where nothing of it can be seen.
    pub fn made_of(said: &str, instead: &'static str) -> Self {
        Self(line(said, limits::PERSON_NAME_MAX).unwrap_or_else(|| instead.to_owned()))
    }

    /// The name, trimmed and composed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text as one line of at most `most` characters; `None` if none of them can be seen.
pub fn line(said: &str, most: usize) -> Option<String> {
    let kept = said.nfc().filter(|c| !changes_others(*c));
    let kept: String = kept.take(most).collect();
    let kept = kept.trim();
    is_seen(kept).then(|| kept.to_owned())
}

/// An email address in the one form in which it is stored and compared: trimmed, composed, lower-case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// An address to look up, well-formed or not.
    pub fn of(text: &str) -> Self {
        Self(fold(text))
    }

    /// An address to store.
    ///
    /// # Errors
    /// When [`limits::check_email`] refuses it; the text says what to change.
    pub fn read(text: &str) -> Result<Self, String> {
        let address = Self::of(text);
        limits::check_email(&address.0).map(|()| address)
    }

    /// The address in its stored form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for a user who gave none: the part before the `@`, or `unnamed` if that shows nothing.
    pub fn name(&self) -> Name {
        let local = self.0.split('@').next().unwrap_or_default();
        Name::made_of(local, "unnamed")
    }
}

/// The form in which names and addresses are compared: trimmed, lower-case, composed (NFC).
pub fn fold(text: &str) -> String {
    let composed: String = text.trim().nfc().collect();
    composed.to_lowercase().nfc().collect()
}

/// The text with what can't be shown written out, like `\u{0}`. For storing a stranger's words.
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
