//! The warm pool: filled after people's work, claimed by one update, never by two.

use std::time::Duration;

use api::bus::{Capacity, InventoryRequest, Lease};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{World, sql, world},
    host::Host,
    winners::asked,
    work::host,
};

const SOON: Duration = Duration::from_secs(10);

pub(crate) async fn say(host: &Host, pool: u32) {
    let request = InventoryRequest {
        worker: "w1".parse().unwrap(),
        driver: "fake".into(),
        slots: 4,
        capacity: Capacity {
            cpu_millis: 8000,
            memory_mib: 16_384,
            memory_free_mib: 8192,
            disk_mib: 1000,
            disk_free_mib: 900,
            load_hundredths: 10,
        },
        complete: true,
        items: vec![],
        checks: vec![],
        versions: vec!["v1.34.4".into()],
        highest_fence: 0,
        fences: Default::default(),
        pool,
    };
    host.bus
        .request(&request, host.name.parse().unwrap())
        .await
        .unwrap();
}

pub(crate) async fn warm(host: &Host) -> Lease {
    let lease = eventually(SOON, || async { host.acquire(1).await.leases.pop() }).await;
    host.make(&lease).await;
    lease
}

async fn create(world: &World, token: &str, name: &str) -> (StatusCode, Value) {
    world
        .post("/api/v1/clusters", token, &json!({ "name": name }))
        .await
}

#[tokio::test]
async fn a_warm_cluster_is_claimed_running_and_the_pool_fills_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    say(&host, 1).await;
    let lease = warm(&host).await;
    let (_, page) = world.get("/api/v1/clusters?include=deleted", &ana).await;
    assert_eq!(page["items"], json!([]), "a warm cluster is nobody's");
    let (status, body) = create(&world, &ana, "demo").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    let cluster = &body["cluster"];
    assert_eq!(
        (&cluster["status"], &cluster["id"]),
        (&json!("RUNNING"), &json!(lease.cluster.to_string()))
    );
    assert_eq!(
        (&body["task"]["status"], &body["task"]["percent"]),
        (&json!("completed"), &json!(100))
    );
    let left = cluster["expires_at"].as_str().unwrap();
    assert!(left > cluster["created_at"].as_str().unwrap());
    let again = warm(&host).await;
    assert_ne!(again.cluster, lease.cluster, "the pool fills again");
    // Newest first, though its ID is older than its owner's wish.
    let cold = create(&world, &ana, "second").await;
    assert_eq!(cold.1["cluster"]["status"], "RUNNING");
    let (_, page) = world.get("/api/v1/clusters", &ana).await;
    assert_eq!(page["items"][0]["name"], "second");
}

#[tokio::test]
async fn two_warm_clusters_have_two_owners_among_twenty_who_ask_at_once() {
    let world = world().await;
    let host = host(&world, "h1", 1).await;
    say(&host, 2).await;
    warm(&host).await;
    warm(&host).await;
    let mut people = vec![];
    for number in 0..10 {
        people.push(world.person(&format!("p{number}")).await);
    }
    let world = &world;
    let answers = join_all(
        people
            .iter()
            .flat_map(|token| ["one", "two"].map(|name| (token, name)))
            .map(|(token, name)| asked(move || create(world, token, name))),
    )
    .await;
    let mut running: Vec<&str> = answers
        .iter()
        .filter(|(_, body)| body["cluster"]["status"] == "RUNNING")
        .map(|(_, body)| body["cluster"]["id"].as_str().unwrap())
        .collect();
    running.sort_unstable();
    running.dedup();
    assert_eq!(running.len(), 2);
    for (status, body) in &answers {
        assert_eq!(*status, StatusCode::ACCEPTED, "{body}");
    }
}

#[tokio::test]
async fn the_pool_waits_while_people_wait_and_while_it_is_paused() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    create(&world, &ana, "demo").await;
    sql(
        &world.database,
        "update installation set pool_paused = true",
    )
    .await;
    say(&host, 1).await;
    let theirs = host.take().await;
    host.make(&theirs).await;
    let looked = "select 1 / (count(*))::int from due where kind = 'pool' and at > now()";
    let looked_again = || async {
        let psql = tokio::process::Command::new("/usr/lib/postgresql/15/bin/psql")
            .args([&world.database, "-v", "ON_ERROR_STOP=1", "-c", looked])
            .output()
            .await
            .unwrap();
        psql.status.success().then_some(())
    };
    eventually(SOON, looked_again).await;
    assert!(
        host.acquire(4).await.leases.is_empty(),
        "paused: nothing is warmed up"
    );
    sql(
        &world.database,
        "update installation set pool_paused = false; update due set at = now()",
    )
    .await;
    let lease = warm(&host).await;
    assert_ne!(lease.cluster, theirs.cluster);
    // Nobody wants it any more: it goes.
    say(&host, 0).await;
    sql(&world.database, "update due set at = now()").await;
    let lease = eventually(SOON, || async { host.acquire(1).await.leases.pop() }).await;
    assert_eq!(lease.desired.goal, domain::Goal::Deleted);
}
