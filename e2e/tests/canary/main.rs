//! Canaries: secrets of every kind go through a story on a stack whose services log at TRACE and whose
//! bus logs every message; then each is looked for, in every form, wherever it has no business.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod forms;
mod places;
mod story;

use e2e::person::Person as Somebody;
use places::{BusTrace, CommandLines, Place};
use reqwest::Method;
use story::{Left, Planted, ask};

const PROGRAMS: [&str; 7] = [
    "postgres",
    "nats-server",
    "api-gateway",
    "events-gateway",
    "provisioner-worker",
    "exec-service",
    "edge",
];
const LEAST: usize = 30;

/// What a person reads of what they may see, heads and bodies.
async fn reads(token: &str, left: &Left) -> String {
    let (_, _, organizations) = ask(Method::GET, "/api/v1/organizations", token, None).await;
    let cluster = &left.cluster;
    let mut paths: Vec<String> = [
        "auth/me",
        "auth/sessions",
        "auth/tokens",
        "organizations",
        "workspaces",
        "clusters",
        "tasks",
        "timeline",
        "audit?limit=200",
        "hosts",
        "installation",
        "openapi.json",
    ]
    .map(|path| format!("/api/v1/{path}"))
    .to_vec();
    for organization in organizations["items"].as_array().into_iter().flatten() {
        let id = organization["id"].as_str().unwrap();
        for path in ["", "/members", "/invitations"] {
            paths.push(format!("/api/v1/organizations/{id}{path}"));
        }
        paths.push(format!("/api/v1/audit?limit=200&organization_id={id}"));
    }
    let (_, _, workspaces) = ask(Method::GET, "/api/v1/workspaces", token, None).await;
    for workspace in workspaces["items"].as_array().into_iter().flatten() {
        paths.push(format!(
            "/api/v1/workspaces/{}/webhooks",
            workspace["id"].as_str().unwrap()
        ));
    }
    for path in ["", "/shares", "/access", "/timeline"] {
        paths.push(format!("/api/v1/clusters/{cluster}{path}"));
    }
    let mut text = String::new();
    for path in paths {
        let (status, head, body) = ask(Method::GET, &path, token, None).await;
        text += &format!("{path} {status} {head} {body}\n");
    }
    text
}

/// Everywhere, each with what is known to stand there.
async fn everywhere(left: &Left, lines: Vec<u8>) -> Vec<Place> {
    let administrator = Somebody::administrator().await;
    let hex = left.cluster.trim_start_matches("clu_").to_owned();
    let mut places = vec![
        Place::new(
            "what ana reads later",
            reads(&left.ana.fresh(), left).await,
            &left.organization,
        ),
        Place::new(
            "what ben reads",
            reads(&left.ben.fresh(), left).await,
            &left.organization,
        ),
        Place::new(
            "what an administrator reads",
            reads(administrator.client.bearer().unwrap(), left).await,
            &left.ana.email,
        ),
        Place::new(
            "a copy of the database",
            places::database(),
            &left.ana.email,
        ),
        Place::new("browsers", left.browsers.as_str(), "/dashboard"),
        Place::new("containers", places::containers(), &hex),
        Place::new("command lines", lines, "canary\0"),
        Place::new("other logs", places::other_logs(&PROGRAMS), ""),
    ];
    for (program, marker) in [
        ("postgres", ""),
        ("nats-server", left.cluster.as_str()),
        ("api-gateway", &left.cluster),
        ("events-gateway", "TRACE"),
        ("provisioner-worker", &left.cluster),
        ("exec-service", &left.cluster),
        ("edge", "/api/v1/auth/me"),
    ] {
        places.push(Place::new(
            &format!("the log of {program}"),
            places::log(program),
            marker,
        ));
    }
    places
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how much was looked at")]
async fn no_secret_stands_where_it_has_no_business() {
    for service in [
        "api-gateway",
        "events-gateway",
        "provisioner-worker",
        "exec-service",
    ] {
        let settings = places::settings(&format!("run/env/{service}"));
        let level = settings.iter().find(|(key, _)| key == "LABYARD_LOG");
        assert_eq!(
            level.map(|(_, level)| level.as_str()),
            Some("trace"),
            "{service}"
        );
    }
    // Whoever is first looks after the stack.
    Somebody::administrator().await;
    let lines = CommandLines::watch();
    let bus = BusTrace::begin();
    let mut planted = Planted::default();
    let left = story::whole(&mut planted).await;
    drop(bus);
    let places = everywhere(&left, lines.end()).await;
    left.ana.labyard(&["cluster", "delete", "canary"], "").ok();

    assert!(
        planted.0.len() >= LEAST,
        "only {} are planted",
        planted.0.len()
    );
    for place in &places {
        let marker = place.marker.as_bytes();
        let there = marker.is_empty()
            || place
                .text
                .windows(marker.len())
                .any(|window| window == marker);
        assert!(
            there,
            "{} is not what it is taken for: no {}",
            place.name, place.marker
        );
    }
    let mut hits = Vec::new();
    for (name, secret) in &planted.0 {
        for place in &places {
            for form in forms::found(secret, &place.text) {
                hits.push(format!("{name}, in {form}, in {}", place.name));
            }
        }
        // The same search finds it where somebody would have written it down.
        let leak = format!("user=x note={secret};");
        assert!(
            !forms::found(secret, leak.as_bytes()).is_empty(),
            "{name} would not be found"
        );
    }
    let bytes: usize = places.iter().map(|place| place.text.len()).sum();
    println!(
        "{} secrets, {} places, {bytes} bytes, {} hits",
        planted.0.len(),
        places.len(),
        hits.len()
    );
    assert!(hits.is_empty(), "{hits:#?}");
}
