//! One trace across processes: `traceparent` as a message header (W3C Trace Context).

use async_nats::HeaderMap;
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        self.0.insert(key, value);
    }
}

struct Read<'a>(&'a HeaderMap);

impl Extractor for Read<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(async_nats::HeaderValue::as_str)
    }
    fn keys(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_ref()).collect()
    }
}

/// Headers that carry the current span.
pub(crate) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Headers(&mut headers))
    });
    headers
}

/// A span that goes on where the sender's left off.
pub(crate) fn span(call: &'static str, headers: Option<&HeaderMap>) -> Span {
    let span = tracing::info_span!("bus", call);
    if let Some(headers) = headers {
        let parent =
            global::get_text_map_propagator(|propagator| propagator.extract(&Read(headers)));
        if let Err(error) = span.set_parent(parent) {
            tracing::trace!(%error, "no parent span");
        }
    }
    span
}
