//! Text that people write and read: names, addresses, passwords. Each is brought into one form here, so that what looks
//! the same is the same, and what cannot be seen is no name. What is wrong with one is said by `limits`.

use unicode_normalization::UnicodeNormalization;

use crate::limits;

/// Ranges of characters, first and last.
type Ranges = &'static [(char, char)];

/// What shows nothing where it stands: white space, controls, and what Unicode calls ignorable by default.
const UNSEEN: Ranges = &[
    ('\0', ' '),
    ('\u{7f}', '\u{a0}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{2000}', '\u{200f}'),
    ('\u{2028}', '\u{202f}'),
    ('\u{205f}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// What changes how the text around it is shown: controls, ends of lines, and Unicode's Bidi_Control.
const UNRULY: Ranges = &[
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{2029}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2066}', '\u{2069}'),
];

fn within(ranges: Ranges, c: char) -> bool {
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&c))
}

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
    let kept = said.nfc().filter(|c| !within(UNRULY, *c));
    let kept: String = kept.take(most).collect();
    let kept = kept.trim();
    is_seen(kept).then(|| kept.to_owned())
}

/// Whether there is a character that can be seen.
pub fn is_seen(text: &str) -> bool {
    text.chars().any(|c| !within(UNSEEN, c))
}

/// Whether there is a character that changes how others are shown.
pub fn is_unruly(text: &str) -> bool {
    text.chars().any(|c| within(UNRULY, c))
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

/// A password as RFC 8265's OpaqueString compares it: composed, every kind of space the plain one, case as it is.
pub fn opaque(password: &str) -> String {
    let space = |c: char| {
        matches!(
            c,
            '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
    };
    let spaced = password.chars().map(|c| if space(c) { ' ' } else { c });
    spaced.nfc().collect()
}

/// Text with what cannot be shown written out, `\u{0}`: for what is kept of a stranger's words.
pub fn escaped(text: &str) -> String {
    let each = |c: char| match within(UNRULY, c) {
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
    fn a_password_is_the_same_in_every_form_but_not_in_every_case() {
        assert_eq!(opaque("cafe\u{301} au\u{a0}lait"), opaque("café au lait"));
        assert_ne!(opaque("Café"), opaque("café"));
        assert_ne!(opaque(" a"), opaque("a"));
    }

    #[test]
    fn what_cannot_be_shown_is_written_out() {
        assert_eq!(escaped("a\0\u{202e}é"), "a\\u{0}\\u{202e}é");
    }

    /// The published pattern has the same ranges, as a regular expression writes them.
    #[test]
    fn the_pattern_of_names_is_these_ranges() {
        let written = |c: char| match u32::from(c) {
            code @ 0..=0xff => format!("\\x{code:02x}"),
            code @ 0..=0xffff => format!("\\u{code:04x}"),
            _ => c.to_string(),
        };
        let class = |ranges: Ranges| -> String {
            let each = ranges.iter().map(|(first, last)| match first == last {
                true => written(*first),
                false => format!("{}-{}", written(*first), written(*last)),
            });
            each.collect()
        };
        let (unruly, unseen) = (class(UNRULY), class(UNSEEN));
        let pattern = format!("^[^{unruly}]*[^{unseen}][^{unruly}]*$");
        assert_eq!(limits::pattern::PERSON_NAME, pattern);
    }
}
