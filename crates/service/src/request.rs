//! One request's name and its span: the same ID in the logs, in the trace, in the answer and in a problem document.

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName},
};
use tracing::{Span, field::Empty};
use tracing_actix_web::RootSpanBuilder;
use uuid::Uuid;

/// What carries it, in a request and in the answer.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Characters of an ID that is taken over.
const ID_MAX: usize = 64;

/// What a request is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// The request's, given to it now if it has none.
    pub fn of(request: &HttpRequest) -> Self {
        let known = request.extensions().get::<Self>().cloned();
        known.unwrap_or_else(|| {
            let id = Self::read(request.headers())
                .unwrap_or_else(|| Self(Uuid::now_v7().simple().to_string()));
            request.extensions_mut().insert(id.clone());
            id
        })
    }

    /// The one that the edge, or who called it, gave; nothing that could be more than a word in a log.
    fn read(headers: &HeaderMap) -> Option<Self> {
        let mut given = headers.get_all(REQUEST_ID);
        let (id, more) = (given.next()?.to_str().ok()?, given.next());
        let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let fits = more.is_none() && (1..=ID_MAX).contains(&id.len()) && id.bytes().all(word);
        fits.then(|| Self(id.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The span of one request: its path, its ID and its status, never its query or its credentials. It goes on where
/// the caller's `traceparent` left off; a stream's ends when its socket has been handed over.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let id = RequestId::of(request.request());
        // Not `root_span!`, which writes the query down.
        let span = tracing::info_span!(
            "http",
            method = request.method().as_str(),
            path = request.path(),
            request_id = id.as_str(),
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of(given: &[&str]) -> String {
        let mut request = TestRequest::default();
        for id in given {
            request = request.append_header((REQUEST_ID, *id));
        }
        let request = request.to_http_request();
        let id = RequestId::of(&request);
        assert_eq!(RequestId::of(&request), id, "a request has one name");
        id.0
    }

    #[test]
    fn a_well_formed_id_is_taken_over_and_anything_else_replaced() {
        let long = "a".repeat(64);
        for id in ["0123456789abcdef", "a", "A-b_c.9", &long] {
            assert_eq!(of(&[id]), id);
        }
        let longer = "a".repeat(65);
        for given in [
            &[][..],
            &[""],
            &["a b"],
            &["a\tb"],
            &["{}"],
            &[&longer],
            &["a", "b"],
        ] {
            let id = of(given);
            assert!(!given.contains(&&*id), "{given:?}");
            assert!(Uuid::try_parse(&id).is_ok(), "{id}");
        }
    }
}
