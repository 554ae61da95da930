//! Queries, and nothing but queries: rows in and out, no rules. Finders for people go through
//! membership, so that the tenant cannot be forgotten.

use std::str::FromStr;

use domain::{Reason, UnknownWord};
use sea_orm::{ColIdx, DbBackend, DbErr, QueryResult, Statement, TryGetError, TryGetable, Value};

/// The one way to Postgres, whose text and jsonb hold no U+0000: a stranger's that has one (a token's claims, a host's
/// words, a name that somebody tries) is kept and looked for with the picture of it.
pub(crate) fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let values = values.into_iter().map(holdable);
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// U+0000, and its picture, U+2400.
const ZERO: char = '\0';
const ZERO_SHOWN: &str = "\u{2400}";

fn holdable(value: Value) -> Value {
    match value {
        Value::String(Some(text)) if text.contains(ZERO) => {
            Value::String(Some(text.replace(ZERO, ZERO_SHOWN)))
        }
        Value::Json(Some(mut json)) => {
            show_zeros(&mut json);
            Value::Json(Some(json))
        }
        other => other,
    }
}

fn show_zeros(json: &mut serde_json::Value) {
    match json {
        serde_json::Value::String(text) if text.contains(ZERO) => {
            *text = text.replace(ZERO, ZERO_SHOWN);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(show_zeros),
        serde_json::Value::Object(fields) => {
            let named: Vec<String> = fields
                .keys()
                .filter(|key| key.contains(ZERO))
                .cloned()
                .collect();
            for key in named {
                if let Some(value) = fields.remove(&key) {
                    fields.insert(key.replace(ZERO, ZERO_SHOWN), value);
                }
            }
            fields.values_mut().for_each(show_zeros);
        }
        _ => {}
    }
}

/// What a column's word stands for. One that this version does not know is an error of whoever reads the row: nobody acts
/// on a row that is not understood.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: FromStr<Err = UnknownWord>> TryGetable for Word<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let word = String::try_get_by(row, index)?;
        let read = word.parse().map(Self);
        read.map_err(|unknown| TryGetError::DbErr(DbErr::Type(unknown.to_string())))
    }
}

/// A reason as its column holds it.
pub(crate) fn reason_value(reason: Option<&Reason>) -> Value {
    Value::Json(
        reason
            .and_then(|reason| serde_json::to_value(reason).ok())
            .map(Into::into),
    )
}

/// A reason as its column held it.
pub(crate) fn read_reason(value: Option<serde_json::Value>) -> Option<Reason> {
    serde_json::from_value(value?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_postgres_cannot_hold_is_shown_instead() {
        let value = json!({ "a\0": ["b\0c", { "d": "\0" }], "e": 1 });
        let shown = json!({ "a\u{2400}": ["b\u{2400}c", { "d": "\u{2400}" }], "e": 1 });
        assert_eq!(holdable(value.into()), shown.into());
        assert_eq!(holdable("a\0b".into()), "a\u{2400}b".into());
        assert_eq!(holdable("ab".into()), "ab".into());
    }
}
