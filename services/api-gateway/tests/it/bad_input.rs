//! What a stranger may send, and the code each gets: never a 500.

use reqwest::Method;
use serde_json::json;

use crate::gateway::world;

/// What it is, method, path, body; status and code of the answer.
type Case<'a> = (&'a str, Method, &'a str, Vec<u8>, u16, &'a str);

#[tokio::test]
async fn each_gets_its_own_code() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let exec = format!("/api/v1/clusters/{id}/exec");
    let clusters = "/api/v1/clusters";
    let text = |value: serde_json::Value| value.to_string().into_bytes();
    let cases: Vec<Case<'_>> = vec![
        (
            "capitals",
            Method::POST,
            clusters,
            text(json!({ "name": "Demo" })),
            422,
            "invalid",
        ),
        (
            "300 characters",
            Method::POST,
            clusters,
            text(json!({ "name": "a".repeat(300) })),
            422,
            "invalid",
        ),
        (
            "a number for a name",
            Method::POST,
            clusters,
            text(json!({ "name": 5 })),
            422,
            "invalid",
        ),
        (
            "a list of its fields for a structure",
            Method::PATCH,
            "/api/v1/auth/me",
            text(json!(["Ana", null, null])),
            422,
            "invalid",
        ),
        (
            "a list of its fields within one",
            Method::POST,
            "/api/v1/auth/tokens",
            text(json!({ "name": "ci", "scope": ["read", null] })),
            422,
            "invalid",
        ),
        (
            "another word for include",
            Method::GET,
            "/api/v1/clusters?include=everything",
            vec![],
            422,
            "invalid",
        ),
        (
            "no name",
            Method::POST,
            clusters,
            text(json!({})),
            422,
            "invalid",
        ),
        (
            "an empty body",
            Method::POST,
            clusters,
            vec![],
            400,
            "malformed",
        ),
        (
            "no JSON",
            Method::POST,
            clusters,
            b"{".to_vec(),
            400,
            "malformed",
        ),
        (
            "TTL 0",
            Method::POST,
            clusters,
            text(json!({ "name": "a", "ttl_hours": 0 })),
            422,
            "invalid",
        ),
        (
            "TTL 10,000",
            Method::POST,
            clusters,
            text(json!({ "name": "a", "ttl_hours": 10_000 })),
            422,
            "invalid",
        ),
        (
            "an unknown version",
            Method::POST,
            clusters,
            text(json!({ "name": "a", "k8s_version": "v0" })),
            422,
            "invalid",
        ),
        (
            "a name that is taken",
            Method::POST,
            clusters,
            text(json!({ "name": "demo" })),
            409,
            "name_taken",
        ),
        (
            "exec before it runs",
            Method::POST,
            &exec,
            text(json!({ "command": "true" })),
            409,
            "wrong_status",
        ),
        (
            "an unclosed quote",
            Method::POST,
            &exec,
            text(json!({ "command": "echo 'a" })),
            422,
            "invalid",
        ),
        (
            "an empty command",
            Method::POST,
            &exec,
            text(json!({ "command": "" })),
            422,
            "invalid",
        ),
        (
            "a body of 2 MiB",
            Method::POST,
            clusters,
            vec![b' '; 2 << 20],
            413,
            "too_large",
        ),
        (
            "an unknown route",
            Method::GET,
            "/api/v1/nothing",
            vec![],
            404,
            "not_found",
        ),
        (
            "the retired socket",
            Method::GET,
            "/api/v1/ws",
            vec![],
            404,
            "not_found",
        ),
        (
            "another method",
            Method::PUT,
            clusters,
            vec![],
            405,
            "method_not_allowed",
        ),
        (
            "a limit of 0",
            Method::GET,
            "/api/v1/clusters?limit=0",
            vec![],
            422,
            "invalid",
        ),
        (
            "a garbage page",
            Method::GET,
            "/api/v1/clusters?cursor=x",
            vec![],
            422,
            "invalid",
        ),
        (
            "a status there is none",
            Method::GET,
            "/api/v1/tasks?status=x",
            vec![],
            422,
            "invalid",
        ),
    ];
    for (what, method, path, body, status, code) in cases {
        let request = world
            .request(method, path, &ana)
            .header("content-type", "application/json")
            .body(body);
        let answer = request.send().await.unwrap();
        assert_eq!(
            answer.headers()["content-type"],
            "application/problem+json",
            "{what}"
        );
        if status == 405 {
            assert_eq!(answer.headers()["allow"], "GET, HEAD, POST, OPTIONS");
        }
        let (got, problem): (u16, serde_json::Value) =
            (answer.status().as_u16(), answer.json().await.unwrap());
        assert_eq!(
            (got, problem["code"].as_str()),
            (status, Some(code)),
            "{what}: {problem}"
        );
        assert!(
            !problem["reason"]["fix"].as_str().unwrap().is_empty(),
            "{what}"
        );
        assert_eq!(problem["type"], format!("/docs/errors#{code}"), "{what}");
    }
    let other = world
        .request(Method::POST, clusters, &ana)
        .header("content-type", "text/plain")
        .body("x");
    let answer = other.send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (415, &"application/problem+json".parse().unwrap())
    );
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "unsupported_media_type");
    assert!(!problem["reason"]["fix"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn who_says_no_name_gets_one_that_fits() {
    let world = world().await;
    let email = format!("{}@example.org", "a".repeat(150));
    let register = json!({ "email": email, "password": crate::gateway::PASSWORD });
    let (status, user) = world.post("/api/v1/auth/register", "", &register).await;
    assert_eq!(status, 201, "{user}");
    assert_eq!(user["name"], "a".repeat(100));
}
