//! The one place where a reason becomes an HTTP answer: a problem document with the headers its
//! code asks for.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderName, HeaderValue, RETRY_AFTER},
};
use api::Problem;
use domain::{Code, Reason};
use service::answer;

use crate::{hub::Refused, metric::Metrics};

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

pub(crate) fn refusal(refused: Refused) -> Reason {
    match refused {
        Refused::PerUser(open) => Reason::with_fix(
            Code::RateLimited,
            format!("You have {open} open streams, the maximum."),
            "Close one, or wait for the number of seconds in Retry-After.",
        ),
        Refused::Total(open) => Reason::new(
            Code::RateLimited,
            format!("This server has {open} open streams, the maximum."),
        ),
        Refused::SessionEnded => crate::credential::unauthenticated(),
        Refused::Elsewhere => {
            crate::admit::unavailable("This replica is catching up with the log.")
        }
        Refused::Draining => crate::admit::unavailable("This replica is stopping."),
    }
}
