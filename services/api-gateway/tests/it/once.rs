//! `Idempotency-Key`: a repeated request gets the answer it got, another one with the key is refused.

use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{World, sql, unnamed, world},
    organizations::{member, organization, user_id},
    reach::serve,
    winners::asked,
    work::{host, running},
};

async fn create(world: &World, token: &str, key: &str, name: &str) -> (StatusCode, Value) {
    let request = world
        .request(Method::POST, "/api/v1/clusters", token)
        .header("Idempotency-Key", key)
        .json(&json!({ "name": name }));
    world.read(request).await
}

async fn clusters(world: &World, token: &str) -> usize {
    let (_, page) = world.get("/api/v1/clusters", token).await;
    page["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn twenty_of_one_key_at_once_make_one_cluster() {
    let world = world().await;
    let ana = world.person("ana").await;
    let create_demo = || create(&world, &ana, "k1", "demo");
    let answers = join_all((0..20).map(|_| asked(create_demo))).await;
    for (status, body) in &answers {
        assert_eq!(*status, StatusCode::ACCEPTED, "{body}");
        assert_eq!(body, &answers[0].1, "the same answer for all");
    }
    assert_eq!(clusters(&world, &ana).await, 1);
    // Without a key the name is what stops the second.
    let (status, _) = world
        .post("/api/v1/clusters", &ana, &json!({ "name": "demo" }))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_key_is_of_one_request_of_one_person_for_a_day() {
    let world = world().await;
    let (ana, bob) = (world.person("ana").await, world.person("bob").await);
    let (_, first) = create(&world, &ana, "k1", "demo").await;
    let (status, body) = create(&world, &ana, "k1", "other").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid"))
    );
    let (status, theirs) = create(&world, &bob, "k1", "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_ne!(theirs["cluster"]["id"], first["cluster"]["id"]);
    let delete = |key: &'static str| {
        let path = format!(
            "/api/v1/clusters/{}",
            first["cluster"]["id"].as_str().unwrap()
        );
        world
            .request(Method::DELETE, &path, &ana)
            .header("Idempotency-Key", key)
    };
    let (status, _) = world.read(delete("k1")).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "another path is another request"
    );
    let (status, _) = world.read(delete("k2")).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let old = "update idempotency_key set at = now() - interval '25 hours'";
    sql(&world.database, old).await;
    let (status, again) = create(&world, &ana, "k1", "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{again}");
    assert_ne!(
        again["cluster"]["id"], first["cluster"]["id"],
        "the day is over"
    );
    for key in ["", "two words", &"k".repeat(201)] {
        let (status, _) = create(&world, &ana, key, "third").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key:?}");
    }
}

#[tokio::test]
async fn a_refusal_is_not_kept() {
    let world = world().await;
    let ana = world.person("ana").await;
    world.create(&ana, "demo").await;
    let (status, _) = create(&world, &ana, "k1", "demo").await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (_, page) = world.get("/api/v1/clusters", &ana).await;
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let (status, body) = create(&world, &ana, "k1", "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
}

#[tokio::test]
async fn an_extend_said_twice_with_one_key_adds_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let path = format!("/api/v1/clusters/{id}/extend");
    let extend = || {
        let request = world.request(Method::POST, &path, &ana);
        world.read(
            request
                .header("Idempotency-Key", "k1")
                .json(&json!({ "hours": 2 })),
        )
    };
    let (first, second) = (extend().await, extend().await);
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(first, second);
    let now = world.cluster(&ana, &id).await;
    assert_eq!(now["expires_at"], first.1["expires_at"]);
}

#[tokio::test]
async fn a_command_whose_end_is_not_known_is_not_run_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let exec = |key: &'static str, command: &'static str| {
        let request = world.request(Method::POST, &format!("/api/v1/clusters/{id}/exec"), &ana);
        let request = request.header("Idempotency-Key", key);
        world.read(request.json(&json!({ "command": command })))
    };
    // No exec-service answers on this host.
    let (status, body) = exec("k1", "true").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("unavailable"))
    );
    let (status, body) = exec("k1", "true").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status")),
        "{body}"
    );
    // What was refused before anything was sent may be tried again.
    for _ in 0..2 {
        let (status, _) = exec("k2", "an 'open quote").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// One request of somebody's, with a key.
struct Keyed {
    method: Method,
    path: String,
    body: Value,
    key: String,
}

impl Keyed {
    fn new(method: Method, path: &str, body: Value) -> Self {
        let key = format!("{method}{}", path.replace('/', "."));
        let path = path.to_owned();
        Self {
            method,
            path,
            body,
            key,
        }
    }

    async fn send(&self, world: &World, token: &str) -> (StatusCode, Value) {
        self.with(world, token, &self.key).await
    }

    async fn with(&self, world: &World, token: &str, key: &str) -> (StatusCode, Value) {
        let request = world.request(self.method.clone(), &self.path, token);
        let request = request.header("Idempotency-Key", key);
        world.read(request.json(&self.body)).await
    }
}

/// An answer without what is of one request alone.
fn told((status, body): (StatusCode, Value)) -> (StatusCode, Value) {
    match status.is_success() {
        true => (status, body),
        false => (status, unnamed(body)),
    }
}

/// What was answered to an admin, its secrets and outputs too, is not answered once they are none.
#[tokio::test]
async fn a_repeat_has_the_right_or_is_refused() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "admin").await;
    let organization = format!("/api/v1/organizations/{physics}");
    let (_, found) = world
        .get(
            &format!("/api/v1/workspaces?organization_id={physics}"),
            &ana,
        )
        .await;
    let workspace = found["items"][0]["id"].clone();
    let host = host(&world, "h1", 1).await;
    let wanted = json!({ "name": "demo", "workspace_id": workspace });
    let (_, made) = world.post("/api/v1/clusters", &ana, &wanted).await;
    let cluster = made["cluster"]["id"].as_str().unwrap().to_owned();
    host.make(&host.take().await).await;
    let (_shown, _leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    let exec = format!("/api/v1/clusters/{cluster}/exec");
    testkit::eventually(std::time::Duration::from_secs(5), || async {
        let body = json!({ "command": "both" });
        (world.post(&exec, &ana, &body).await.0 == StatusCode::OK).then_some(())
    })
    .await;

    let post = |path: &str, body: Value| Keyed::new(Method::POST, path, body);
    let all = [
        post(
            "/api/v1/clusters",
            json!({ "name": "more", "workspace_id": workspace }),
        ),
        post(&exec, json!({ "command": "both secret" })),
        post(
            &format!("/api/v1/clusters/{cluster}/extend"),
            json!({ "hours": 1 }),
        ),
        post(
            &format!("/api/v1/clusters/{cluster}/shares"),
            json!({ "level": "operator", "uses": 5 }),
        ),
        post(
            &format!("{organization}/invitations"),
            json!({ "role": "member", "uses": 5 }),
        ),
        post(
            &format!(
                "/api/v1/workspaces/{}/webhooks",
                workspace.as_str().unwrap()
            ),
            json!({ "url": "https://hooks.example.org/" }),
        ),
        Keyed::new(Method::PATCH, &organization, json!({ "name": "Chemistry" })),
    ];
    let mut first = Vec::new();
    for keyed in &all {
        let (status, body) = keyed.send(&world, &ben).await;
        assert!(status.is_success(), "{}: {body}", keyed.path);
        assert_eq!(
            keyed.send(&world, &ben).await,
            (status, body.clone()),
            "{}",
            keyed.path
        );
        first.push((status, body));
    }

    let of_ben = format!("{organization}/members/{}", user_id(&world, &ben).await);
    let place = async |role: &str| {
        let request = world.request(Method::PATCH, &of_ben, &ana);
        let (status, _) = world.read(request.json(&json!({ "role": role }))).await;
        assert_eq!(status, StatusCode::OK);
    };
    place("viewer").await;
    for keyed in all.iter().filter(|keyed| keyed.path != exec) {
        let again = told(keyed.send(&world, &ben).await);
        assert_eq!(again.0, StatusCode::FORBIDDEN, "{}: {again:?}", keyed.path);
        assert_eq!(
            again,
            told(keyed.with(&world, &ben, "new").await),
            "{}",
            keyed.path
        );
    }
    let out = world.delete(&of_ben, &ana).await;
    assert_eq!(out.0, StatusCode::NO_CONTENT);
    for keyed in &all {
        let again = told(keyed.send(&world, &ben).await);
        assert_eq!(again.0, StatusCode::NOT_FOUND, "{}: {again:?}", keyed.path);
        assert_eq!(
            again,
            told(keyed.with(&world, &ben, "new").await),
            "{}",
            keyed.path
        );
    }
    // Whoever has the right again gets the answer they got.
    let back =
        crate::organizations::invitation(&world, &ana, &physics, json!({ "role": "admin" })).await;
    assert_eq!(
        crate::organizations::join(&world, &ben, &back).await.0,
        StatusCode::OK
    );
    for (keyed, first) in all.iter().zip(&first) {
        assert_eq!(&keyed.send(&world, &ben).await, first, "{}", keyed.path);
    }
}

#[tokio::test]
async fn a_repeat_by_a_token_of_another_organization_is_told_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (physics, other) = (
        organization(&world, &ana).await,
        organization(&world, &ana).await,
    );
    let wanted = json!({ "role": "member", "uses": 5 });
    let path = format!("/api/v1/organizations/{physics}/invitations");
    let keyed = Keyed::new(Method::POST, &path, wanted);
    assert_eq!(keyed.send(&world, &ana).await.0, StatusCode::CREATED);
    let scope = json!({ "level": "admin", "organization_id": other });
    let wanted = json!({ "name": "t", "scope": scope });
    let (status, token) = world.post("/api/v1/auth/tokens", &ana, &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{token}");
    let token = token["token"].as_str().unwrap();
    assert_eq!(keyed.send(&world, token).await.0, StatusCode::NOT_FOUND);
}

/// Who leaves, gives away or deletes gets the same answer twice: they took the right from themselves.
#[tokio::test]
async fn what_somebody_took_from_themselves_is_not_asked_of_them_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "admin").await;
    let cyd = member(&world, &ana, &physics, "cyd", "viewer").await;
    let path = format!("/api/v1/organizations/{physics}");
    let leave = format!("{path}/members/{}", user_id(&world, &cyd).await);
    let leave = Keyed::new(Method::DELETE, &leave, json!({}));
    let to = json!({ "user_id": user_id(&world, &ben).await });
    let transfer = Keyed::new(Method::POST, &format!("{path}/transfer"), to);
    let delete = Keyed::new(Method::DELETE, &path, json!({}));
    for (keyed, by, status) in [
        (&leave, &cyd, StatusCode::NO_CONTENT),
        (&transfer, &ana, StatusCode::OK),
        (&delete, &ben, StatusCode::NO_CONTENT),
    ] {
        let first = keyed.send(&world, by).await;
        assert_eq!(first.0, status, "{}: {}", keyed.path, first.1);
        assert_eq!(keyed.send(&world, by).await, first, "{}", keyed.path);
    }
    // What is gone since is gone for who only saw it too.
    assert_eq!(transfer.send(&world, &ana).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_that_was_taken_is_not_told_of_after_its_end() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ana, "demo").await;
    let shares = format!("/api/v1/clusters/{cluster}/shares");
    let (_, link) = world
        .post(&shares, &ana, &json!({ "level": "viewer" }))
        .await;
    let body = json!({ "token": link["token"] });
    let redeem = Keyed::new(Method::POST, "/api/v1/shares/redeem", body);
    let first = redeem.send(&world, &ben).await;
    assert_eq!(first.0, StatusCode::OK, "{}", first.1);
    assert_eq!(redeem.send(&world, &ben).await, first);
    let share = link["share"]["id"].as_str().unwrap();
    let ended = world.delete(&format!("{shares}/{share}"), &ana).await;
    assert_eq!(ended.0, StatusCode::NO_CONTENT);
    assert_eq!(redeem.send(&world, &ben).await.0, StatusCode::NOT_FOUND);
}
