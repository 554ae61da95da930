//! Errors as RFC 9457 problem documents (`application/problem+json`).

use domain::{Code, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Body of every answer with a status of 400 and above (RFC 9457).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// The code's section of the documentation: `/docs/errors#<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words, the same for every case of `code`.
    pub title: String,
    /// The answer's HTTP status.
    pub status: u16,
    /// What happened in this case and what to do next.
    pub detail: String,
    /// The kind of problem, for programs.
    pub code: Code,
    /// The same as code, facts and fix, in separate fields.
    pub reason: Reason,
    /// The fields that have to change; absent if it isn't about fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The code once more, where an OAuth client looks for it; absent for codes that OAuth doesn't have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Finds this request in logs and traces; the same as the header `X-Request-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A field that has to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// A JSON Pointer into the request's body (RFC 6901), like `/name`, or `?name` for a query parameter.
    pub pointer: String,
    /// What to change, like `must start with a lower-case letter`.
    pub detail: String,
}

impl Problem {
    /// The document for a reason; a code without an HTTP status becomes a 500.
    pub fn new(reason: Reason) -> Self {
        Self {
            kind: format!("/docs/errors#{}", reason.code.as_str()),
            title: reason.code.title().to_owned(),
            status: reason.code.http_status().unwrap_or(500),
            detail: format!("{} {}", reason.message, reason.fix),
            code: reason.code,
            error: reason
                .code
                .is_oauth()
                .then(|| reason.code.as_str().to_owned()),
            reason,
            errors: Vec::new(),
            request_id: None,
        }
    }
}
