//! What a stranger may send through the edge, and the code each gets: never a 500, never a hang.

use e2e::person::Person;
use reqwest::{Method, StatusCode};
use serde_json::Value;

struct Case {
    what: &'static str,
    method: Method,
    path: &'static str,
    content_type: Option<&'static str>,
    body: Vec<u8>,
    status: u16,
    code: &'static str,
}

fn post(
    what: &'static str,
    path: &'static str,
    body: impl Into<Vec<u8>>,
    status: u16,
    code: &'static str,
) -> Case {
    Case {
        what,
        method: Method::POST,
        path,
        content_type: Some("application/json"),
        body: body.into(),
        status,
        code,
    }
}

fn get(what: &'static str, path: &'static str, status: u16, code: &'static str) -> Case {
    Case {
        what,
        method: Method::GET,
        path,
        content_type: None,
        body: Vec::new(),
        status,
        code,
    }
}

fn cases() -> Vec<Case> {
    let missing = "/api/v1/clusters/clu_01930000000070008000000000000001";
    let long = format!(r#"{{"name":"{}"}}"#, "a".repeat(300));
    let mut form = post(
        "another content type",
        "/api/v1/clusters",
        "name=a",
        415,
        "unsupported_media_type",
    );
    form.content_type = Some("text/plain");
    let mut method = get(
        "another method",
        "/api/v1/clusters",
        405,
        "method_not_allowed",
    );
    method.method = Method::PUT;
    vec![
        post(
            "capitals",
            "/api/v1/clusters",
            r#"{"name":"Demo"}"#,
            422,
            "invalid",
        ),
        post("300 characters", "/api/v1/clusters", long, 422, "invalid"),
        post("an empty body", "/api/v1/clusters", "", 400, "malformed"),
        post("no JSON", "/api/v1/clusters", "{", 400, "malformed"),
        post(
            "TTL 0",
            "/api/v1/clusters",
            r#"{"name":"a","ttl_hours":0}"#,
            422,
            "invalid",
        ),
        post(
            "TTL 10,000",
            "/api/v1/clusters",
            r#"{"name":"a","ttl_hours":10000}"#,
            422,
            "invalid",
        ),
        post(
            "a body of 2 MiB",
            "/api/v1/clusters",
            vec![b' '; 2 << 20],
            413,
            "too_large",
        ),
        form,
        method,
        get("an unknown route", "/api/v1/nothing", 404, "not_found"),
        get("the retired socket", "/api/v1/ws", 404, "not_found"),
        get("no identifier", "/api/v1/clusters/x", 404, "not_found"),
        get("nobody's cluster", missing, 404, "not_found"),
    ]
}

#[tokio::test]
async fn each_gets_its_own_code() {
    let gil = Person::register("input").await;
    let token = gil.client.bearer().unwrap().to_owned();
    let http = reqwest::Client::new();
    for case in cases() {
        let mut request = http
            .request(case.method, format!("{}{}", e2e::url(), case.path))
            .bearer_auth(&token)
            .body(case.body);
        if let Some(kind) = case.content_type {
            request = request.header("content-type", kind);
        }
        let answer = request
            .send()
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", case.what));
        let (status, kind) = (
            answer.status(),
            answer.headers().get("content-type").cloned(),
        );
        let problem: Value = answer
            .json()
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", case.what));
        assert_eq!(
            status,
            StatusCode::from_u16(case.status).unwrap(),
            "{}: {problem}",
            case.what
        );
        assert_eq!(problem["code"], case.code, "{}: {problem}", case.what);
        assert_eq!(kind.unwrap(), "application/problem+json", "{}", case.what);
        assert!(
            problem["reason"]["fix"]
                .as_str()
                .is_some_and(|fix| !fix.is_empty()),
            "{}: {problem}",
            case.what
        );
    }
}

#[tokio::test]
async fn a_garbage_token_is_a_401_and_a_garbage_cursor_a_reset() {
    let ida = Person::register("garbage").await;
    let http = reqwest::Client::new();
    let clusters = format!("{}/api/v1/clusters", e2e::url());
    let answer = http
        .get(&clusters)
        .bearer_auth("garbage")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    let token = ida.client.bearer().unwrap().to_owned();
    let in_query = http
        .get(format!("{clusters}?token={token}"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        in_query.status(),
        StatusCode::UNAUTHORIZED,
        "an access token in a query is refused"
    );

    let mut events = http
        .get(format!("{}/api/v1/events", e2e::url()))
        .bearer_auth(&token)
        .header("last-event-id", "garbage")
        .send()
        .await
        .unwrap();
    assert_eq!(events.status(), StatusCode::OK);
    let mut text = String::new();
    while !text.contains("event: reset") {
        let chunk = events
            .chunk()
            .await
            .unwrap()
            .expect("the stream stays open until its reset");
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let frame = text.split("event: reset").nth(1).unwrap().to_owned();
    assert!(
        frame.contains("unreadable") || text.contains("unreadable"),
        "{text}"
    );
}

#[tokio::test]
async fn commands_that_cannot_be_read_and_clusters_that_do_not_run() {
    let jo = Person::register("words").await;
    let accepted = jo
        .client
        .create_cluster(&api::cluster::CreateCluster {
            ttl_hours: Some(0.25),
            ..api::cluster::CreateCluster::named("words")
        })
        .await
        .unwrap();
    let path = format!(
        "{}/api/v1/clusters/{}/exec",
        e2e::url(),
        accepted.cluster.id
    );
    let token = jo.client.bearer().unwrap().to_owned();
    let http = reqwest::Client::new();
    for (command, status) in [
        ("echo 'open", 422),
        ("", 422),
        ("   ", 422),
        ("kubectl get pods", 409),
    ] {
        let body = serde_json::json!({ "command": command });
        let answer = http
            .post(&path)
            .bearer_auth(&token)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), status, "{command:?}");
    }
    let kubeconfig = http
        .get(format!(
            "{}/api/v1/clusters/{}/kubeconfig",
            e2e::url(),
            accepted.cluster.id
        ))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(kubeconfig.status().as_u16(), 409);
    let again = api::cluster::CreateCluster::named("words");
    let refused = jo.client.create_cluster(&again).await.unwrap_err();
    assert!(format!("{refused:?}").contains("NameTaken"), "{refused}");
    let other = Person::register("other").await;
    assert!(other.client.cluster(accepted.cluster.id).await.is_err());
    jo.client.delete_cluster(accepted.cluster.id).await.unwrap();
}
