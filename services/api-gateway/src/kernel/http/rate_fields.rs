//! The `RateLimit` fields of an answer (the IETF's httpapi draft).

use actix_web::http::header::HeaderName;

use crate::kernel::left::Left;

pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// How much there is of it, in which time.
pub(crate) fn policy(left: &Left) -> String {
    let Left {
        policy,
        most,
        window_secs,
        ..
    } = left;
    format!("\"{policy}\";q={most};w={window_secs}")
}

/// What is left of it, and when there is more.
pub(crate) fn limit_of(left: &Left, reset_secs: Option<u64>) -> String {
    let reset = reset_secs.map_or_else(String::new, |secs| format!(";t={secs}"));
    format!("\"{}\";r={}{reset}", left.policy, left.remaining)
}
