//! How the parts of a cluster are: as its host reports it, as its listing shows it, and unknown while
//! the host is silent.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{World, sql, world},
    host::log,
    listing::Listing,
    work::{host, running},
};

const SOON: Duration = Duration::from_secs(10);

fn parts(node: &str, storage: &str, api: &str) -> Value {
    json!({ "node": node, "storage": storage, "api": api })
}

/// What events of this cluster said of its parts, each change once.
async fn told(world: &World, id: &str) -> Vec<Value> {
    let hub = world.bus("events-gateway").await;
    let reply = log(&hub, 0).await.unwrap();
    let events = reply.events.into_iter().map(|logged| logged.event);
    let clusters = events.filter(|event| event.kind == "cluster.changed");
    let mut told: Vec<Value> = clusters
        .filter_map(|event| event.data)
        .filter(|cluster| cluster["id"] == *id)
        .map(|cluster| cluster["components"].clone())
        .collect();
    told.dedup();
    told
}

#[tokio::test]
async fn parts_are_told_as_they_were_last_seen() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = world.create(&ana, "demo").await;
    assert_eq!(world.cluster(&ana, &id).await.get("components"), None);
    host.make(&host.take().await).await;
    let well = parts("OK", "OK", "OK");
    assert_eq!(world.cluster(&ana, &id).await["components"], well);

    // At rest for long enough, and then its node is not there: told at once, repaired when seen twice.
    let rest = "update task set ended_at = now() - interval '1 minute'";
    sql(&world.database, rest).await;
    let there = Listing::of([&id.parse().unwrap()]);
    there.send(&host).await;
    let before = world.cluster(&ana, &id).await;
    assert_eq!(before["components"], well);
    Listing::empty().send(&host).await;
    let down = world.cluster(&ana, &id).await;
    assert_eq!(down["components"], parts("DOWN", "OK", "DOWN"));
    assert_eq!(down["status"], "RUNNING");
    assert!(down["version"].as_i64() > before["version"].as_i64());
    there.send(&host).await;
    let back = parts("OK", "OK", "UNKNOWN");
    assert_eq!(world.cluster(&ana, &id).await["components"], back);
    eventually(SOON, || async {
        let told = told(&world, &id).await;
        let wanted = [well.clone(), parts("DOWN", "OK", "DOWN"), back.clone()];
        told.ends_with(&wanted).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nothing_is_known_of_the_parts_on_a_silent_host() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    Listing::of([&id.parse().unwrap()]).send(&host).await;
    let silence = "update host set last_seen_at = now() - interval '31 seconds' where id = 'h1';
         update due set at = now() where kind = 'silent' and key = 'h1'";
    sql(&world.database, silence).await;
    eventually(SOON, || async {
        let cluster = world.cluster(&ana, &id).await;
        (cluster["components"] == parts("UNKNOWN", "UNKNOWN", "UNKNOWN")).then_some(())
    })
    .await;
}
