//! What HTTP itself asks of every route, whatever it is for.

use api_gateway::routes;
use domain::Action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::gateway::world;

/// A path of a route, with something in each place.
fn some(path: &str) -> String {
    let part = |part: &str| match part.starts_with('{') {
        true => "x".to_owned(),
        false => part.to_owned(),
    };
    let parts: Vec<String> = path.split('/').map(part).collect();
    parts.join("/")
}

#[tokio::test]
async fn head_is_get_without_a_body_on_every_route() {
    let world = world().await;
    for route in routes::all().filter(|route| route.method == "GET") {
        let path = some(route.path);
        let [get, head] =
            [Method::GET, Method::HEAD].map(|method| world.request(method, &path, ""));
        let (get, head) = (get.send().await.unwrap(), head.send().await.unwrap());
        assert_eq!(head.status(), get.status(), "{path}");
        for name in [
            "content-type",
            "content-length",
            "location",
            "www-authenticate",
        ] {
            assert_eq!(
                head.headers().get(name),
                get.headers().get(name),
                "{path}: {name}"
            );
        }
        if route.action != Action::Public {
            assert_eq!(head.status(), StatusCode::UNAUTHORIZED, "{path}");
        }
        assert_eq!(head.bytes().await.unwrap().len(), 0, "{path}");
    }
    for path in ["/health", "/docs/", "/api/v1/openapi.json"] {
        let head = world.request(Method::HEAD, path, "").send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK, "{path}");
    }
}

#[tokio::test]
async fn every_path_tells_the_methods_that_it_knows() {
    let world = world().await;
    for route in routes::all() {
        let path = some(route.path);
        let answer = world
            .request(Method::OPTIONS, &path, "")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::NO_CONTENT, "{path}");
        let allow = answer.headers()["allow"].to_str().unwrap().to_owned();
        let known: Vec<&str> = allow.split(", ").collect();
        assert!(
            known.contains(&route.method) && known.contains(&"OPTIONS"),
            "{path}: {allow}"
        );
        assert_eq!(
            known.contains(&"HEAD"),
            known.contains(&"GET"),
            "{path}: {allow}"
        );
    }
}

/// What is answered to these bytes, on a connection of their own.
async fn raw(url: &str, bytes: &str) -> String {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_check_by_http_1_0_names_no_host() {
    let world = world().await;
    for method in ["GET", "HEAD"] {
        let answer = raw(&world.url, &format!("{method} /health HTTP/1.0\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        assert_eq!(body.is_empty(), method == "HEAD", "{answer}");
    }
}

#[tokio::test]
async fn every_answer_says_what_its_request_is_called() {
    let world = world().await;
    let ana = world.person("ana").await;
    for (method, path, status) in [
        (Method::GET, "/health", 200),
        (Method::GET, "/api/v1/auth/me", 200),
        (Method::GET, "/api/v1/nothing", 404),
        (Method::GET, "/api/v1/clusters?limit=0", 422),
        (Method::POST, "/api/v1/clusters", 400),
        (Method::PUT, "/api/v1/clusters", 405),
        (Method::OPTIONS, "/api/v1/clusters", 204),
    ] {
        let mut seen = vec![];
        for given in [None, Some("edge-0123.a_B"), Some("two words")] {
            let mut request = world.request(method.clone(), path, &ana);
            if let Some(given) = given {
                request = request.header("x-request-id", given);
            }
            let answer = request.send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            let id = answer.headers()["x-request-id"]
                .to_str()
                .unwrap()
                .to_owned();
            if status >= 400 {
                let problem: Value = answer.json().await.unwrap();
                assert_eq!(problem["request_id"], json!(id), "{path}");
            }
            seen.push(id);
        }
        assert_eq!(seen[1], "edge-0123.a_B", "{path}");
        assert!(seen[0] != seen[2] && seen[2] != "two words", "{seen:?}");
    }
}

#[tokio::test]
async fn the_scheme_of_a_credential_is_the_same_in_any_case() {
    let world = world().await;
    let ana = world.person("ana").await;
    for (scheme, status) in [
        ("Bearer", 200),
        ("bearer", 200),
        ("BEARER ", 200),
        ("Token", 401),
    ] {
        let request = world.request(Method::GET, "/api/v1/auth/me", "");
        let request = request.header("authorization", format!("{scheme} {ana}"));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{scheme}");
        if status == 401 {
            assert_eq!(answer.headers()["www-authenticate"], "Bearer");
        }
    }
}
