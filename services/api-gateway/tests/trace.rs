//! One trace from a caller's request to the frame that tells of it, through both gateways on a real
//! Postgres and a real NATS. A process of its own: what collects spans is the whole process's.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod both;

use std::sync::{Arc, Mutex};

use both::{Both, SOON};
use futures_util::StreamExt;
use opentelemetry::{global, trace::TracerProvider};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};
use testkit::{eventually, within};
use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt};

/// Keeps every span that ended.
#[derive(Debug, Clone, Default)]
struct Ended(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Ended {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        self.0.lock().unwrap().extend(batch);
        Ok(())
    }
}

impl Ended {
    /// From now on, for the whole process.
    fn collect() -> Self {
        let ended = Self::default();
        let provider = SdkTracerProvider::builder().with_simple_exporter(ended.clone());
        let tracer = provider.build().tracer("test");
        global::set_text_map_propagator(TraceContextPropagator::new());
        let spans = tracing_opentelemetry::layer().with_tracer(tracer);
        let all = tracing_subscriber::registry().with(LevelFilter::INFO);
        tracing::subscriber::set_global_default(all.with(spans)).unwrap();
        ended
    }

    /// The names of a trace's spans, each once, in order of the alphabet.
    fn of(&self, trace: &str) -> Vec<String> {
        let spans = self.0.lock().unwrap();
        let ours = spans
            .iter()
            .filter(|span| span.span_context.trace_id().to_string() == trace);
        let mut names: Vec<_> = ours.map(|span| span.name.to_string()).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Waits until a trace has these and no others.
    async fn are(&self, trace: &str, names: &[&str]) {
        let all = eventually(SOON, || async { (self.of(trace) == names).then_some(()) });
        let all = within(SOON / 2, all).await;
        assert!(all.is_ok(), "{names:?}, but {:?}", self.of(trace));
    }
}

struct World(Both);

impl World {
    async fn send(&self, request: RequestBuilder) -> Value {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let body = answer.text().await.unwrap();
        assert!(status.is_success(), "{status}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let url = format!("http://{}/api/v1{path}", self.0.gateway);
        self.0.http.post(url).json(body)
    }

    async fn create(&self, name: &str, token: &str, trace: &str) {
        let create = self.post("/clusters", &json!({ "name": name }));
        let create = create.bearer_auth(token);
        self.send(create.header("traceparent", parent(trace))).await;
    }
}

/// What a caller whose trace this is sends.
fn parent(trace: &str) -> String {
    format!("00-{trace}-00f067aa0ba902b7-01")
}

/// Reads a stream until it tells of a cluster of this name.
async fn told(
    stream: &mut (impl StreamExt<Item = reqwest::Result<impl AsRef<[u8]>>> + Unpin),
    name: &str,
) {
    let wanted = format!("\"name\":\"{name}\"");
    let mut text = String::new();
    let reading = async {
        while !text.contains(&wanted) {
            let chunk = stream.next().await.expect("more of it").unwrap();
            text.push_str(std::str::from_utf8(chunk.as_ref()).unwrap());
        }
    };
    within(SOON, reading).await.expect(&wanted);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_trace_leads_from_a_request_to_the_frame_that_tells_of_it() {
    const LISTENING: &str = "1af7651916cd43dd8448eb211c80319c";
    const PUBLISHED: &str = "2af7651916cd43dd8448eb211c80319c";
    const MISSED: &str = "3af7651916cd43dd8448eb211c80319c";
    let ended = Ended::collect();
    let world = World(Both::start().await);
    let anna = json!({ "email": "anna@example.org", "password": "correct horse battery" });
    world.send(world.post("/auth/register", &anna)).await;
    let tokens = world.send(world.post("/auth/token", &anna)).await;
    let token = tokens["access_token"].as_str().unwrap();
    let listen = world
        .0
        .http
        .get(format!("http://{}/api/v1/events", world.0.streams));
    let listen = listen.header("traceparent", parent(LISTENING));
    let stream = listen.bearer_auth(token).send().await.unwrap();
    let mut stream = Box::pin(stream.bytes_stream());
    // The door of streams, and the api-gateway that it asks who this is.
    ended.are(LISTENING, &["bus", "http"]).await;

    world.create("published", token, PUBLISHED).await;
    told(&mut stream, "published").await;
    ended.are(PUBLISHED, &["deliver", "http", "publish"]).await;

    // A gateway that dies between giving positions and publishing: the hub reads the hole.
    let mut other = PgConnection::connect(&world.0.database).await.unwrap();
    let mut turn = other.begin().await.unwrap();
    turn.execute("select 1 from log_head for update")
        .await
        .unwrap();
    world.create("missed", token, MISSED).await;
    turn.execute("select count(*) from sequence(500)")
        .await
        .unwrap();
    turn.commit().await.unwrap();
    told(&mut stream, "missed").await;
    ended.are(MISSED, &["deliver", "http"]).await;

    let width: i64 = sqlx::query_scalar("select max(length(trace))::bigint from event")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(width, 55, "what is kept is the traceparent alone");
}
