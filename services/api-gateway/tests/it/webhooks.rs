//! Webhooks against a real server of somebody else's: order, signatures, retries, giving up, and what
//! may not be reached.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, http::StatusCode as Status, web};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::gateway::{World, query, sql, start_with, world, world_with};

const SOON: Duration = Duration::from_secs(20);
/// The receivers of these tests are not in the public internet.
const ALLOW: [&str; 1] = ["--outgoing-allow=127.0.0.0/8"];

/// What a receiver got.
#[derive(Clone)]
struct Got {
    id: String,
    timestamp: String,
    signatures: String,
    body: String,
}

impl Got {
    fn event(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn is_signed_with(&self, secret: &str) -> bool {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        self.signatures.split(' ').any(|signature| {
            let tag = STANDARD
                .decode(signature.strip_prefix("v1,").unwrap())
                .unwrap();
            hmac::verify(&key, signed.as_bytes(), &tag).is_ok()
        })
    }
}

#[derive(Default)]
struct Kept {
    got: Vec<Got>,
    /// What is answered; 204 unless a test says otherwise.
    answers: Option<Status>,
    headers: Vec<(&'static str, String)>,
}

/// Somebody's server.
#[derive(Clone)]
struct Receiver {
    url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Receiver {
    fn start() -> Self {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let data = web::Data::from(kept.clone());
        let server = HttpServer::new(move || {
            App::new().app_data(data.clone()).default_service(web::to(
                async |kept: web::Data<Mutex<Kept>>, request: HttpRequest, body: String| {
                    let header = |name| {
                        request
                            .headers()
                            .get(name)
                            .unwrap()
                            .to_str()
                            .unwrap()
                            .to_owned()
                    };
                    let mut kept = kept.lock().unwrap();
                    kept.got.push(Got {
                        id: header("webhook-id"),
                        timestamp: header("webhook-timestamp"),
                        signatures: header("webhook-signature"),
                        body,
                    });
                    let mut answer =
                        HttpResponse::build(kept.answers.unwrap_or(Status::NO_CONTENT));
                    for header in &kept.headers {
                        answer.insert_header((header.0, header.1.as_str()));
                    }
                    answer.finish()
                },
            ))
        })
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .unwrap();
        let url = format!("http://{}/hook", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { url, kept }
    }

    fn answers(&self, status: Status) {
        self.kept.lock().unwrap().answers = Some(status);
    }

    fn got(&self) -> Vec<Got> {
        self.kept.lock().unwrap().got.clone()
    }

    fn ids(&self) -> Vec<String> {
        self.got().into_iter().map(|got| got.id).collect()
    }
}

async fn workspace(world: &World, token: &str) -> String {
    let (_, page) = world.get("/api/v1/workspaces", token).await;
    page["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn hook(world: &World, token: &str, wanted: &Value) -> Value {
    let path = format!(
        "/api/v1/workspaces/{}/webhooks",
        workspace(world, token).await
    );
    let (status, made) = world.post(&path, token, wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made
}

fn path(hook: &Value) -> String {
    format!(
        "/api/v1/webhooks/{}",
        hook["webhook"]["id"].as_str().unwrap()
    )
}

/// The IDs of everything that happened in the caller's workspaces, the first first.
async fn happened(world: &World, token: &str) -> Vec<String> {
    let (_, page) = world.get("/api/v1/timeline?limit=200", token).await;
    let items = page["items"].as_array().unwrap().iter().rev();
    items
        .filter(|event| event["workspace_id"].is_string())
        .map(|event| event["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Waits until everything that happened was received; gives it.
async fn all_received(world: &World, token: &str, receiver: &Receiver) -> Vec<String> {
    eventually(SOON, || async {
        let happened = happened(world, token).await;
        let received = receiver.ids();
        (!happened.is_empty() && happened.iter().all(|id| received.contains(id)))
            .then_some(happened)
    })
    .await
}

async fn deliveries(world: &World, token: &str, hook: &Value) -> Vec<Value> {
    let (status, page) = world
        .get(&format!("{}/deliveries", path(hook)), token)
        .await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"].as_array().unwrap().clone()
}

/// The next try is now.
async fn hurry(world: &World) {
    sql(
        &world.database,
        "update due set at = now() where kind = 'webhook'",
    )
    .await;
}

#[tokio::test]
async fn events_arrive_once_in_order_and_signed_and_no_one_elses() {
    let world = world_with(&ALLOW).await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let receiver = Receiver::start();
    let before = world.create(&ana, "before").await;
    eventually(SOON, || async {
        (!happened(&world, &ana).await.is_empty()).then_some(())
    })
    .await;
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    for name in ["one", "two", "three"] {
        world.create(&ana, name).await;
        world.create(&ben, name).await;
    }
    let late = eventually(SOON, || async {
        let events = receiver.got();
        (events.len() >= 6).then_some(events)
    })
    .await;
    assert!(
        late.iter()
            .all(|got| got.is_signed_with(made["secret"].as_str().unwrap()))
    );
    let mut expected = happened(&world, &ana).await;
    let (_, of_before) = world
        .get(&format!("/api/v1/timeline?cluster_id={before}"), &ana)
        .await;
    let of_before = of_before["items"].as_array().unwrap().clone();
    expected.retain(|id| !of_before.iter().any(|event| event["id"] == id.as_str()));
    assert_eq!(receiver.ids(), expected);
    assert_eq!(late[0].event()["id"], late[0].id.as_str());
    let log = deliveries(&world, &ana, &made).await;
    assert!(
        log.iter()
            .all(|one| one["outcome"] == "delivered" && one["status"] == 204)
    );
}

#[tokio::test]
async fn only_the_wanted_types_are_sent() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let receiver = Receiver::start();
    hook(
        &world,
        &ana,
        &json!({ "url": receiver.url, "types": ["cluster.created"] }),
    )
    .await;
    world.create(&ana, "one").await;
    world.create(&ana, "two").await;
    let got = eventually(SOON, || async {
        let got = receiver.got();
        (got.len() >= 2).then_some(got)
    })
    .await;
    let types: Vec<Value> = got.iter().map(|got| got.event()["type"].clone()).collect();
    assert_eq!(types, ["cluster.created", "cluster.created"]);
}

#[tokio::test]
async fn what_fails_is_tried_again_and_nothing_overtakes_it() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let receiver = Receiver::start();
    receiver.answers(Status::INTERNAL_SERVER_ERROR);
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    world.create(&ana, "one").await;
    let first = eventually(SOON, || async {
        let log = deliveries(&world, &ana, &made).await;
        log.first().cloned()
    })
    .await;
    assert_eq!(
        (&first["outcome"], &first["status"]),
        (&json!("failed"), &json!(500))
    );
    assert!(first["detail"].as_str().unwrap().contains("500"), "{first}");
    let (_, shown) = world.get(&path(&made), &ana).await;
    assert!(
        shown["failing_since"].is_string() && shown["next_try_at"].is_string(),
        "{shown}"
    );
    receiver.answers(Status::OK);
    hurry(&world).await;
    let happened = all_received(&world, &ana, &receiver).await;
    // The first one twice, with the same ID; the others once, after it.
    let ids = receiver.ids();
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[1..], happened);
    let recovered = eventually(SOON, || async {
        let (_, shown) = world.get(&path(&made), &ana).await;
        shown["failing_since"].is_null().then_some(shown)
    })
    .await;
    assert!(recovered["next_try_at"].is_null(), "{recovered}");
    // It is written down after it was received.
    let attempts = eventually(SOON, || async {
        let attempts = deliveries(&world, &ana, &made).await;
        (attempts.len() >= 3).then_some(attempts)
    })
    .await;
    let attempts: Vec<&Value> = attempts.iter().map(|one| &one["attempt"]).rev().collect();
    assert_eq!(attempts[..3], [&json!(1), &json!(2), &json!(1)]);
}

#[tokio::test]
async fn after_a_day_an_event_is_given_up_and_the_next_has_its_turn() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let receiver = Receiver::start();
    receiver.answers(Status::BAD_GATEWAY);
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    world.create(&ana, "one").await;
    let failed = eventually(SOON, || async {
        deliveries(&world, &ana, &made).await.pop()
    })
    .await;
    let first = failed["event_id"].as_str().unwrap();
    let age = format!(
        "update event set event = jsonb_set(event::jsonb, '{{time}}', '\"2020-01-01T00:00:00Z\"')::json where event ->> 'id' = '{first}'"
    );
    sql(&world.database, &age).await;
    hurry(&world).await;
    eventually(SOON, || async {
        let log = deliveries(&world, &ana, &made).await;
        (log[0]["outcome"] == "given_up").then_some(())
    })
    .await;
    receiver.answers(Status::OK);
    hurry(&world).await;
    let happened = all_received(&world, &ana, &receiver).await;
    assert_eq!(receiver.ids()[2..], happened[1..]);
}

#[tokio::test]
async fn who_wants_no_more_is_left_alone_until_turned_on_again() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let receiver = Receiver::start();
    receiver.answers(Status::GONE);
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    world.create(&ana, "one").await;
    let off = |because: &'static str| {
        let (world, ana, made) = (&world, &ana, &made);
        eventually(SOON, move || async move {
            let (_, shown) = world.get(&path(made), ana).await;
            let why = shown["off_because"].as_str().unwrap_or_default().to_owned();
            (shown["enabled"] == false && why.contains(because)).then_some(())
        })
    };
    off("410").await;
    receiver.answers(Status::BAD_GATEWAY);
    let on = world
        .request(Method::PATCH, &path(&made), &ana)
        .json(&json!({ "enabled": true }));
    let (status, shown) = world.read(on).await;
    assert_eq!((status, &shown["enabled"]), (StatusCode::OK, &json!(true)));
    assert!(shown["off_because"].is_null());
    eventually(SOON, || async { (receiver.got().len() >= 2).then_some(()) }).await;
    eventually(SOON, || async {
        let (_, shown) = world.get(&path(&made), &ana).await;
        shown["failing_since"].is_string().then_some(())
    })
    .await;
    sql(
        &world.database,
        "update webhook set failing_since = now() - interval '6 days'",
    )
    .await;
    hurry(&world).await;
    off("5 days").await;
    // Nothing was lost meanwhile.
    receiver.answers(Status::OK);
    let on = world
        .request(Method::PATCH, &path(&made), &ana)
        .json(&json!({ "enabled": true }));
    assert_eq!(world.read(on).await.0, StatusCode::OK);
    let happened = all_received(&world, &ana, &receiver).await;
    assert!(receiver.ids().ends_with(&happened));
}

#[tokio::test]
async fn two_gateways_send_each_event_once_and_one_takes_over_from_one_that_died() {
    let world = world_with(&ALLOW).await;
    let stop = CancellationToken::new();
    let options = [
        "--outgoing-allow=127.0.0.0/8",
        "--requests-per-user=1000000",
    ];
    let other = start_with(&world.nats, &world.database, &stop, &options).await;
    let ana = world.person("ana").await;
    let receiver = Receiver::start();
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    for n in 0..8 {
        world.create(&ana, &format!("c{n}")).await;
    }
    let happened = all_received(&world, &ana, &receiver).await;
    assert_eq!(receiver.ids(), happened);
    // Somebody holds it and dies: nobody else sends until their time is up.
    sql(
        &world.database,
        "update webhook set held_until = now() + interval '1 hour', fence = fence + 1",
    )
    .await;
    world.create(&ana, "c8").await;
    eventually(SOON, || async {
        let planned = query(
            &world.database,
            "select count(*) from due where kind = 'webhook' and at <= now()",
        )
        .await;
        (planned == "1").then_some(())
    })
    .await;
    assert_eq!(receiver.ids(), happened);
    sql(&world.database, "update webhook set held_until = now()").await;
    let happened = all_received(&world, &ana, &receiver).await;
    assert_eq!(receiver.ids(), happened);
    // What came is written down a moment later.
    eventually(SOON, || async {
        let written = deliveries(&world, &ana, &made).await.len();
        (written == happened.len()).then_some(())
    })
    .await;
    stop.cancel();
    other.joined().await.unwrap();
}

#[tokio::test]
async fn the_test_button_says_how_it_went_and_secrets_change_without_a_gap() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let receiver = Receiver::start();
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    let test = format!("{}/test", path(&made));
    let (status, tried) = world.post(&test, &ana, &json!({})).await;
    assert_eq!(
        (status, &tried["outcome"]),
        (StatusCode::OK, &json!("delivered")),
        "{tried}"
    );
    let first = made["secret"].as_str().unwrap();
    assert!(receiver.got()[0].is_signed_with(first));
    assert_eq!(receiver.got()[0].event()["type"], "webhook.test");
    let (status, renewed) = world
        .post(&format!("{}/secret", path(&made)), &ana, &json!({}))
        .await;
    assert_eq!(status, StatusCode::OK, "{renewed}");
    let second = renewed["secret"].as_str().unwrap();
    assert_ne!(first, second);
    world.post(&test, &ana, &json!({})).await;
    let got = receiver.got().pop().unwrap();
    assert!(got.is_signed_with(first) && got.is_signed_with(second));
    sql(
        &world.database,
        "update webhook set secret_changed_at = now() - interval '2 days'",
    )
    .await;
    world.post(&test, &ana, &json!({})).await;
    let got = receiver.got().pop().unwrap();
    assert!(!got.is_signed_with(first) && got.is_signed_with(second));
    // Neither secret is in any table.
    let copy = String::from_utf8(crate::gateway::dump(&world.database).await).unwrap();
    for secret in [first, second] {
        let secret = secret.strip_prefix("whsec_").unwrap();
        assert!(!copy.contains(secret));
    }
    receiver.answers(Status::IM_A_TEAPOT);
    let (status, tried) = world.post(&test, &ana, &json!({})).await;
    assert_eq!(
        (status, &tried["status"]),
        (StatusCode::OK, &json!(418)),
        "{tried}"
    );
    assert_eq!(deliveries(&world, &ana, &made).await.len(), 4);
}

#[tokio::test]
async fn nothing_inside_is_reached_by_a_webhook() {
    let world = world().await;
    let ana = world.person("ana").await;
    let webhooks = format!(
        "/api/v1/workspaces/{}/webhooks",
        workspace(&world, &ana).await
    );
    for url in [
        "",
        "nonsense",
        "http://example.org/",
        "gopher://example.org/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest",
        "https://me:secret@example.org/",
        &format!("https://example.org/{}", "a".repeat(3000)),
    ] {
        let (status, refused) = world.post(&webhooks, &ana, &json!({ "url": url })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{url}: {refused}");
        assert_eq!(refused["errors"][0]["pointer"], "/url", "{refused}");
    }
    // A name says where it leads only when it is asked for.
    let made = hook(&world, &ana, &json!({ "url": "https://localhost:1/" })).await;
    let (status, tried) = world
        .post(&format!("{}/test", path(&made)), &ana, &json!({}))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        tried["detail"]
            .as_str()
            .unwrap()
            .contains("public internet"),
        "{tried}"
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    receiver.answers(Status::TEMPORARY_REDIRECT);
    receiver.kept.lock().unwrap().headers = vec![("location", elsewhere.url.clone())];
    let made = hook(&world, &ana, &json!({ "url": receiver.url })).await;
    let (_, tried) = world
        .post(&format!("{}/test", path(&made)), &ana, &json!({}))
        .await;
    assert!(
        tried["detail"]
            .as_str()
            .unwrap()
            .contains("doesn't follow redirects"),
        "{tried}"
    );
    assert!(elsewhere.got().is_empty());
}

#[tokio::test]
async fn there_are_not_too_many_and_they_go_with_their_workspace() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let (_, organizations) = world.get("/api/v1/organizations", &ana).await;
    let wanted = json!({ "organization_id": organizations["items"][0]["id"], "name": "more" });
    let (_, more) = world.post("/api/v1/workspaces", &ana, &wanted).await;
    let more = format!("/api/v1/workspaces/{}", more["id"].as_str().unwrap());
    let webhooks = format!("{more}/webhooks");
    let wanted = json!({ "url": "http://127.0.0.1:1/" });
    for _ in 0..10 {
        let (status, made) = world.post(&webhooks, &ana, &wanted).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
    }
    let (status, refused) = world.post(&webhooks, &ana, &wanted).await;
    assert_eq!(refused["code"], "quota_exceeded", "{status} {refused}");
    let (_, listed) = world.get(&webhooks, &ana).await;
    let one = listed["items"][3]["id"].as_str().unwrap();
    let one = format!("/api/v1/webhooks/{one}");
    assert_eq!(world.delete(&one, &ana).await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.get(&one, &ana).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        world.post(&webhooks, &ana, &wanted).await.0,
        StatusCode::CREATED
    );
    for types in [
        json!(["nothing"]),
        json!(["cluster.changed", "cluster.changed"]),
        json!(["access.changed"]),
    ] {
        let (status, refused) = world
            .post(
                &webhooks,
                &ana,
                &json!({ "url": "http://127.0.0.1:1/", "types": types }),
            )
            .await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
    }
    assert_eq!(world.delete(&more, &ana).await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        query(&world.database, "select count(*) from webhook").await,
        "0"
    );
}

#[tokio::test]
async fn the_log_shows_what_failed_however_much_did_not() {
    let world = world_with(&ALLOW).await;
    let ana = world.person("ana").await;
    let made = hook(
        &world,
        &ana,
        &json!({ "url": "https://localhost:1/", "enabled": false }),
    )
    .await;
    let fill =
        "insert into webhook_delivery (webhook_id, event_id, type, attempt, outcome, took_millis)
        select w.id, gen_random_uuid(), 'cluster.created', 1,
            case n when 1 then 'given_up' when 2 then 'failed' else 'delivered' end, 1
        from webhook w, generate_series(1, 300) as n order by n";
    sql(&world.database, fill).await;
    let asked = async |query: &str| {
        let path = format!("{}/deliveries?{query}", path(&made));
        world.get(&path, &ana).await
    };
    for (status, outcomes) in [
        ("failed", &["failed", "given_up"][..]),
        ("given_up", &["given_up"]),
    ] {
        let (_, page) = asked(&format!("status={status}")).await;
        let found = page["items"].as_array().unwrap().iter();
        let found: Vec<&str> = found.map(|one| one["outcome"].as_str().unwrap()).collect();
        assert_eq!(found, outcomes);
        assert_eq!(page["next_cursor"], Value::Null);
    }
    let (_, first) = asked("status=delivered&limit=200").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let (_, rest) = asked(&format!("status=delivered&limit=200&cursor={cursor}")).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 98);
    let (status, refused) = asked("status=lost").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{refused}");
}
