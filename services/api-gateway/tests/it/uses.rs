//! What counts as a use, whose clock decides, and who may read what of the timeline.

use std::time::Duration;

use api::bus;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{World, query, sql, world},
    host::{assert_in_order, log},
    work::{host, running},
};

const SOON: Duration = Duration::from_secs(10);

fn time(value: &Value) -> DateTime<Utc> {
    value.as_str().unwrap().parse().unwrap()
}

async fn stops_by_itself(world: &World, token: &str, id: &str) {
    let path = format!("/api/v1/clusters/{id}/auto-stop");
    let (status, body) = world.post(&path, token, &json!({ "minutes": 30 })).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

async fn unused_for(world: &World, minutes: u32, looked_at_late: u32) {
    let text = format!(
        "update cluster set used_at = now() - interval '{minutes} minutes';
         update due set at = now() - interval '{looked_at_late} seconds' where kind = 'idle'"
    );
    sql(&world.database, &text).await;
}

#[tokio::test]
async fn a_command_a_kubeconfig_and_a_page_are_uses_told_once_a_minute() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    stops_by_itself(&world, &ana, &id).await;
    let exec = world
        .request(Method::POST, &format!("/api/v1/clusters/{id}/exec"), &ana)
        .json(&json!({ "command": "true" }));
    let page = world.request(Method::POST, &format!("/api/v1/clusters/{id}/active"), &ana);
    let kubeconfig = world.request(
        Method::GET,
        &format!("/api/v1/clusters/{id}/kubeconfig"),
        &ana,
    );
    for (request, because) in [(exec, "exec"), (page, "page"), (kubeconfig, "kubectl")] {
        unused_for(&world, 3, 0).await;
        let before = world.cluster(&ana, &id).await;
        // No exec-service answers here: it was meant to be used all the same.
        world.read(request.try_clone().unwrap()).await;
        let used = world.cluster(&ana, &id).await;
        assert_eq!(used["idle"]["because"], because);
        assert!(time(&used["idle"]["since"]) > time(&before["idle"]["since"]));
        assert!(used["version"].as_i64() > before["version"].as_i64());
        let again = world.read(request).await;
        let same = world.cluster(&ana, &id).await;
        assert_eq!(same["version"], used["version"], "told twice: {again:?}");
        if because == "kubectl" {
            let left = time(&used["idle"]["stops_at"]) - Utc::now();
            assert!(
                left > TimeDelta::minutes(85),
                "as long as it is good: {left}"
            );
        }
    }
}

#[tokio::test]
async fn a_gateway_that_was_away_asks_before_it_stops() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    stops_by_itself(&world, &ana, &id).await;
    // For an hour nobody could say that it was used.
    unused_for(&world, 90, 3600).await;
    let asked = eventually(SOON, || async {
        let path = format!("/api/v1/timeline?cluster_id={id}&type=cluster.idling");
        let (_, page) = world.get(&path, &ana).await;
        page["items"].as_array()?.first().cloned()
    })
    .await;
    let left = time(&asked["data"]["idle"]["stops_at"]) - time(&asked["time"]);
    assert!((290..=300).contains(&left.num_seconds()), "{left}");
    assert_eq!(world.cluster(&ana, &id).await["status"], "RUNNING");
    unused_for(&world, 31, 0).await;
    eventually(SOON, || async {
        (world.cluster(&ana, &id).await["status"] == "STOPPING").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_warning_is_a_newer_state_of_its_cluster_and_says_when() {
    let world = world().await;
    let ana = world.person("ana").await;
    world.create(&ana, "demo").await;
    let text = "update cluster set expires_at = now() + interval '9 minutes',
            updated_at = now() - interval '3 hours';
         update due set at = now() where kind = 'warning'";
    sql(&world.database, text).await;
    let hub = world.bus("events-gateway").await;
    let (events, head) = eventually(SOON, || async {
        let reply = log(&hub, 0).await.ok()?;
        let warned = reply.events.last()?.event.kind == "cluster.expiring";
        warned.then_some((reply.events, reply.head.position))
    })
    .await;
    assert_in_order(&events, head);
    let said: Value = serde_json::to_value(&events.last().unwrap().event).unwrap();
    assert!(Utc::now() - time(&said["time"]) < TimeDelta::minutes(1));
}

fn has_no_time<T: JsonSchema>() {
    let schema = schema_for!(T).to_value().to_string();
    assert!(!schema.contains("date-time"), "{schema}");
}

/// A host's clock cannot matter: nothing it says or is told names a time, only how long.
#[test]
fn hosts_are_told_how_long_and_never_when() {
    has_no_time::<bus::AcquireRequest>();
    has_no_time::<bus::AcquireReply>();
    has_no_time::<bus::RenewRequest>();
    has_no_time::<bus::RenewReply>();
    has_no_time::<bus::ReportRequest>();
    has_no_time::<bus::Verdict>();
    has_no_time::<bus::InventoryRequest>();
    has_no_time::<bus::InventoryReply>();
    has_no_time::<bus::ReleaseRequest>();
    assert!(
        schema_for!(bus::AdmitReply)
            .to_value()
            .to_string()
            .contains("date-time")
    );
}

#[tokio::test]
async fn a_clients_clock_changes_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    for (n, hours) in [-1, 1].into_iter().enumerate() {
        let theirs = (Utc::now() + TimeDelta::hours(hours)).format("%a, %d %b %Y %H:%M:%S GMT");
        let create = world
            .request(Method::POST, "/api/v1/clusters", &ana)
            .header("Date", theirs.to_string())
            .json(&json!({ "name": format!("c{n}") }));
        let (status, body) = world.read(create).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{body}");
    }
    let odd = "select count(*) from cluster where expires_at not between
        now() + interval '239 minutes' and now() + interval '240 minutes'";
    assert_eq!(query(&world.database, odd).await, "0");
}

#[tokio::test]
async fn a_timeline_is_what_ones_role_may_see_and_what_is_ones_own() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    world.create(&ana, "demo").await;
    let count = async |token: &str| {
        let (status, page) = world.get("/api/v1/timeline", token).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page["items"].as_array().unwrap().len()
    };
    eventually(SOON, || async { (count(&ana).await == 2).then_some(()) }).await;
    let (_, me) = world.get("/api/v1/auth/me", &ben).await;
    let ben_id = me["user"]["id"].as_str().or(me["id"].as_str()).unwrap();
    // One event more for administrators of the organization, one for Ben alone, one for no person.
    let text = format!(
        "insert into event (position, at, organization_id, cluster_id, audience, event)
            select 1001, at, organization_id, cluster_id, audience || '{{\"least_role\": \"admin\"}}', event
            from event where position = 1;
         insert into event (position, at, audience, event)
            select 1002, at, '{{\"to\": \"user\", \"user_id\": \"{ben_id}\"}}', event from event where position = 1;
         insert into event (position, at, organization_id, audience, event)
            select 1003, at, organization_id, '{{\"to\": \"hub\"}}', event from event where position = 1"
    );
    sql(&world.database, &text).await;
    assert_eq!((count(&ana).await, count(&ben).await), (3, 1));
    sql(&world.database, "update member set role = 'viewer'").await;
    assert_eq!((count(&ana).await, count(&ben).await), (2, 1));
    sql(&world.database, "delete from member").await;
    assert_eq!((count(&ana).await, count(&ben).await), (0, 1));
}
