//! What broke in other products, by number, and does not here.

use api_gateway::routes;
use domain::Action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{PASSWORD, World, world},
    work::{host, running},
};

async fn stream_token(world: &World, token: &str) -> String {
    let (status, body) = world
        .post("/api/v1/auth/stream-token", token, &json!({}))
        .await;
    assert_eq!(status, StatusCode::OK, "{body}");
    body["token"].as_str().unwrap().to_owned()
}

/// CVE-2026-44883: a token in the query was a login on every route, and stood in logs.
#[tokio::test]
async fn a_token_in_the_query_is_no_login() {
    let world = world().await;
    let ana = world.person("ana").await;
    let stream = stream_token(&world, &ana).await;
    let mut tried = 0;
    for route in routes::all().filter(|route| route.action != Action::Public) {
        let path = route
            .path
            .replace("{id}", "clu_01930000000070008000000000000001");
        let method = Method::from_bytes(route.method.as_bytes()).unwrap();
        for query in [
            format!("token={ana}"),
            format!("token={stream}"),
            format!("access_token={ana}"),
        ] {
            let request = world.request(method.clone(), &format!("{path}?{query}"), "");
            let (status, _) = world.read(request).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{} {path}", route.method);
        }
        let (status, _) = world.read(world.request(method, &path, &stream)).await;
        assert_eq!(
            status,
            StatusCode::UNAUTHORIZED,
            "a stream token on {} {path}",
            route.method
        );
        tried += 1;
    }
    assert!(tried > 40, "only {tried} routes");
}

/// CVE-2026-44848: a path that fell through the list of prefixes reached what was behind.
#[tokio::test]
async fn a_path_that_is_not_in_the_table_is_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    for path in [
        "/plugins/x",
        "/api/v1/plugins",
        "/api/v1/clusters/",
        "/api/v1//clusters",
        "/api/v1/./clusters",
        "/api/v1/x/../clusters",
        "/api/v1/clusters/%2e%2e/hosts",
        "/API/v1/clusters",
        "/api/v1/clusters;x",
        "/api/v2/clusters",
        "/metrics",
        "/v1.41/containers/json",
    ] {
        // As it stands: the client must not tidy it up first.
        let answer = raw(&world, path, &ana).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

async fn raw(world: &World, path: &str, token: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(world.gateway.addr)
        .await
        .unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// CVE-2025-58437: a token of the pool's user outlived the claim. A warm cluster has no user: nobody
/// can get anything of it before it is somebody's.
#[tokio::test]
async fn nobody_holds_anything_of_a_warm_cluster() {
    let world = world().await;
    let admin = world.person("admin").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &admin, "demo").await;
    let uuid = id.trim_start_matches("clu_").to_owned();
    let warm = format!(
        "update cluster set organization_id = null, workspace_id = null, created_by = null, name = null, expires_at = null where id = '{uuid}'"
    );
    crate::gateway::sql(&world.database, &warm).await;
    for path in ["", "/kubeconfig", "/access", "/shares"] {
        let (status, _) = world
            .get(&format!("/api/v1/clusters/{id}{path}"), &admin)
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
    let command = json!({ "command": "true" });
    let (status, _) = world
        .post(&format!("/api/v1/clusters/{id}/exec"), &admin, &command)
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// CVE-2026-44849, CVE-2026-6406: a tenant said what a container is given of its host. What a host makes is
/// what the gateway desires, and nothing of that is text of a tenant's.
#[tokio::test]
async fn nobody_says_what_a_node_is_given_of_its_host() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let bind = json!({ "Type": "bind", "Source": "/", "Target": "/evil" });
    let wanted = json!({
        "name": "demo", "image": "evil", "privileged": true,
        "binds": ["/:/evil"], "mounts": [bind], "volumes": { "/evil": {} }, "driver_opts": { "device": "/evil" },
        "host_config": { "Binds": ["/:/evil"], "Mounts": [bind] }, "desired": { "binds": ["/:/evil"] },
    });
    let (status, answer) = world.post("/api/v1/clusters", &ana, &wanted).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    let desired = serde_json::to_value(host.take().await.desired).unwrap();
    assert!(!desired.to_string().contains("evil"), "{desired}");
    let known = [
        "goal",
        "generation",
        "data_generation",
        "k8s_version",
        "resources",
        "api_port",
    ];
    for name in desired.as_object().unwrap().keys() {
        assert!(known.contains(&name.as_str()), "{name}: {desired}");
    }
    let (status, _) = world
        .post(
            "/api/v1/clusters",
            &ana,
            &json!({ "name": "other", "k8s_version": "/:/evil" }),
        )
        .await;
    assert!(status.is_client_error(), "{status}");
}

/// CVE-2026-46354: a chain was checked and its signature was not. One bit of a token makes it none.
#[tokio::test]
async fn a_token_with_one_bit_changed_is_no_login() {
    let world = world().await;
    let ana = world.person("ana").await;
    for place in (0..ana.len())
        .step_by(3)
        .filter(|place| ana.as_bytes()[*place] != b'.')
    {
        let mut other = ana.clone().into_bytes();
        other[place] = if other[place] == b'A' { b'Q' } else { b'A' };
        let other = String::from_utf8(other).unwrap();
        let (status, _) = world.get("/api/v1/auth/me", &other).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "byte {place}");
    }
}

/// GHSA-3rw9-wmc8-8948: logins outlived what they were given by. A new password ends every one.
#[tokio::test]
async fn a_login_does_not_outlive_what_it_was_given_by() {
    let world = world().await;
    let ana = world.person("ana").await;
    let stream = stream_token(&world, &ana).await;
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    let (_, tokens) = world.post("/api/v1/auth/token", "", &login).await;
    let second = tokens["access_token"].as_str().unwrap();
    crate::gateway::sql(&world.database, "update session set revoked_at = now()").await;
    for token in [ana.as_str(), second, stream.as_str()] {
        assert_eq!(
            world.get("/api/v1/auth/me", token).await.0,
            StatusCode::UNAUTHORIZED
        );
    }
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    assert_eq!(
        world.post("/api/v1/auth/refresh", "", &refresh).await.0,
        StatusCode::UNAUTHORIZED
    );
}

/// GHSA-m3cr-vc2j-pm27: a crafted link made a workspace and ran what it named.
#[tokio::test]
async fn a_link_makes_nothing_and_a_name_runs_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    for path in [
        "/api/v1/clusters?name=x&ttl_hours=1",
        "/api/v1/clusters?_method=POST&name=x",
        "/api/v1/workspaces?name=x",
    ] {
        assert_eq!(world.get(path, &ana).await.0, StatusCode::OK);
    }
    let (_, clusters) = world.get("/api/v1/clusters", &ana).await;
    assert_eq!(clusters["items"], json!([]));
    for name in [
        "$(id)", "`id`", "a;id", "a b", "a\nb", "../x", "a|b", "-x", "a&b", "{{x}}", "a'b",
    ] {
        for (path, body) in [
            ("/api/v1/clusters", json!({ "name": name })),
            ("/api/v1/workspaces", json!({ "name": name })),
        ] {
            let (status, _) = world.post(path, &ana, &body).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {name:?}");
        }
    }
}

/// A browser hands what `localhost` has set to whatever else listens there: no session is set there or taken from there.
#[tokio::test]
async fn no_session_lives_at_another_name_of_this_machine() {
    let world = world().await;
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    let token = world.person("ana").await;
    let log_in = async |host: &str| {
        let request = world
            .http
            .post(format!("{}/api/v1/auth/session", world.url));
        let answer = request.header("Host", host).json(&login).send();
        let answer = answer.await.unwrap();
        let cookie = answer.headers().get("set-cookie").cloned();
        (answer.status(), cookie)
    };
    let (_, cookie) = log_in("labyard.localhost:3000").await;
    let cookie = cookie.unwrap();
    let me = |host: &str| {
        let request = world.http.get(format!("{}/api/v1/auth/me", world.url));
        request.header("Host", host)
    };
    let shown = me("labyard.localhost:3000").header("Cookie", &cookie);
    assert_eq!(world.read(shown).await.0, StatusCode::OK);
    for host in [
        "localhost:3000",
        "127.0.0.1:3000",
        "[::1]:3000",
        "evil.localhost:3000",
    ] {
        assert_eq!(log_in(host).await, (StatusCode::FORBIDDEN, None), "{host}");
        let (status, said) = world.read(me(host).header("Cookie", &cookie)).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{host}");
        assert!(
            said.to_string().contains("http://labyard.localhost:3000"),
            "{said}"
        );
        let by_token = me(host).bearer_auth(&token);
        assert_eq!(
            world.read(by_token).await.0,
            StatusCode::OK,
            "{host}: a program's token"
        );
    }
}

/// CVE-2023-0957, CVE-2024-23898: a page elsewhere used the visitor's cookie.
#[tokio::test]
async fn a_page_elsewhere_cannot_use_the_cookie() {
    let world = world().await;
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    world.person("ana").await;
    let request = world.request(Method::POST, "/api/v1/auth/session", "");
    let request = request
        .header("Origin", "http://labyard.localhost:3000")
        .json(&login);
    let answer = request.send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap();
    assert!(
        cookie.contains("SameSite=Lax") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let ask = async |origin: Option<&str>, kind: &str, body: &Value| {
        let mut request = world
            .request(Method::POST, "/api/v1/organizations", "")
            .header("Cookie", &cookie)
            .header("Content-Type", kind);
        if let Some(origin) = origin {
            request = request.header("Origin", origin);
        }
        world.read(request.body(body.to_string())).await.0
    };
    let body = json!({ "name": "x" });
    for origin in [
        None,
        Some("null"),
        Some("http://evil.example"),
        Some("http://labyard.localhost:3000.evil.example"),
        // What else this machine serves, an app forwarded from a lab perhaps.
        Some("http://localhost:9999"),
        Some("http://127.0.0.1:8080"),
        Some("https://labyard.localhost:3000"),
        Some("http://evil.localhost:3000"),
        Some("http://labyard.localhost:3001x"),
        Some("http://labyard.localhost.:3000"),
        // The same machine and the same port, and a cookie there would go to all of its ports.
        Some("http://localhost:3000"),
        Some("http://127.0.0.1:3000"),
        Some("file://"),
    ] {
        assert_eq!(
            ask(origin, "application/json", &body).await,
            StatusCode::FORBIDDEN,
            "{origin:?}"
        );
    }
    // What a form can send without asking is not understood even from here.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let status = ask(Some("http://labyard.localhost:3000"), kind, &body).await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    assert_eq!(
        ask(
            Some("http://labyard.localhost:3000"),
            "application/json",
            &body
        )
        .await,
        StatusCode::CREATED
    );
}
