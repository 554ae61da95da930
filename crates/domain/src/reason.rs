//! Reasons: every refusal, wait and failure has a code of this catalog, the facts, and what to do. Each code is a section of
//! docs/errors.md; a test compares the two.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::task::Blame;

/// Why something is refused, waits or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// The kind of reason, for programs; a section of `/docs/errors`.
    pub code: Code,
    /// One sentence with the facts of this case, for people.
    pub message: String,
    /// What the reader can do next, for people.
    pub fix: String,
}

impl Reason {
    /// A reason with the code's usual fix.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fix: code.fix().to_owned(),
        }
    }

    /// A reason with a fix for this case.
    pub fn with_fix(code: Code, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

macro_rules! codes {
    ($($name:ident = $word:literal, $http:expr, $title:literal, $fix:literal;)*) => {
        /// The kind of a reason. Each code is a section of `/docs/errors`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $(#[doc = concat!($title, ". ", $fix)] $name,)*
            /// A code from a newer version than this reader.
            #[serde(other)]
            Unknown,
        }

        impl Code {
            /// Every code but `Unknown`.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word in JSON: `not_found`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* Self::Unknown => "unknown" }
            }
            /// The HTTP status of an answer with this code; `None` for codes that only explain a wait or a failure.
            pub const fn http_status(self) -> Option<u16> {
                match self { $(Self::$name => $http,)* Self::Unknown => None }
            }
            /// A few words for a heading, without a full stop.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* Self::Unknown => "Unknown reason" }
            }
            /// What usually helps, as sentences.
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$name => $fix,)* Self::Unknown => "Update this client." }
            }
        }
    };
}

codes! {
    Malformed = "malformed", Some(400), "Malformed request",
        "Send a well-formed request; the message names the problem.";
    AuthorizationPending = "authorization_pending", Some(400), "Waiting for approval",
        "Ask again after the interval.";
    SlowDown = "slow_down", Some(400), "Polling too often",
        "Wait five seconds longer between requests.";
    ExpiredToken = "expired_token", Some(400), "The code has expired",
        "Start the login again.";
    AccessDenied = "access_denied", Some(400), "The login was denied",
        "Start the login again and approve it in a browser where you are logged in.";
    InvalidGrant = "invalid_grant", Some(400), "The token is not trusted",
        "Compare the token's claims with the organization's trust.";
    Unauthenticated = "unauthenticated", Some(401), "Not logged in",
        "Log in and try again.";
    Forbidden = "forbidden", Some(403), "Not allowed",
        "Ask an owner or admin of the organization for a higher role.";
    NotFound = "not_found", Some(404), "Not found",
        "Check the ID. You may not have access.";
    MethodNotAllowed = "method_not_allowed", Some(405), "Method not allowed",
        "Use one of the methods in the Allow header.";
    NameTaken = "name_taken", Some(409), "The name is taken",
        "Choose another name.";
    WrongStatus = "wrong_status", Some(409), "Not possible in this status",
        "Wait for the current task to finish, or cancel it, and try again.";
    TooLarge = "too_large", Some(413), "The request is too large",
        "Send at most 1 MiB.";
    UnsupportedMediaType = "unsupported_media_type", Some(415), "Unsupported media type",
        "Send JSON with Content-Type: application/json.";
    Invalid = "invalid", Some(422), "Invalid field",
        "Change the fields named in `errors` and send the request again.";
    RateLimited = "rate_limited", Some(429), "Too many requests",
        "Wait for the number of seconds in Retry-After and try again.";
    QuotaExceeded = "quota_exceeded", Some(429), "Quota exceeded",
        "Delete a cluster you no longer need.";
    Internal = "internal", Some(500), "Something went wrong",
        "Try again. If this keeps happening, send your administrator the request ID.";
    Unavailable = "unavailable", Some(503), "Temporarily unavailable",
        "Try again in a few seconds.";
    Queued = "queued", None, "Waiting for a host",
        "No action needed. The cluster starts when a host has capacity.";
    ImageMissing = "image_missing", None, "The host has no node image",
        "Ask your administrator. On the host, `make node-image` builds the image.";
    HostUnreachable = "host_unreachable", None, "The host's container engine doesn't answer",
        "Ask your administrator to start the container engine. On the host, `make doctor` shows the cause.";
    NoSubnet = "no_subnet", None, "No free network range",
        "Delete clusters on that host, or ask your administrator for a larger LABYARD_SUBNETS.";
    NoPort = "no_port", None, "No free port for the cluster's API",
        "Delete clusters on that host, or ask your administrator to free ports between 20000 and 29999.";
    NotReady = "not_ready", None, "The cluster wasn't ready in time",
        "Delete the cluster and create a new one. If this keeps happening, ask your administrator to read the node's log.";
    StepFailed = "step_failed", None, "A step failed on the host",
        "Delete the cluster and create a new one. If this keeps happening, ask your administrator to check the host.";
    Cancelled = "cancelled", None, "Canceled",
        "No action needed. A newer request replaced this one.";
    Expired = "expired", None, "The cluster's time is up",
        "Create a new cluster, with a longer ttl_hours if you need one.";
    Idle = "idle", None, "Stopped because nobody used it",
        "Start the cluster again. Everything in it is kept.";
    Down = "down", None, "The cluster's node was down",
        "No action needed. labyard starts it again.";
    StillRunning = "still_running", None, "A stopped cluster's node was running",
        "No action needed. labyard stops it again.";
    NoHost = "no_host", Some(422), "No host fits this request",
        "Ask for something that a host in `GET /api/v1/hosts` can run, or ask your administrator to add a host.";
    ReaperLocked = "reaper_locked", Some(503), "The database is older than its hosts",
        "An administrator decides: make admin DO=adopt, or api-gateway admin adopt.";
}

impl Code {
    /// Who can do something about a task that failed with this code.
    pub const fn blame(self) -> Blame {
        match self {
            Self::Invalid | Self::NoHost | Self::QuotaExceeded | Self::Cancelled => Blame::User,
            _ => Blame::Platform,
        }
    }

    /// Whether OAuth has this very word (RFC 6749 §5.2, RFC 8628 §3.5), so that an OAuth
    /// client looks for it in `error`.
    pub const fn is_oauth(self) -> bool {
        matches!(
            self,
            Self::AuthorizationPending
                | Self::SlowDown
                | Self::ExpiredToken
                | Self::AccessDenied
                | Self::InvalidGrant
        )
    }

    /// Whether the same task may succeed when it is tried again.
    pub const fn retryable(self) -> bool {
        !matches!(self, Self::Invalid | Self::NoHost | Self::Cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn each_code_has_one_word_in_code_and_on_the_wire() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).ok(), Some(code.as_str().into()));
            assert!(!code.title().is_empty() && !code.fix().is_empty());
        }
    }
}
