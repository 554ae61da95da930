//! Every route of the table, for everyone it is not for.

use api_gateway::routes::{ROUTES, Route};
use domain::Action;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::gateway::{PASSWORD, World, world};

async fn call(world: &World, route: &Route, id: &str, token: &str) -> (StatusCode, String) {
    let path = route.path.replace("{id}", id);
    let mut request = world.request(
        Method::from_bytes(route.method.as_bytes()).unwrap(),
        &path,
        token,
    );
    if route.request.is_some() {
        // Good for every route that takes a body; others ignore what they do not know.
        request = request.json(&json!({ "name": "x", "hours": 1, "command": "true" }));
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn without_a_login_only_public_routes_answer() {
    let world = world().await;
    let id = "clu_01930000000070008000000000000001";
    for route in ROUTES.iter().filter(|route| route.action != Action::Public) {
        for token in ["", "garbage", "a.b.c"] {
            let (status, body) = call(&world, route, id, token).await;
            assert_eq!(
                status,
                StatusCode::UNAUTHORIZED,
                "{} {}: {body}",
                route.method,
                route.path
            );
        }
    }
}

/// The logins among them are refused for their own reasons, not for the lack of a login before.
#[tokio::test]
async fn public_routes_want_no_login() {
    let world = world().await;
    world.person("ana").await;
    let mut tried = 0;
    for route in ROUTES.iter().filter(|route| route.action == Action::Public) {
        let path = route.path.replace("{path:.*}", "index.html");
        for token in ["", "garbage"] {
            let mut request = world.request(
                Method::from_bytes(route.method.as_bytes()).unwrap(),
                &path,
                token,
            );
            if route.request.is_some() {
                let login = json!({ "email": "ana@example.org", "password": PASSWORD });
                request = request.json(&login);
            }
            let (status, body) = world.read(request).await;
            let expected = match route.id {
                "register" => StatusCode::CONFLICT,
                "refresh_token" => StatusCode::UNPROCESSABLE_ENTITY,
                "docs" => StatusCode::FOUND,
                _ => StatusCode::OK,
            };
            assert_eq!(status, expected, "{} {path}: {body}", route.method);
        }
        tried += 1;
    }
    assert!(tried >= 6, "only {tried} routes are public");
}

#[tokio::test]
async fn what_belongs_to_others_is_as_if_it_were_not() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ana, "demo").await;
    let task = world.cluster(&ana, &cluster).await["task_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let mut tried = 0;
    for route in ROUTES.iter().filter(|route| route.path.contains("{id}")) {
        let (theirs, missing) = if route.path.contains("/tasks/") {
            (task.as_str(), "task_01930000000070008000000000000001")
        } else {
            (cluster.as_str(), "clu_01930000000070008000000000000001")
        };
        let real = call(&world, route, theirs, &ben).await;
        assert_eq!(
            real.0,
            StatusCode::NOT_FOUND,
            "{} {}",
            route.method,
            route.path
        );
        for other in [missing, "garbage", "usr_01930000000070008000000000000001"] {
            assert_eq!(
                call(&world, route, other, &ben).await,
                real,
                "{} {} {other}",
                route.method,
                route.path
            );
        }
        tried += 1;
    }
    assert!(tried >= 6, "only {tried} routes have an object");
    let (_, list) = world.get("/api/v1/clusters", &ben).await;
    assert_eq!(list["items"], json!([]));
    assert_eq!(
        world.cluster(&ana, &cluster).await["status"],
        "PROVISIONING",
        "ben changed something"
    );
}
