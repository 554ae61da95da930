//! Who asks too often is told when to come back, and nobody else notices.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{Nats, Postgres};
use tokio_util::sync::CancellationToken;

use crate::gateway::{PASSWORD, World, sql, start_with};

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

/// What an answer says of a limit that is used up: which, what is left of it, when there is more.
fn spent(answer: &reqwest::Response) -> (String, u64) {
    let text = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let (limit, policy) = (text("ratelimit"), text("ratelimit-policy"));
    let (name, rest) = limit.split_once(";r=0;t=").expect("something is left");
    assert!(policy.starts_with(&format!("{name};q=")), "{policy}");
    assert_eq!(rest, text("retry-after"));
    (name.trim_matches('"').to_owned(), rest.parse().unwrap())
}

async fn login(
    world: &World,
    email: &str,
    from: &str,
) -> (StatusCode, Option<(String, u64)>, Value) {
    let body = json!({ "email": email, "password": PASSWORD });
    let request = world.request(Method::POST, "/api/v1/auth/token", "");
    let request = request.header("X-Forwarded-For", from).json(&body);
    let answer = request.send().await.unwrap();
    let refused = answer.status() == StatusCode::TOO_MANY_REQUESTS;
    let spent = refused.then(|| spent(&answer));
    (answer.status(), spent, answer.json().await.unwrap())
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
    let (status, spent, refused) = login(&world, "ANA@example.org ", "192.0.2.1").await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited"))
    );
    let (name, secs) = spent.unwrap();
    assert!(name == "login" && (1..=21).contains(&secs), "{name} {secs}");
    assert_eq!(
        login(&world, "ana@example.org", "192.0.2.2").await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_person_who_asks_too_often_is_told_what_is_left() {
    let world = world(&["--requests-per-user=1"]).await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let mut left: Vec<u32> = Vec::new();
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
        let said = answer.headers()["ratelimit"].to_str().unwrap();
        left.push(said.strip_prefix("\"user\";r=").unwrap().parse().unwrap());
    };
    // Each takes one of them, and each second gives one back.
    assert_eq!((left.first(), left.last()), (Some(&3), Some(&0)));
    assert!(left.is_sorted_by(|one, next| *one <= next + 1), "{left:?}");
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(spent(&refused), ("user".into(), 1));
    assert_eq!(refused.headers()["ratelimit-policy"], "\"user\";q=4;w=4");
    assert_eq!(world.get("/api/v1/clusters", &ben).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_address_that_asks_too_often_is_turned_away_first() {
    let world = world(&["--requests-per-address=1"]).await;
    let ask = async |from: &str| {
        let request = world.request(Method::GET, "/api/v1/auth/me", "garbage");
        let request = request.header("X-Forwarded-For", from);
        request.send().await.unwrap()
    };
    for _ in 0..4 {
        assert_eq!(ask("192.0.2.1").await.status(), StatusCode::UNAUTHORIZED);
    }
    // Each second gives one back.
    let refused = loop {
        let answer = ask("192.0.2.1").await;
        if answer.status() != StatusCode::UNAUTHORIZED {
            break answer;
        }
    };
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(spent(&refused), ("address".into(), 1));
    let other = ask("192.0.2.2").await.status();
    assert_eq!(other, StatusCode::UNAUTHORIZED);
}

/// Tries to make one more cluster than the quota allows; in how many seconds it may go, if it says so.
async fn one_more(world: &World, token: &str) -> Option<u64> {
    let request = world.request(Method::POST, "/api/v1/clusters", token);
    let answer = request.json(&json!({ "name": "more" })).send().await;
    let answer = answer.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let after = answer.headers().get("retry-after");
    let after = after.map(|secs| secs.to_str().unwrap().parse().unwrap());
    let refused: Value = answer.json().await.unwrap();
    assert_eq!(refused["code"], "quota_exceeded");
    after
}

#[tokio::test]
async fn a_quota_says_when_there_is_more_where_waiting_helps() {
    let world = world(&[]).await;
    let ana = world.person("ana").await;
    let quota = async |what: &str| {
        let text = format!(
            "update workspace set quota_clusters = null, quota_cluster_hours = null; update workspace set {what}"
        );
        sql(&world.database, &text).await;
    };
    quota("quota_clusters = 0").await;
    assert_eq!(one_more(&world, &ana).await, None, "nothing ends by itself");
    quota("quota_cluster_hours = 0").await;
    let month = one_more(&world, &ana).await.unwrap();
    assert!((1..=31 * 86_400).contains(&month), "{month}");

    quota("quota_clusters = 1").await;
    let wanted = json!({ "name": "first", "ttl_hours": 1 });
    let (status, made) = world.post("/api/v1/clusters", &ana, &wanted).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{made}");
    let secs = one_more(&world, &ana).await.unwrap();
    assert!((3000..=3600).contains(&secs), "{secs}");
}
