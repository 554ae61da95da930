//! A program without a browser is let in by somebody who is logged in, once.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::gateway::{World, query, sql, world, world_with};

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn begin(world: &World) -> Value {
    let asks = json!({ "client": "labyard on box\u{1b}[31m" });
    let (status, begun) = world.post("/api/v1/auth/device", "", &asks).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    begun
}

async fn poll(world: &World, device_code: &Value) -> (StatusCode, Value) {
    let form = format!(
        "grant_type={GRANT}&device_code={}",
        device_code.as_str().unwrap()
    );
    let request = world.request(Method::POST, "/api/v1/auth/token", "");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    world.read(request.body(form)).await
}

/// The same well before the pause is over that the device was told to make.
async fn poll_soon(world: &World, device_code: &Value) -> (StatusCode, Value) {
    let soon = "update device_login set polled_at = now() + interval '1 minute'";
    sql(&world.database, soon).await;
    poll(world, device_code).await
}

/// The same after it.
async fn poll_later(world: &World, device_code: &Value) -> (StatusCode, Value) {
    let later = "update device_login set polled_at = polled_at - interval '1 minute'";
    sql(&world.database, later).await;
    poll(world, device_code).await
}

async fn decide(world: &World, token: &str, code: &Value, approve: bool) -> StatusCode {
    let body = json!({ "user_code": code, "approve": approve });
    world
        .post("/api/v1/auth/device/decide", token, &body)
        .await
        .0
}

fn word(answer: &(StatusCode, Value)) -> (StatusCode, &str) {
    assert_eq!(answer.1["error"], answer.1["code"], "{answer:?}");
    (answer.0, answer.1["error"].as_str().unwrap())
}

#[tokio::test]
async fn a_device_is_let_in_by_whoever_types_its_code_and_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let begun = begin(&world).await;
    assert_eq!(
        begun["verification_uri"],
        "http://labyard.localhost:3000/device"
    );
    let whole = format!(
        "http://labyard.localhost:3000/device#{}",
        begun["user_code"].as_str().unwrap()
    );
    assert_eq!(begun["verification_uri_complete"], whole);
    let device = &begun["device_code"];
    assert_eq!(
        word(&poll(&world, device).await),
        (StatusCode::BAD_REQUEST, "authorization_pending")
    );

    let typed = begun["user_code"]
        .as_str()
        .unwrap()
        .to_lowercase()
        .replace('-', " ");
    let look = json!({ "user_code": typed });
    let (status, asking) = world.post("/api/v1/auth/device/look", &ana, &look).await;
    assert_eq!(status, StatusCode::OK, "{asking}");
    assert_eq!(
        (&asking["client"], &asking["address"]),
        (&json!("labyard on box[31m"), &json!("127.0.0.1"))
    );
    assert_eq!(
        decide(&world, &ana, &json!(typed), true).await,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        decide(&world, &ana, &json!(typed), true).await,
        StatusCode::NOT_FOUND,
        "decided"
    );
    assert_eq!(
        decide(&world, &ana, &json!(typed), false).await,
        StatusCode::NOT_FOUND
    );

    let (status, tokens) = poll_later(&world, device).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        world.get("/api/v1/auth/me", token).await.1["user"]["email"],
        "ana@example.org"
    );
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    assert_eq!(
        world.post("/api/v1/auth/refresh", "", &refresh).await.0,
        StatusCode::OK
    );
    assert_eq!(
        word(&poll(&world, device).await),
        (StatusCode::BAD_REQUEST, "expired_token"),
        "used"
    );
    let kept = query(
        &world.database,
        "select string_agg(action, ' ' order by number) from audit where allowed",
    )
    .await;
    assert!(kept.ends_with("decide_device login.device"), "{kept}");
}

#[tokio::test]
async fn a_device_that_is_told_no_or_comes_late_stays_out() {
    let world = world().await;
    let ana = world.person("ana").await;
    let begun = begin(&world).await;
    assert_eq!(
        decide(&world, &ana, &begun["user_code"], false).await,
        StatusCode::NO_CONTENT
    );
    let refused = (StatusCode::BAD_REQUEST, "access_denied");
    assert_eq!(word(&poll(&world, &begun["device_code"]).await), refused);

    let late = begin(&world).await;
    assert_eq!(
        decide(&world, &ana, &late["user_code"], true).await,
        StatusCode::NO_CONTENT
    );
    sql(
        &world.database,
        "update device_login set expires_at = now()",
    )
    .await;
    let expired = (StatusCode::BAD_REQUEST, "expired_token");
    assert_eq!(word(&poll(&world, &late["device_code"]).await), expired);
    assert_eq!(word(&poll(&world, &json!("made-up")).await), expired);

    // Let in, but everything of its person's ended before it came for its tokens.
    let begun = begin(&world).await;
    assert_eq!(
        decide(&world, &ana, &begun["user_code"], true).await,
        StatusCode::NO_CONTENT
    );
    let path = "/api/v1/auth/logout-everywhere";
    assert_eq!(
        world.post(path, &ana, &json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(word(&poll(&world, &begun["device_code"]).await), expired);
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_slowed_down() {
    let world = world().await;
    let begun = begin(&world).await;
    let device = &begun["device_code"];
    assert_eq!(word(&poll(&world, device).await).1, "authorization_pending");
    for pause in [7, 12] {
        assert_eq!(
            word(&poll_soon(&world, device).await),
            (StatusCode::BAD_REQUEST, "slow_down")
        );
        let now = query(&world.database, "select pause_secs from device_login").await;
        assert_eq!(now, pause.to_string());
    }
    assert_eq!(
        word(&poll_later(&world, device).await).1,
        "authorization_pending"
    );
}

#[tokio::test]
async fn codes_are_kept_as_hashes_and_guessing_them_is_held_up() {
    let world = world_with(&["--logins-per-minute=5"]).await;
    let ana = world.person("ana").await;
    let begun = begin(&world).await;
    let row = query(&world.database, "select row_to_json(d) from device_login d").await;
    for code in ["user_code", "device_code"] {
        assert!(!row.contains(begun[code].as_str().unwrap()), "{row}");
    }
    let guess = json!({ "user_code": "BCDF-GHJK" });
    for _ in 0..5 {
        let (status, _) = world.post("/api/v1/auth/device/look", &ana, &guess).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    assert_eq!(
        decide(&world, &ana, &begun["user_code"], true).await,
        StatusCode::TOO_MANY_REQUESTS
    );
    let asks = json!({});
    let mut held_up = 0;
    for _ in 0..10 {
        let (status, _) = world.post("/api/v1/auth/device", "", &asks).await;
        held_up += u32::from(status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(held_up >= 5, "{held_up}");
}

#[tokio::test]
async fn another_page_lets_nobody_in() {
    let world = world().await;
    world.person("ana").await;
    let begun = begin(&world).await;
    let login = json!({ "email": "ana@example.org", "password": crate::gateway::PASSWORD });
    let answer = world
        .request(Method::POST, "/api/v1/auth/session", "")
        .json(&login)
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let body = json!({ "user_code": begun["user_code"], "approve": true });
    for (origin, status) in [
        (Some("https://evil.test"), StatusCode::FORBIDDEN),
        (None, StatusCode::FORBIDDEN),
        (
            Some("http://labyard.localhost:3000"),
            StatusCode::NO_CONTENT,
        ),
    ] {
        let request = world.request(Method::POST, "/api/v1/auth/device/decide", "");
        let mut request = request.header("cookie", &cookie).json(&body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        assert_eq!(world.read(request).await.0, status, "{origin:?}");
    }
}
