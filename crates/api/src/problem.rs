//! Errors as RFC 9457 problem documents (`application/problem+json`).

use domain::{Code, Reason};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What every answer of 400 and above carries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Names the code's section of the documentation: `/docs/errors#<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// The facts of this case and what to do next.
    pub detail: String,
    pub code: Code,
    pub reason: Reason,
    /// One entry per field that has to change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// The code once more, where an OAuth client looks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Names this request in the logs and in the trace; the same as `X-Request-Id` in the answer's head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// A field that has to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FieldError {
    /// A JSON Pointer (RFC 6901) into the request's body, or `?name` for a query parameter.
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    /// The document for a reason; a code that is no HTTP answer becomes a 500.
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
