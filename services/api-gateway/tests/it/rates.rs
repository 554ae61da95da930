//! Who asks too often is told when to come back, and nobody else notices.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{Nats, Postgres};
use tokio_util::sync::CancellationToken;

use crate::gateway::{PASSWORD, World, start_with};

async fn world(more: &[&str]) -> World {
    let nats = Nats::start();
    let database = Postgres::database().await;
    let stop = CancellationToken::new();
    let gateway = start_with(&nats, &database, &stop, more).await;
    World {
        url: format!("http://{}", gateway.addr),
        http: reqwest::Client::new(),
        nats,
        database,
        gateway,
        stop,
    }
}

async fn login(world: &World, email: &str, from: &str) -> (StatusCode, Option<String>, Value) {
    let body = json!({ "email": email, "password": PASSWORD });
    let request = world.request(Method::POST, "/api/v1/auth/token", "");
    let request = request.header("X-Forwarded-For", from).json(&body);
    let answer = request.send().await.unwrap();
    let after = answer.headers().get("retry-after");
    let after = after.map(|value| value.to_str().unwrap().to_owned());
    (answer.status(), after, answer.json().await.unwrap())
}

#[tokio::test]
async fn a_flood_of_logins_is_held_up_where_it_comes_from() {
    let world = world(&["--logins-per-minute=3"]).await;
    world.person("ana").await;
    for _ in 0..3 {
        assert_eq!(
            login(&world, "ana@example.org", "192.0.2.1").await.0,
            StatusCode::OK
        );
    }
    let (status, after, refused) = login(&world, "ANA@example.org ", "192.0.2.1").await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited"))
    );
    let secs: u64 = after.unwrap().parse().unwrap();
    assert!((1..=21).contains(&secs), "{secs}");
    assert_eq!(
        login(&world, "ana@example.org", "192.0.2.2").await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_person_who_asks_too_often_is_told_what_is_left() {
    let world = world(&["--requests-per-user=1"]).await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let mut left = Vec::new();
    let refused = loop {
        let answer = world
            .request(Method::GET, "/api/v1/clusters", &ana)
            .send()
            .await
            .unwrap();
        if answer.status() != StatusCode::OK {
            break answer;
        }
        assert_eq!(answer.headers()["ratelimit-policy"], "\"user\";q=4;w=4");
        left.push(answer.headers()["ratelimit"].to_str().unwrap().to_owned());
    };
    assert_eq!(left[..3], ["\"user\";r=3", "\"user\";r=2", "\"user\";r=1"]);
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(world.get("/api/v1/clusters", &ben).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_turned_away_first() {
    let world = world(&["--requests-per-address=1"]).await;
    let ask = async |from: &str| {
        let request = world.request(Method::GET, "/api/v1/auth/me", "garbage");
        let request = request.header("X-Forwarded-For", from);
        request.send().await.unwrap().status()
    };
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(ask("192.0.2.1").await);
    }
    assert_eq!(seen[..4], [StatusCode::UNAUTHORIZED; 4]);
    assert_eq!(seen[4], StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask("192.0.2.2").await, StatusCode::UNAUTHORIZED);
}
