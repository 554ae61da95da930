//! One trace across processes: `traceparent` (W3C Trace Context) as a header of messages and of
//! requests, and beside an event in the log.

use async_nats::HeaderMap;
use opentelemetry::{
    global,
    propagation::{Extractor, Injector},
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header, on the bus as in HTTP.
pub const HEADER: &str = "traceparent";

struct Headers<'a>(&'a mut HeaderMap);

impl Injector for Headers<'_> {
    fn set(&mut self, key: &str, value: String) {
        self.0.insert(key, value);
    }
}

/// The one value, without the rest that may travel beside it.
#[derive(Default)]
struct Alone(Option<String>);

impl Injector for Alone {
    fn set(&mut self, key: &str, value: String) {
        if key == HEADER {
            self.0 = Some(value);
        }
    }
}

struct Read<'a>(&'a str);

impl Extractor for Read<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == HEADER).then_some(self.0)
    }
    fn keys(&self) -> Vec<&str> {
        vec![HEADER]
    }
}

/// Headers that carry the current span.
pub(crate) fn headers() -> HeaderMap {
    headers_of(&Span::current())
}

/// Headers that carry a span; empty where it is not traced.
pub(crate) fn headers_of(span: &Span) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let context = span.context();
    global::get_text_map_propagator(|propagator| {
        propagator.inject_context(&context, &mut Headers(&mut headers))
    });
    headers
}

/// The current span in words that another process goes on from; `None` where it is not traced.
pub fn current() -> Option<String> {
    let mut alone = Alone::default();
    let context = Span::current().context();
    global::get_text_map_propagator(|propagator| propagator.inject_context(&context, &mut alone));
    alone.0
}

/// Makes a span that has just been made go on where the sender's left off.
pub fn follow(span: &Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent else {
        return;
    };
    let parent =
        global::get_text_map_propagator(|propagator| propagator.extract(&Read(traceparent)));
    if let Err(error) = span.set_parent(parent) {
        tracing::trace!(%error, "no parent span");
    }
}

/// The sender's span, as the headers carry it.
pub(crate) fn sender(headers: Option<&HeaderMap>) -> Option<&str> {
    Some(headers?.get(HEADER)?.as_str())
}

/// The span of a call that goes on where the caller's left off.
pub(crate) fn call(call: &'static str, headers: Option<&HeaderMap>) -> Span {
    let span = tracing::info_span!("bus", call);
    follow(&span, sender(headers));
    span
}
