//! Places in the log: the incarnation (which life of the database) and the cursor (`<incarnation>-<position>`). How events
//! travel is not here.

use std::{borrow::Cow, fmt, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Life of the database: a new one begins when the database went back in time. Eight lower-case hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Incarnation(pub u32);

/// Place in the log that stays valid across reconnects, replicas and restarts:
/// `<incarnation>-<position>`, like `000000ab-7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// Life of the database in which the position was given.
    pub incarnation: Incarnation,
    /// Position of the last event seen; 0 is before the first.
    pub position: u64,
}

/// The text isn't a cursor or an incarnation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor of the form <8 hex digits>-<position>")]
pub struct ParseCursorError;

impl fmt::Display for Incarnation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl FromStr for Incarnation {
    type Err = ParseCursorError;
    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let lower_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        if text.len() != 8 || !text.bytes().all(lower_hex) {
            return Err(ParseCursorError);
        }
        u32::from_str_radix(text, 16)
            .map(Self)
            .map_err(|_| ParseCursorError)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.incarnation, self.position)
    }
}

impl FromStr for Cursor {
    type Err = ParseCursorError;
    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let (incarnation, position) = text.split_once('-').ok_or(ParseCursorError)?;
        if position.is_empty() || !position.bytes().all(|b| b.is_ascii_digit()) {
            return Err(ParseCursorError);
        }
        Ok(Self {
            incarnation: incarnation.parse()?,
            position: position.parse().map_err(|_| ParseCursorError)?,
        })
    }
}

macro_rules! as_text {
    ($name:ident, $pattern:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern })
            }
        }
    };
}
as_text!(Incarnation, "^[0-9a-f]{8}$");
as_text!(Cursor, "^[0-9a-f]{8}-[0-9]+$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text() {
        let cursor = Cursor {
            incarnation: Incarnation(0xab),
            position: 7,
        };
        assert_eq!(cursor.to_string(), "000000ab-7");
        assert_eq!("000000ab-7".parse(), Ok(cursor));
    }

    #[test]
    fn garbage_is_no_cursor() {
        for text in [
            "",
            "-",
            "7",
            "000000ab",
            "000000ab-",
            "ab-7",
            "000000AB-7",
            "000000ab--7",
            "000000ab-+7",
            "000000ab-99999999999999999999999",
            "000000ab-7\n",
            "+00000ab-7",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError), "{text:?}");
        }
    }
}
