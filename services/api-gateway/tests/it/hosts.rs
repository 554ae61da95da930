//! Hosts, switches and self-checks: for the installation's administrators and nobody else.

use reqwest::{Method, StatusCode};
use serde_json::json;

use std::time::Duration;

use testkit::eventually;

use crate::{
    gateway::{sql, start, world},
    listing::Listing,
    work::{host, running},
};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn only_an_administrator_sees_hosts_and_switches() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    for path in ["/api/v1/hosts", "/api/v1/installation"] {
        let (status, body) = world.get(path, &ben).await;
        assert_eq!(
            (status, &body["code"]),
            (StatusCode::FORBIDDEN, &json!("forbidden")),
            "{path}"
        );
        assert_eq!(world.get(path, &ana).await.0, StatusCode::OK, "{path}");
    }
    let switch = "/api/v1/installation/pool";
    let (status, _) = world.post(switch, &ben, &json!({ "paused": true })).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let paused = async || world.get("/api/v1/installation", &ana).await.1["pool_paused"].clone();
    assert_eq!(paused().await, false);
    let send = async |key: &str, paused: bool| {
        let request = world
            .request(Method::POST, switch, &ana)
            .header("Idempotency-Key", key)
            .json(&json!({ "paused": paused }));
        world.read(request).await
    };
    assert_eq!(send("a", true).await.1["pool_paused"], true);
    assert_eq!(send("b", false).await.1["pool_paused"], false);
    assert_eq!(
        send("a", true).await.1["pool_paused"],
        true,
        "the same answer"
    );
    assert_eq!(paused().await, false, "and nothing was done again");
    let (status, _) = send("a", false).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_host_shows_what_it_has_and_what_is_promised() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (one, two) = (host(&world, "h1", 1).await, host(&world, "h2", 1).await);
    let id = running(&world, &one, &ana, "demo").await;
    world.create(&ana, "next").await;
    one.take().await;
    Listing::of([&id.parse().unwrap()]).send(&one).await;
    let full = Listing {
        memory_free_mib: 512,
        ..Listing::empty()
    };
    full.send(&two).await;
    sql(
        &world.database,
        "insert into cluster (id, status, k8s_version, driver, host_id, goal, resources)
         select gen_random_uuid(), s, 'v1.34.4', 'fake', 'h2', 'running', '{}'
         from unnest(array['RUNNING', 'RUNNING', 'PROVISIONING', 'ERROR']) as s;
         update host set pool_wanted = 3, last_seen_at = now() - interval '40 seconds' where id = 'h2'",
    )
    .await;
    let (_, page) = world.get("/api/v1/hosts", &ana).await;
    let two_again = two;
    let (one, two) = (&page["items"][0], &page["items"][1]);
    assert_eq!(
        (
            &one["id"],
            &one["reachable"],
            &one["clusters"],
            &one["busy"]
        ),
        (&json!("h1"), &json!(true), &json!(2), &json!(1))
    );
    assert_eq!(
        one["reserved"],
        json!({ "cpu_millis": 4000, "memory_mib": 4096 })
    );
    assert_eq!(
        (&one["load"], &one["versions"], one.get("full")),
        (&json!(1.25), &json!(["v1.34.4"]), None)
    );
    assert_eq!(one["capacity"]["memory_free_mib"], 8192);
    assert_eq!(
        (&two["reachable"], &two["full"]["code"]),
        (&json!(false), &json!("host_unreachable"))
    );
    assert_eq!(
        two["pool"],
        json!({ "wanted": 3, "ready": 2, "filling": 1 })
    );
    full.send(&two_again).await;
    let (_, page) = world.get("/api/v1/hosts?cursor=h1", &ana).await;
    assert_eq!(page["items"][0]["full"]["code"], "queued", "{page}");
    let (_, first) = world.get("/api/v1/hosts?limit=1", &ana).await;
    assert_eq!(first["next_cursor"], "h1");
    let (_, rest) = world.get("/api/v1/hosts?limit=1&cursor=h1", &ana).await;
    assert_eq!(
        (&rest["items"][0]["id"], &rest["next_cursor"]),
        (&json!("h2"), &json!(null))
    );
}

#[tokio::test]
async fn every_view_named_broken_is_a_self_check() {
    let world = world().await;
    let ana = world.person("ana").await;
    sql(
        &world.database,
        "create view broken_for_a_test as select 'row ' || n as detail from generate_series(1, 7) as n;
         comment on view broken_for_a_test is 'Nothing is here.';
         create view \"broken_\"\"odd\" as select 1 as detail where false;
         create view brokenness as select 1 as detail",
    )
    .await;
    let (_, installation) = world.get("/api/v1/installation", &ana).await;
    let of = |name: &str| {
        let checks = installation["invariants"].as_array().unwrap();
        checks.iter().find(|check| check["name"] == name).cloned()
    };
    let broken = of("broken_for_a_test").unwrap();
    assert_eq!(
        (&broken["what"], &broken["violations"]),
        (&json!("Nothing is here."), &json!(7))
    );
    assert_eq!(
        broken["examples"],
        json!(["row 1", "row 2", "row 3", "row 4", "row 5"])
    );
    assert_eq!(of("broken_\"odd").unwrap()["violations"], 0);
    assert_eq!(of("brokenness"), None);

    // The same on the port for measurements, of a gateway that starts.
    let second = start(&world.nats, &world.database, &world.stop).await;
    let url = format!("http://{}/metrics", second.internal_addr);
    let measured = eventually(SOON, || async {
        let text = world.http.get(&url).send().await.ok()?.text().await.ok()?;
        text.contains("labyard_broken{view=\"broken_for_a_test\"} 7")
            .then_some(text)
    })
    .await;
    assert!(measured.contains("labyard_locked 0"), "{measured}");
}
