//! The door: what is shown, from where, and what is said to whom may not enter.

use std::time::Duration;

use domain::{Code, Role};
use reqwest::{Method, RequestBuilder, StatusCode};

use crate::{
    Client, HOST, World,
    gateway::{Person, grants},
    organization, session, user,
};

async fn world() -> World {
    let world = World::new().await;
    let person = Person {
        user: user(1),
        session: session(1),
        grants: grants(&[organization(1)], Role::Member),
        lives: Duration::from_secs(3600),
    };
    for shown in ["bearer:access", "stream:ticket", "cookie:secret"] {
        world.gateway.know(shown, person.clone());
    }
    world
}

fn get(world: &World, path: &str) -> RequestBuilder {
    reqwest::Client::new().get(world.url(path))
}

/// As a browser asks that is logged in at this host.
fn at(host: &str, request: RequestBuilder) -> RequestBuilder {
    let request = request.header("host", host);
    request.header("cookie", "labyard=secret")
}

async fn assert_problem(request: RequestBuilder, status: StatusCode, code: Code) {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), status);
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    assert_eq!(response.json::<api::Problem>().await.unwrap().code, code);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookie_header_and_stream_token_open_a_stream() {
    let world = world().await;
    let events = || get(&world, "/api/v1/events");
    Client::open(events().bearer_auth("access")).await;
    Client::open(events().query(&[("token", "ticket")])).await;
    let cookie = || at(HOST, events());
    Client::open(cookie()).await;
    Client::open(cookie().header("origin", "http://labyard.localhost:3000")).await;
    Client::open(cookie().header("sec-fetch-site", "same-origin")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_is_refused_with_a_reason() {
    let world = world().await;
    let events = || get(&world, "/api/v1/events");
    let cookie = || at(HOST, events());
    let unauthenticated = [
        events(),
        events().bearer_auth("wrong"),
        events().query(&[("token", "wrong")]),
        // An access token is no stream token, wherever it stands in an address.
        events().query(&[("token", "access")]),
        events().query(&[("access_token", "access")]),
        events().bearer_auth("ticket"),
        // Of a page at https, and this one is not.
        events().header("cookie", "__Host-labyard=secret"),
        events()
            .header("host", HOST)
            .header("cookie", "labyard=wrong"),
    ];
    for request in unauthenticated {
        assert_problem(request, StatusCode::UNAUTHORIZED, Code::Unauthenticated).await;
    }
    for request in [
        cookie().header("origin", "https://evil.example"),
        cookie().header("origin", "null"),
        cookie().header("sec-fetch-site", "cross-site"),
        // Where a browser hands the cookie to every port.
        at("localhost:3000", events()),
        at("127.0.0.1:3000", events()),
    ] {
        assert_problem(request, StatusCode::FORBIDDEN, Code::Forbidden).await;
    }
    let twice = events().query(&[("token", "a"), ("token", "b")]);
    assert_problem(twice, StatusCode::BAD_REQUEST, Code::Malformed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_and_methods_are_problems_too() {
    let world = world().await;
    for path in [
        "/",
        "/api/v1/ws",
        "/api/watch",
        "/api/watch/x",
        "/kube/",
        "/kube/clu_0/api",
        "/api/v1",
    ] {
        assert_problem(get(&world, path), StatusCode::NOT_FOUND, Code::NotFound).await;
    }
    for stream in &events_gateway::routes::STREAMS {
        for method in [Method::POST, Method::DELETE, Method::PUT] {
            let request = reqwest::Client::new().request(method, world.url(stream.path));
            let code = Code::MethodNotAllowed;
            assert_problem(request, StatusCode::METHOD_NOT_ALLOWED, code).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_options_are_answered_on_every_path() {
    let world = world().await;
    for path in ["/health", "/readyz", "/livez", "/api/v1/events", "/ws"] {
        let ask = |method| reqwest::Client::new().request(method, world.url(path));
        let options = ask(Method::OPTIONS).send().await.unwrap();
        assert_eq!(options.status(), StatusCode::NO_CONTENT, "{path}");
        assert_eq!(options.headers()["allow"], "GET, HEAD, OPTIONS", "{path}");
        let head = ask(Method::HEAD)
            .bearer_auth("access")
            .send()
            .await
            .unwrap();
        let expected = if path == "/ws" { 400 } else { 200 };
        assert_eq!(head.status(), expected, "{path}");
        if path == "/api/v1/events" {
            assert_eq!(head.headers()["content-type"], "text/event-stream");
        }
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
    let stranger = reqwest::Client::new().head(world.url("/api/v1/events"));
    assert_eq!(
        stranger.send().await.unwrap().status(),
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_what_its_request_is_called() {
    let world = world().await;
    let named = |path: &str| get(&world, path).header("x-request-id", "edge-1");
    let refused = named("/api/v1/events").send().await.unwrap();
    assert_eq!(refused.headers()["x-request-id"], "edge-1");
    let problem: api::Problem = refused.json().await.unwrap();
    assert_eq!(problem.request_id.as_deref(), Some("edge-1"));
    let stream = named("/api/v1/events").header("authorization", "BEARER access");
    let stream = stream.send().await.unwrap();
    assert_eq!(
        (stream.status(), &stream.headers()["x-request-id"]),
        (StatusCode::OK, &"edge-1".parse().unwrap())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn health_is_told() {
    let mut world = world().await;
    for path in ["/health", "/readyz", "/livez"] {
        assert_eq!(
            get(&world, path).send().await.unwrap().status(),
            200,
            "{path}"
        );
    }
    let internal = format!("http://{}/readyz", world.service().internal_address());
    assert_eq!(reqwest::get(&internal).await.unwrap().status(), 200);
    world.nats.stop();
    testkit::eventually(crate::SOON, || async {
        let answer = get(&world, "/health").send().await.unwrap();
        (answer.status() == 503).then_some(())
    })
    .await;
    let health: api::health::Health = reqwest::get(&internal).await.unwrap().json().await.unwrap();
    assert!(
        health
            .checks
            .iter()
            .any(|check| check.name == "bus" && !check.ok)
    );
    assert_eq!(get(&world, "/livez").send().await.unwrap().status(), 200);
    let request = get(&world, "/api/v1/events").bearer_auth("access");
    assert_problem(request, StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable).await;
}
