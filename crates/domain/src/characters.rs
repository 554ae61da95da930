//! Characters: which of them can be seen, which change how others are shown, and the form in which passwords are compared.
//! What is made of them (names, addresses) is `text`'s.

use unicode_normalization::UnicodeNormalization;

/// Ranges of characters, first and last.
pub(crate) type Ranges = &'static [(char, char)];

/// Characters that show nothing: white space, controls, and what Unicode calls ignorable by default.
pub(crate) const UNSEEN: Ranges = &[
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

/// Characters that change how the text around them is shown: controls, line ends, and Unicode's Bidi_Control.
pub(crate) const UNRULY: Ranges = &[
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

/// Whether at least one character can be seen.
pub(crate) fn is_seen(text: &str) -> bool {
    text.chars().any(|c| !within(UNSEEN, c))
}

/// Whether this character changes how others are shown.
pub(crate) fn changes_others(c: char) -> bool {
    within(UNRULY, c)
}

/// Whether a character changes how others are shown.
pub(crate) fn is_unruly(text: &str) -> bool {
    text.chars().any(changes_others)
}

/// A password in the form of RFC 8265's OpaqueString: composed (NFC), every kind of space a plain one, case kept.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_in_every_form_but_not_in_every_case() {
        assert_eq!(opaque("cafe\u{301} au\u{a0}lait"), opaque("café au lait"));
        assert_ne!(opaque("Café"), opaque("café"));
        assert_ne!(opaque(" a"), opaque("a"));
    }
}
