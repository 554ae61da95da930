//! Logins: how they begin, go on and end.

use api::bus::{AdmitRequest, Credential};
use bus::CallError;
use domain::Code;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{PASSWORD, World, unnamed, world},
    host::log,
};

async fn tokens(world: &World, email: &str) -> Value {
    let login = json!({ "email": email, "password": PASSWORD });
    let (status, body) = world.post("/api/v1/auth/token", "", &login).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body
}

async fn refresh(world: &World, token: &Value) -> (StatusCode, Value) {
    world
        .post(
            "/api/v1/auth/refresh",
            "",
            &json!({ "refresh_token": token }),
        )
        .await
}

#[tokio::test]
async fn the_first_is_the_administrator_and_an_address_is_taken_once() {
    let world = world().await;
    for (name, admin) in [("ana", true), ("ben", false)] {
        let token = world.person(name).await;
        let (_, me) = world.get("/api/v1/auth/me", &token).await;
        assert_eq!(me["user"]["is_admin"], admin);
        assert_eq!(me["organizations"][0]["role"], "owner");
        assert_eq!(me["workspaces"].as_array().unwrap().len(), 1);
    }
    let again = json!({ "email": "ANA@example.org", "password": PASSWORD });
    let (status, taken) = world.post("/api/v1/auth/register", "", &again).await;
    assert_eq!(
        (status, &taken["code"]),
        (StatusCode::CONFLICT, &json!("name_taken"))
    );
    let bad = json!({ "email": "x", "password": "short", "name": "" });
    let (status, refused) = world.post("/api/v1/auth/register", "", &bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let pointers: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["pointer"].as_str())
        .collect();
    assert_eq!(pointers, ["/email", "/name", "/password"]);
}

#[tokio::test]
async fn wrong_logins_cannot_be_told_apart() {
    let world = world().await;
    world.person("ana").await;
    let mut answers = Vec::new();
    for (email, password) in [
        ("ana@example.org", "wrong password"),
        ("nobody@example.org", PASSWORD),
    ] {
        let (status, body) = world
            .post(
                "/api/v1/auth/token",
                "",
                &json!({ "email": email, "password": password }),
            )
            .await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        answers.push(unnamed(body));
    }
    assert_eq!(answers[0], answers[1]);
    let form = world
        .request(Method::POST, "/api/v1/auth/token", "")
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=password&username=ana%40example.org&password=correct+horse+battery");
    assert_eq!(world.read(form).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_refresh_token_is_good_once_and_its_second_use_ends_the_login() {
    let world = world().await;
    world.person("ana").await;
    let first = tokens(&world, "ana@example.org").await;
    let (status, second) = refresh(&world, &first["refresh_token"]).await;
    assert_eq!(status, StatusCode::OK);
    let (status, lost) = refresh(&world, &first["refresh_token"]).await;
    assert_eq!(
        status,
        StatusCode::OK,
        "an answer that was lost is given again"
    );
    assert_eq!(lost["refresh_token"], second["refresh_token"]);
    let (_, third) = refresh(&world, &second["refresh_token"]).await;
    let (status, _) = refresh(&world, &first["refresh_token"]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "an older one was stolen");
    assert_eq!(
        refresh(&world, &third["refresh_token"]).await.0,
        StatusCode::UNAUTHORIZED
    );
    let access = third["access_token"].as_str().unwrap();
    assert_eq!(
        world.get("/api/v1/auth/me", access).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        refresh(&world, &json!("garbage")).await.0,
        StatusCode::UNAUTHORIZED
    );
}

/// Logs a browser in; gives the whole `Set-Cookie` and the body.
async fn browser(world: &World, email: &str) -> (String, String) {
    let login = json!({ "email": email, "password": PASSWORD });
    let answer = world
        .request(Method::POST, "/api/v1/auth/session", "")
        .json(&login)
        .send()
        .await
        .unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    (cookie, answer.text().await.unwrap())
}

#[tokio::test]
async fn a_cookie_needs_our_own_page() {
    let world = world().await;
    world.person("ana").await;
    let (cookie, body) = browser(&world, "ana@example.org").await;
    assert!(cookie.starts_with("labyard="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    // The page is at plain http, where not every browser keeps such a cookie.
    assert!(!cookie.contains("Secure"), "{cookie}");
    assert!(!body.contains("token"), "{body}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let with = |method, path: &str, origin: Option<&str>| {
        let request = world.request(method, path, "").header("cookie", &cookie);
        match origin {
            Some(origin) => request.header("origin", origin),
            None => request,
        }
    };
    assert_eq!(
        world
            .read(with(Method::GET, "/api/v1/auth/me", None))
            .await
            .0,
        StatusCode::OK
    );
    let token = "/api/v1/auth/stream-token";
    for origin in [
        None,
        Some("https://evil.test"),
        Some("null"),
        Some("http://localhost.evil.test"),
        Some("http://localhost:3000"),
        Some("http://localhost:5173"),
    ] {
        let (status, body) = world.read(with(Method::POST, token, origin)).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::FORBIDDEN, &json!("forbidden")),
            "{origin:?}"
        );
    }
    let ours = Some("http://labyard.localhost:3000");
    assert_eq!(
        world.read(with(Method::POST, token, ours)).await.0,
        StatusCode::OK
    );
    assert_eq!(
        world
            .read(with(Method::DELETE, "/api/v1/auth/session", ours))
            .await
            .0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        world
            .read(with(Method::GET, "/api/v1/auth/me", None))
            .await
            .0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn streams_are_admitted_by_each_credential_until_the_log_out_that_the_log_tells() {
    let world = world().await;
    let token = world.person("ana").await;
    let hub = world.bus("events-gateway").await;
    let seal = world.gateway.keys().seal;
    let ask = |credential: Credential| {
        let sealed = seal
            .seal(&serde_json::to_vec(&credential).unwrap())
            .unwrap();
        let hub = hub.clone();
        async move {
            hub.request(
                &AdmitRequest {
                    credential: sealed,
                    seen: None,
                    heeds_only: true,
                },
                (),
            )
            .await
        }
    };
    let (_, stream) = world
        .post("/api/v1/auth/stream-token", &token, &json!({}))
        .await;
    let stream = stream["token"].as_str().unwrap().to_owned();
    let admitted = ask(Credential::Bearer(token.clone().into())).await.unwrap();
    assert_eq!(admitted.grants.organizations.len(), 1);
    assert_eq!(
        ask(Credential::Stream(stream.clone().into()))
            .await
            .unwrap()
            .user_id,
        admitted.user_id
    );
    let (cookie, _) = browser(&world, "ana@example.org").await;
    let (pair, _) = cookie.split_once(';').unwrap();
    let value = pair.split_once('=').unwrap().1.to_owned();
    let by_cookie = ask(Credential::Cookie(value.clone().into())).await.unwrap();
    assert_eq!(by_cookie.user_id, admitted.user_id);
    assert_ne!(
        by_cookie.session_id, admitted.session_id,
        "two logins are two sessions"
    );
    // Each token is good for its own purpose alone.
    for wrong in [
        Credential::Bearer(stream.clone().into()),
        Credential::Stream(token.clone().into()),
        Credential::Cookie(token.clone().into()),
    ] {
        let Err(CallError::Fault(fault)) = ask(wrong).await else {
            panic!("admitted")
        };
        assert_eq!(fault.code, Code::Unauthenticated);
    }
    assert_eq!(
        world.get("/api/v1/auth/me", &stream).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        world
            .get(&format!("/api/v1/auth/me?token={token}"), "")
            .await
            .0,
        StatusCode::UNAUTHORIZED
    );

    let (status, _) = world.post("/api/v1/auth/logout", &token, &json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(
        world.get("/api/v1/auth/me", &token).await.0,
        StatusCode::UNAUTHORIZED
    );
    for over in [
        Credential::Bearer(token.into()),
        Credential::Stream(stream.into()),
    ] {
        let Err(CallError::Fault(fault)) = ask(over).await else {
            panic!("admitted after the log-out")
        };
        assert_eq!(fault.code, Code::Unauthenticated);
    }
    assert!(
        ask(Credential::Cookie(value.into())).await.is_ok(),
        "the other login goes on"
    );
    let ended = testkit::eventually(std::time::Duration::from_secs(5), || async {
        let log = log(&hub, admitted.at.position).await.ok()?;
        log.events
            .into_iter()
            .find(|logged| logged.event.kind == "access.changed")
    })
    .await;
    assert_eq!(
        ended.event.data.unwrap()["session_ended"],
        json!(admitted.session_id)
    );
}
