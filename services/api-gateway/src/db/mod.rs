//! Queries, and nothing but queries: rows in and out, no rules. Finders for people go through
//! membership, so that the tenant cannot be forgotten.

pub(crate) mod access;
pub(crate) mod adopt;
pub(crate) mod audit;
pub(crate) mod cluster;
pub(crate) mod delivery;
pub(crate) mod due;
pub(crate) mod event;
pub(crate) mod host;
pub(crate) mod host_view;
pub(crate) mod housekeeping;
pub(crate) mod installation;
pub(crate) mod invitation;
pub(crate) mod lease;
pub(crate) mod member;
pub(crate) mod organization;
pub(crate) mod orphan;
pub(crate) mod person;
pub(crate) mod pool;
pub(crate) mod repeat;
pub(crate) mod sealed;
pub(crate) mod session;
pub(crate) mod share;
pub(crate) mod silence;
pub(crate) mod task;
pub(crate) mod timeline;
pub(crate) mod token;
pub(crate) mod usage;
pub(crate) mod webhook;
pub(crate) mod workspace;

use domain::Reason;
use sea_orm::{DbBackend, Statement, Value};

pub(crate) fn sql(text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
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
