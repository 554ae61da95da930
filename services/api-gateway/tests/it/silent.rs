//! A host that falls silent takes its clusters' health with it, not their status.

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

/// The host's last word was so long ago, and it is looked at now.
async fn silent_for(world: &World, secs: u32, looked_at_late: u32) {
    let text = format!(
        "update host set last_seen_at = now() - interval '{secs} seconds' where id = 'h1';
         update due set at = now() - interval '{looked_at_late} seconds' where kind = 'silent' and key = 'h1'"
    );
    sql(&world.database, &text).await;
}

async fn becomes(world: &World, token: &str, id: &str, health: &str) -> Value {
    eventually(SOON, || async {
        let cluster = world.cluster(token, id).await;
        (cluster["health"] == health).then_some(cluster)
    })
    .await
}

#[tokio::test]
async fn a_silent_hosts_clusters_are_unreachable_until_it_is_heard_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (one, two) = (host(&world, "h1", 1).await, host(&world, "h2", 1).await);
    let id = running(&world, &one, &ana, "demo").await;
    let other = running(&world, &two, &ana, "other").await;
    let listing = Listing::of([&id.parse().unwrap()]);
    listing.send(&one).await;
    Listing::of([&other.parse().unwrap()]).send(&two).await;
    let before = world.cluster(&ana, &id).await;
    assert_eq!(
        (&before["health"], &before["status"]),
        (&json!("OK"), &json!("RUNNING"))
    );

    silent_for(&world, 31, 0).await;
    let away = becomes(&world, &ana, &id, "UNREACHABLE").await;
    assert_eq!(away["status"], "RUNNING", "the status is not moved");
    assert!(away["version"].as_i64() > before["version"].as_i64());
    assert_eq!(world.cluster(&ana, &other).await["health"], "OK");

    listing.send(&one).await;
    let back = world.cluster(&ana, &id).await;
    assert_eq!(
        (&back["health"], &back["status"]),
        (&json!("OK"), &json!("RUNNING"))
    );
    let hub = world.bus("events-gateway").await;
    let healths = eventually(SOON, || async {
        let events = log(&hub, 0).await.ok()?.events;
        let healths: Vec<Value> = events
            .iter()
            .filter(|logged| logged.event.kind == "cluster.changed")
            .filter_map(|logged| logged.event.data.clone())
            .filter(|data| data["id"] == json!(id))
            .map(|data| data["health"].clone())
            .collect();
        (healths.last()? == "OK" && healths.contains(&json!("UNREACHABLE"))).then_some(healths)
    })
    .await;
    let told = healths.iter().filter(|health| *health == "UNREACHABLE");
    assert_eq!(told.count(), 1, "it is told once: {healths:?}");
}

#[tokio::test]
async fn a_gateway_that_was_away_gives_hosts_time_to_speak() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let listing = Listing::of([&id.parse().unwrap()]);
    listing.send(&host).await;
    // Nobody looked for a minute: no gateway was there to hear the host either.
    silent_for(&world, 90, 60).await;
    let later =
        "do $$ begin if not exists (select 1 from due where kind = 'silent' and at > now()) then
        raise 'not planned anew'; end if; end $$";
    eventually(SOON, || async {
        crate::gateway::try_sql(&world.database, later)
            .await
            .then_some(())
    })
    .await;
    assert_eq!(world.cluster(&ana, &id).await["health"], "OK");
    // It stays silent after that, too.
    silent_for(&world, 90, 0).await;
    becomes(&world, &ana, &id, "UNREACHABLE").await;
}

#[tokio::test]
async fn who_waits_while_no_host_is_there_is_told_so() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (one, two) = (host(&world, "h1", 1).await, host(&world, "h2", 1).await);
    for host in [&one, &two] {
        Listing::empty().send(host).await;
    }
    silent_for(&world, 31, 0).await;
    let id = world.create(&ana, "demo").await;
    let others = "update host set last_seen_at = now() - interval '31 seconds';
        update due set at = now() where kind = 'silent'";
    sql(&world.database, others).await;
    let waits = eventually(SOON, || async {
        let cluster = world.cluster(&ana, &id).await;
        cluster["reason"].is_object().then_some(cluster)
    })
    .await;
    assert_eq!(waits["reason"]["code"], "queued", "{waits}");
    let message = waits["reason"]["message"].as_str().unwrap();
    assert!(message.contains("No contact with any host"), "{message}");
    Listing::empty().send(&two).await;
    two.take().await;
    assert_eq!(world.cluster(&ana, &id).await["reason"], Value::Null);
}
