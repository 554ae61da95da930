//! The span of one request: its route and its status, never its query or its credentials. It goes on
//! where the caller's `traceparent` left off.

use actix_web::HttpMessage;
use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::{RequestId, RootSpanBuilder};

pub(crate) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let request_id = request
            .extensions()
            .get::<RequestId>()
            .map(ToString::to_string);
        // Not `root_span!`, which writes the query down.
        let span = tracing::info_span!(
            "http",
            method = request.method().as_str(),
            path = request.path(),
            request_id,
            status = Empty,
        );
        let caller = request.headers().get(bus::trace::HEADER);
        bus::trace::follow(&span, caller.and_then(|value| value.to_str().ok()));
        span
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        tracing::debug!(parent: &span, status = status.as_u16(), "answered");
    }
}
