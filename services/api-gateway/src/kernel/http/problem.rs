//! The one file that turns errors into answers (RFC 9457).

use std::{fmt, time::Instant};

use actix_web::{
    HttpMessage, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    web,
};
use api::Problem;
use domain::Code;
use service::answer;

use crate::kernel::{
    actor::Actor,
    audit,
    error::Error,
    http::{rate_fields, route::Table},
    state::App,
};

/// An error on its way out of a handler.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) Error);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        status(self.0.reason().code)
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut problem = Problem::new(self.0.reason());
        if let Error::Invalid(errors) = &self.0 {
            problem.errors.clone_from(errors);
        }
        let mut answer = answer::problem(problem);
        let mut say = |name, value: String| {
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.headers_mut().insert(name, value);
            }
        };
        match &self.0 {
            Error::RateLimited {
                left,
                retry_after_secs,
            } => {
                say(RETRY_AFTER, retry_after_secs.to_string());
                say(rate_fields::POLICY, rate_fields::policy(left));
                say(
                    rate_fields::LIMIT,
                    rate_fields::limit_of(left, Some(*retry_after_secs)),
                );
            }
            Error::Later {
                retry_after_secs, ..
            } => say(RETRY_AFTER, retry_after_secs.to_string()),
            _ => {}
        }
        answer
    }
}

fn status(code: Code) -> StatusCode {
    code.http_status()
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Every path that nothing answers.
pub(crate) async fn not_found() -> HttpResponse {
    Failure(Error::not_found()).error_response()
}

/// Around every request: what failed is logged once, what was refused is a line in the audit, and the time is
/// measured.
pub(crate) async fn finish<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let began = Instant::now();
    let method = known(request.method());
    // What handlers and extractors fail with is a response by now.
    let response = next.call(request).await?.map_into_boxed_body();
    log(&response);
    remember(&response).await;
    let route = response
        .request()
        .match_pattern()
        .unwrap_or_else(|| "none".into());
    let status = response.status().as_u16().to_string();
    let took = began.elapsed();
    metrics::histogram!("labyard_api_seconds", "method" => method).record(took);
    metrics::histogram!("http_server_request_duration_seconds", "method" => method, "route" => route, "status" => status)
        .record(took);
    Ok(response)
}

/// With the request's ID, which is in the span.
fn log(response: &ServiceResponse<BoxBody>) {
    let status = response.status();
    if !status.is_server_error() {
        return;
    }
    let cause = response.response().error().map(|error| {
        error
            .as_error::<Failure>()
            .map_or_else(|| error.to_string(), |failure| chain(&failure.0))
    });
    tracing::error!(status = status.as_u16(), cause, "a request failed");
}

/// A method's name for what is counted by it: a caller may invent any.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];
    let known = KNOWN.iter().find(|known| **known == method.as_str());
    known.copied().unwrap_or("other")
}

/// What was not allowed is a line in the audit.
async fn remember(response: &ServiceResponse<BoxBody>) {
    let Some(code) = refused(response) else {
        return;
    };
    let request = response.request();
    let actor = request.extensions().get::<Actor>().cloned();
    if let (Some(actor), Some(app)) = (actor, request.app_data::<web::Data<App>>()) {
        audit::refused(app, &actor, code.as_str()).await;
    }
}

/// Why a mutation, or a use of a cluster, was not done, or a look at something was forbidden. What is
/// looked for and not found is none: pages look for what has just gone.
fn refused(response: &ServiceResponse<BoxBody>) -> Option<Code> {
    let status = response.status();
    if !status.is_client_error() {
        return None;
    }
    let request = response.request();
    let remembered = Table::of(request).is_some_and(|route| route.remembered);
    let looks = request.method() == Method::GET && !remembered;
    let failure = response.response().error();
    let failure = failure.and_then(|error| error.as_error::<Failure>());
    let code = failure?.0.reason().code;
    match code {
        Code::Forbidden => Some(code),
        Code::NotFound | Code::NameTaken | Code::WrongStatus | Code::QuotaExceeded if !looks => {
            Some(code)
        }
        _ => None,
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
