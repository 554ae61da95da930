//! `Idempotency-Key`: a repeated request gets the answer it got, another one with the key is refused.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{World, sql, world},
    work::{host, running},
};

async fn create(world: &World, token: &str, key: &str, name: &str) -> (StatusCode, Value) {
    let request = world
        .request(Method::POST, "/api/v1/clusters", token)
        .header("Idempotency-Key", key)
        .json(&json!({ "name": name }));
    world.read(request).await
}

async fn clusters(world: &World, token: &str) -> usize {
    let (_, page) = world.get("/api/v1/clusters", token).await;
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn twenty_of_one_key_at_once_make_one_cluster() {
    let world = world().await;
    let ana = world.person("ana").await;
    let answers = join_all((0..20).map(|_| create(&world, &ana, "k1", "demo"))).await;
    for (status, body) in &answers {
        assert_eq!(*status, StatusCode::ACCEPTED, "{body}");
        assert_eq!(body, &answers[0].1, "the same answer for all");
    }
    assert_eq!(clusters(&world, &ana).await, 1);
    // Without a key the name is what stops the second.
    let (status, _) = world
        .post("/api/v1/clusters", &ana, &json!({ "name": "demo" }))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_key_is_of_one_request_of_one_person_for_a_day() {
    let world = world().await;
    let (ana, bob) = (world.person("ana").await, world.person("bob").await);
    let (_, first) = create(&world, &ana, "k1", "demo").await;
    let (status, body) = create(&world, &ana, "k1", "other").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid"))
    );
    let (status, theirs) = create(&world, &bob, "k1", "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_ne!(theirs["cluster"]["id"], first["cluster"]["id"]);
    let delete = |key: &'static str| {
        let path = format!(
            "/api/v1/clusters/{}",
            first["cluster"]["id"].as_str().unwrap()
        );
        world
            .request(Method::DELETE, &path, &ana)
            .header("Idempotency-Key", key)
    };
    let (status, _) = world.read(delete("k1")).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another path is another request"
    );
    let (status, _) = world.read(delete("k2")).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let old = "update idempotency_key set at = now() - interval '25 hours'";
    sql(&world.database, old).await;
    let (status, again) = create(&world, &ana, "k1", "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{again}");
    assert_ne!(
        again["cluster"]["id"], first["cluster"]["id"],
        "the day is over"
    );
    for key in ["", "two words", &"k".repeat(201)] {
        let (status, _) = create(&world, &ana, key, "third").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = world().await;
    let ana = world.person("ana").await;
    world.create(&ana, "demo").await;
    let (status, _) = create(&world, &ana, "k1", "demo").await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (_, page) = world.get("/api/v1/clusters", &ana).await;
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let (status, body) = create(&world, &ana, "k1", "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
}

#[tokio::test]
async fn an_extend_said_twice_with_one_key_adds_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let path = format!("/api/v1/clusters/{id}/extend");
    let extend = || {
        let request = world.request(Method::POST, &path, &ana);
        world.read(
            request
                .header("Idempotency-Key", "k1")
                .json(&json!({ "hours": 2 })),
        )
    };
    let (first, second) = (extend().await, extend().await);
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(first, second);
    let now = world.cluster(&ana, &id).await;
    assert_eq!(now["expires_at"], first.1["expires_at"]);
}

#[tokio::test]
async fn a_command_whose_end_is_not_known_is_not_run_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let exec = |key: &'static str, command: &'static str| {
        let request = world.request(Method::POST, &format!("/api/v1/clusters/{id}/exec"), &ana);
        let request = request.header("Idempotency-Key", key);
        world.read(request.json(&json!({ "command": command })))
    };
    // No exec-service answers on this host.
    let (status, body) = exec("k1", "true").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable"))
    );
    let (status, body) = exec("k1", "true").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status")),
        "{body}"
    );
    // What was refused before anything was sent may be tried again.
    for _ in 0..2 {
        let (status, _) = exec("k2", "an 'open quote").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}
