//! The one place where a reason becomes an HTTP answer: a problem document with the headers its
//! code asks for.

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
};
use api::Problem;
use domain::{Code, Reason};

use crate::{hub::Refused, metric::Metrics};

/// Seconds to wait after "too many" and after "not now".
const RETRY_MANY_SECS: u32 = 5;
const RETRY_SOON_SECS: u32 = 2;

pub(crate) fn problem(reason: Reason) -> HttpResponse {
    let mut problem = Problem::new(reason);
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        let request = format!("{:016x}", rand::random::<u64>());
        tracing::warn!(
            request,
            code = problem.code.as_str(),
            detail = problem.detail,
            "refused"
        );
        problem.request_id = Some(request);
    }
    Metrics::refused(problem.code.as_str());
    let mut answer = HttpResponse::build(status);
    match problem.code {
        Code::Unauthenticated => {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        Code::RateLimited => later(&mut answer, RETRY_MANY_SECS),
        Code::Unavailable => later(&mut answer, RETRY_SOON_SECS),
        _ => {}
    }
    answer
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .content_type("application/problem+json")
        .body(serde_json::to_string(&problem).unwrap_or_default())
}

/// No stream can be opened, and in so many seconds one may.
fn later(answer: &mut HttpResponseBuilder, secs: u32) {
    answer
        .insert_header((header::RETRY_AFTER, secs.to_string()))
        .insert_header(("RateLimit", format!("\"streams\";r=0;t={secs}")));
}

pub(crate) fn refusal(refused: Refused) -> Reason {
    match refused {
        Refused::PerUser(open) => Reason::with_fix(
            Code::RateLimited,
            format!("You have {open} streams open, as many as one person may."),
            "Close one, or wait as long as Retry-After says.",
        ),
        Refused::Total(open) => Reason::new(
            Code::RateLimited,
            format!("{open} streams are open here, as many as there may be."),
        ),
        Refused::SessionEnded => crate::credential::unauthenticated(),
        Refused::Elsewhere => crate::admit::unavailable("The log is being caught up with."),
        Refused::Draining => crate::admit::unavailable("This replica is stopping."),
    }
}
