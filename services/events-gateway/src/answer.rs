//! The one place where a reason becomes an HTTP answer: a problem document with the headers its
//! code asks for.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER},
};
use api::Problem;
use domain::{Code, Reason};
use service::answer;

use crate::{
    admit::unavailable, credential::unauthenticated, hub::Refused, metric::Metrics,
    stream_limits::Full,
};

/// Seconds to wait after "too many" and after "not now".
const RETRY_MANY_SECS: u32 = 5;
const RETRY_SOON_SECS: u32 = 2;

pub(crate) fn problem(reason: Reason) -> HttpResponse {
    let code = reason.code;
    Metrics::refused(code.as_str());
    let problem = Problem::new(reason);
    if problem.status >= 500 {
        // With the request's ID, which is in the span.
        tracing::warn!(code = code.as_str(), detail = problem.detail, "refused");
    }
    let mut answer = answer::problem(problem);
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, no_store);
    match code {
        Code::RateLimited => later(&mut answer, RETRY_MANY_SECS),
        Code::Unavailable => later(&mut answer, RETRY_SOON_SECS),
        _ => {}
    }
    answer
}

/// No stream can be opened, and in so many seconds one may.
fn later(answer: &mut HttpResponse, secs: u32) {
    let limit = HeaderValue::from_str(&format!("\"streams\";r=0;t={secs}"));
    let headers = answer.headers_mut();
    headers.insert(RETRY_AFTER, secs.into());
    if let Ok(limit) = limit {
        headers.insert(HeaderName::from_static("ratelimit"), limit);
    }
}

pub(crate) fn full(full: Full) -> Reason {
    match full {
        Full::PerUser(open) => Reason::with_fix(
            Code::RateLimited,
            format!("You have {open} open streams, the maximum."),
            "Close one, or wait for the number of seconds in Retry-After.",
        ),
        Full::Total(open) => Reason::new(
            Code::RateLimited,
            format!("This server has {open} open streams, the maximum."),
        ),
        Full::Draining => unavailable("This replica is stopping."),
    }
}

pub(crate) fn refused(refused: Refused) -> Reason {
    match refused {
        Refused::SessionEnded => unauthenticated(),
        Refused::Elsewhere => unavailable("This replica is catching up with the log."),
    }
}
