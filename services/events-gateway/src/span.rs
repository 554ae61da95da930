//! The span of one request: its path and its status, never its query or its credentials. It goes on
//! where an incoming `traceparent` left off, and ends when the socket has been handed over.

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::RootSpanBuilder;

pub(crate) struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let (method, path) = (request.method().as_str(), request.path());
        // Not `root_span!`, which writes the query down.
        let span = tracing::info_span!("stream", method, path, status = Empty);
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
    }
}
