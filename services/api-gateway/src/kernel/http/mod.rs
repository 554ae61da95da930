//! HTTP's side of things: who calls, what the body is, how errors look. No rules.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod cookie;
pub(crate) mod origin;
pub(crate) mod problem;
pub(crate) mod query;
pub(crate) mod rate;
pub(crate) mod rate_fields;
pub(crate) mod reply;
pub(crate) mod route;
pub(crate) mod router;
