//! What people are called, and that they are found however it is written.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{PASSWORD, World, query, sql, world},
    organizations::organization,
};

/// Nobody sees these, or they turn the text around them about.
const NO_NAMES: [&str; 8] = [
    "\u{200b}",
    "\u{3164}",
    "\u{202e}",
    "\u{2800}\u{ad}",
    "ana\u{202e}gro",
    "\u{2067}ana\u{2069}",
    "a\0b",
    "a\u{2028}b",
];

async fn refused(world: &World, (method, path): (Method, &str), token: &str, body: &Value) {
    let (status, answer) = world
        .read(world.request(method, path, token).json(body))
        .await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{path} {body}: {answer}"
    );
    let pointers: Vec<&Value> = answer["errors"].as_array().unwrap().iter().collect();
    assert!(
        pointers.iter().any(|error| error["pointer"] == "/name"),
        "{path}: {answer}"
    );
}

#[tokio::test]
async fn a_name_that_nobody_sees_is_none() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let of_it = |rest: &str| format!("/api/v1/organizations/{physics}{rest}");
    for name in NO_NAMES {
        let post = |path| (Method::POST, path);
        let register = json!({ "email": "ben@example.org", "password": PASSWORD, "name": name });
        refused(&world, post("/api/v1/auth/register"), "", &register).await;
        let named = json!({ "name": name });
        refused(&world, (Method::PATCH, "/api/v1/auth/me"), &ana, &named).await;
        refused(&world, post("/api/v1/organizations"), &ana, &named).await;
        refused(&world, (Method::PATCH, &of_it("")), &ana, &named).await;
        let token = json!({ "name": name, "scope": { "level": "read" } });
        refused(&world, post("/api/v1/auth/tokens"), &ana, &token).await;
        let trust = json!({ "name": name, "issuer": "https://id.example.org", "level": "read",
            "claims": { "repository": "a/b" } });
        refused(&world, post(&of_it("/trusts")), &ana, &trust).await;
    }
    // Letters may be joined without a sign, in Persian or in a picture.
    for name in [
        "\u{645}\u{6cc}\u{200c}\u{62e}",
        "\u{1f469}\u{200d}\u{1f52c}",
    ] {
        let request = world.request(Method::PATCH, "/api/v1/auth/me", &ana);
        let (status, user) = world.read(request.json(&json!({ "name": name }))).await;
        assert_eq!((status, &user["name"]), (StatusCode::OK, &json!(name)));
    }
}

#[tokio::test]
async fn a_trust_has_no_claim_with_a_zero_byte() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let path = format!("/api/v1/organizations/{physics}/trusts");
    for claims in [
        json!({ "repository": "a/\0b" }),
        json!({ "repository": "a/b", "r\0f": "x" }),
    ] {
        let trust = json!({ "name": "ci", "issuer": "https://id.example.org", "level": "read", "claims": claims });
        let (status, body) = world.post(&path, &ana, &trust).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

async fn log_in(world: &World, email: &str, password: &str) -> StatusCode {
    let login = json!({ "email": email, "password": password });
    world.post("/api/v1/auth/token", "", &login).await.0
}

#[tokio::test]
async fn accents_are_the_same_however_they_are_typed() {
    let world = world().await;
    let (composed, apart) = ("un caf\u{e9} cr\u{e8}me", "un cafe\u{301} cre\u{300}me");
    for (email, other, set, typed) in [
        (
            "jos\u{e9}@example.org",
            "JOSE\u{301}@example.org",
            composed,
            apart,
        ),
        (
            "rene\u{301}@example.org",
            "Ren\u{e9}@Example.org",
            apart,
            composed,
        ),
    ] {
        let register = json!({ "email": email, "password": set });
        let (status, body) = world.post("/api/v1/auth/register", "", &register).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        assert_eq!(log_in(&world, other, typed).await, StatusCode::OK);
        assert_eq!(log_in(&world, email, set).await, StatusCode::OK);
        assert_eq!(
            log_in(&world, email, "un cafe creme").await,
            StatusCode::UNAUTHORIZED
        );
        let again = json!({ "email": other, "password": PASSWORD });
        let (status, body) = world.post("/api/v1/auth/register", "", &again).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::CONFLICT, &json!("name_taken"))
        );
    }
}

#[tokio::test]
async fn a_share_finds_a_person_in_any_form() {
    let world = world().await;
    let ana = world.person("ana").await;
    let register = json!({ "email": "jos\u{e9}@example.org", "password": PASSWORD });
    world.post("/api/v1/auth/register", "", &register).await;
    let id = world.create(&ana, "demo").await;
    let share = json!({ "email": " JOSE\u{301}@example.org", "level": "viewer" });
    let path = format!("/api/v1/clusters/{id}/shares");
    let (status, body) = world.post(&path, &ana, &share).await;
    assert_eq!(status, StatusCode::CREATED, "{body}");
}

#[tokio::test]
async fn what_was_tried_as_an_address_is_in_the_audit_as_it_was_sent() {
    let world = world().await;
    for (tried, kept) in [
        (
            "\u{0}\u{1b}[31mroot@example.org",
            "\\u{0}\\u{1b}[31mroot@example.org",
        ),
        ("a\u{202e}b", "a\\u{202e}b"),
    ] {
        assert_eq!(
            log_in(&world, tried, PASSWORD).await,
            StatusCode::UNAUTHORIZED
        );
        let last = "select email from audit where action = 'login' and not allowed order by number desc limit 1";
        assert_eq!(query(&world.database, last).await, kept);
    }
}

#[tokio::test]
async fn a_list_goes_on_past_what_cannot_be_shown() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let path = format!("/api/v1/clusters/{id}/shares");
    for _ in 0..4 {
        world.post(&path, &ana, &json!({ "level": "viewer" })).await;
    }
    // Of a later version: the second and the third.
    sql(
        &world.database,
        "alter table share drop constraint if exists share_level_check;
         update share set level = 'later' where id in (select id from share order by id desc offset 1 limit 2)",
    )
    .await;
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let (status, page) = world.get(&format!("{path}?limit=2{cursor}"), &ana).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        seen += page["items"].as_array().unwrap().len();
        let Some(next) = page["next_cursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen, 2);
}
