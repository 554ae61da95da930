//! Quotas: of workspaces, of what is started again, and of what has quotas itself.

use std::time::Duration;

use chrono::{Datelike, TimeZone, Utc};
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{query, world, world_with},
    organizations::{invitation, join, organization, send, user_id},
    verbs::down,
    work::host,
};

#[tokio::test]
async fn a_workspace_holds_what_its_quota_says() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let quota =
        json!({ "clusters": 3, "cpu_millis": 4000, "memory_mib": 100_000, "cluster_hours": 10 });
    let wanted = json!({ "organization_id": physics, "name": "class", "quota": quota });
    let (status, made) = world.post("/api/v1/workspaces", &ana, &wanted).await;
    assert_eq!(
        (status, &made["quota"]),
        (StatusCode::CREATED, &quota),
        "{made}"
    );
    assert_eq!(
        world.post("/api/v1/workspaces", &ana, &wanted).await.0,
        StatusCode::CONFLICT
    );
    let workspace = made["id"].as_str().unwrap();
    let create = async |name: &str, hours: f64| {
        let wanted = json!({ "name": name, "workspace_id": workspace, "ttl_hours": hours });
        world.post("/api/v1/clusters", &ana, &wanted).await
    };
    let (status, one) = create("one", 4.0).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(create("two", 4.0).await.0, StatusCode::ACCEPTED);
    let (status, refused) = create("three", 1.0).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("quota_exceeded"))
    );
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("4 CPUs in use; 4 are allowed"),
        "{refused}"
    );
    let (_, detail) = world
        .get(&format!("/api/v1/workspaces/{workspace}"), &ana)
        .await;
    assert_eq!(
        (&detail["used"]["clusters"], &detail["used"]["cpu_millis"]),
        (&json!(2), &json!(4000))
    );
    // Two of four hours each; what lies in the next month is the next month's.
    let hours = detail["used"]["cluster_hours"].as_f64().unwrap();
    let counted = 2.0 * f64::min(4.0, hours_left_of_month());
    assert!((hours - counted).abs() < 0.1, "{hours}, not {counted}");
    let extend = format!(
        "/api/v1/clusters/{}/extend",
        one["cluster"]["id"].as_str().unwrap()
    );
    let left = 10.0 - counted;
    let longer = json!({ "hours": left + 1.0 });
    let (status, refused) = world.post(&extend, &ana, &longer).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{refused}");
    let longer = json!({ "hours": left - 0.5 });
    assert_eq!(world.post(&extend, &ana, &longer).await.0, StatusCode::OK);
    // What was deleted gives back what it had not used.
    world
        .delete(
            &format!(
                "/api/v1/clusters/{}",
                one["cluster"]["id"].as_str().unwrap()
            ),
            &ana,
        )
        .await;
    assert_eq!(create("three", 4.0).await.0, StatusCode::ACCEPTED);
    let path = format!("/api/v1/workspaces/{workspace}");
    let (status, changed) = send(&world, Method::PATCH, &path, &ana, &json!({ "quota": {} })).await;
    assert_eq!((status, &changed["quota"]), (StatusCode::OK, &json!({})));
    assert_eq!(create("four", 4.0).await.0, StatusCode::ACCEPTED);
}

/// Until the first of the next month, 00:00 UTC.
fn hours_left_of_month() -> f64 {
    let now = Utc::now();
    let (year, month) = match now.month() {
        12 => (now.year() + 1, 1),
        month => (now.year(), month + 1),
    };
    let next = Utc.with_ymd_and_hms(year, month, 1, 0, 0, 0).unwrap();
    (next - now).as_seconds_f64() / 3600.0
}

#[tokio::test]
async fn what_is_started_again_needs_its_place_in_the_quota() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let physics = organization(&world, &ana).await;
    let wanted =
        json!({ "organization_id": physics, "name": "class", "quota": { "cpu_millis": 2000 } });
    let (_, made) = world.post("/api/v1/workspaces", &ana, &wanted).await;
    let create = async |name: &str| {
        let wanted = json!({ "name": name, "workspace_id": made["id"] });
        world.post("/api/v1/clusters", &ana, &wanted).await
    };
    let (status, one) = create("one").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{one}");
    host.make(&host.take().await).await;
    let one = format!(
        "/api/v1/clusters/{}",
        one["cluster"]["id"].as_str().unwrap()
    );
    let ask = async |verb: &str| world.post(&format!("{one}/{verb}"), &ana, &json!({})).await;
    assert_eq!(ask("stop").await.0, StatusCode::ACCEPTED);
    let stopped = Some((domain::Step::Stop, api::bus::StepOutcome::Ended));
    let lease = host.take().await;
    host.report(&lease, lease.desired_rev, stopped, down())
        .await;
    assert_eq!(world.get(&one, &ana).await.1["status"], "STOPPED");

    // What rests gives its CPUs to another; then there are none to start it with.
    let (status, two) = create("two").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{two}");
    let (status, refused) = ask("start").await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("quota_exceeded")),
        "{refused}"
    );
    assert_eq!(world.get(&one, &ana).await.1["status"], "STOPPED");
    let two = format!(
        "/api/v1/clusters/{}",
        two["cluster"]["id"].as_str().unwrap()
    );
    assert_eq!(world.delete(&two, &ana).await.0, StatusCode::ACCEPTED);
    let (status, started) = ask("start").await;
    assert_eq!(status, StatusCode::ACCEPTED, "{started}");
}

/// A person owns so many organizations, however they came to own them, and each has so many workspaces: what
/// has a quota is not made without end.
#[tokio::test]
async fn quotas_are_not_multiplied_by_making_more_of_what_has_them() {
    let world = world_with(&[
        "--organizations-per-person=2",
        "--workspaces-per-organization=2",
    ])
    .await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let full = |(status, said): (StatusCode, Value), whom: &str| {
        assert_eq!(
            (status, &said["code"]),
            (StatusCode::TOO_MANY_REQUESTS, &json!("quota_exceeded")),
            "{said}"
        );
        assert!(said["detail"].as_str().unwrap().contains(whom), "{said}");
    };
    let more = async |token: &str| {
        let body = json!({ "name": "more" });
        world.post("/api/v1/organizations", token, &body).await
    };
    let (first, second) = (
        organization(&world, &ana).await,
        organization(&world, &ana).await,
    );
    full(more(&ana).await, "You own 2 organizations");

    let workspace = async |name: &str| {
        let wanted = json!({ "organization_id": first, "name": name });
        world.post("/api/v1/workspaces", &ana, &wanted).await
    };
    assert_eq!(workspace("one").await.0, StatusCode::CREATED);
    full(workspace("two").await, "at most 2 workspaces");

    // What one gives away to make more is another's, who has no more room than oneself.
    let of_ben = user_id(&world, &ben).await;
    for id in [&first, &second] {
        let path = format!("/api/v1/organizations/{id}");
        let role = json!({ "role": "member" });
        let invitation = invitation(&world, &ana, id, role).await;
        assert_eq!(join(&world, &ben, &invitation).await.0, StatusCode::OK);
        let to = json!({ "user_id": of_ben });
        let given = world.post(&format!("{path}/transfer"), &ana, &to).await;
        assert_eq!(given.0, StatusCode::OK, "{}", given.1);
    }
    full(more(&ben).await, "You own 2 organizations");
    let third = organization(&world, &ana).await;
    let path = format!("/api/v1/organizations/{third}");
    let owner = invitation(&world, &ana, &third, json!({ "role": "owner" })).await;
    full(join(&world, &ben, &owner).await, "You own 2 organizations");
    let member = invitation(&world, &ana, &third, json!({ "role": "member" })).await;
    assert_eq!(join(&world, &ben, &member).await.0, StatusCode::OK);
    let to = json!({ "user_id": of_ben });
    let given = world.post(&format!("{path}/transfer"), &ana, &to).await;
    full(given, "This person owns 2 organizations");
    let place = format!("{path}/members/{of_ben}");
    let role = json!({ "role": "owner" });
    let placed = send(&world, Method::PATCH, &place, &ana, &role).await;
    full(placed, "This person owns 2 organizations");
    // To be in others' organizations counts for nothing, and room comes back.
    assert_eq!(more(&ana).await.0, StatusCode::CREATED);
    let path = format!("/api/v1/organizations/{first}");
    assert_eq!(world.delete(&path, &ben).await.0, StatusCode::NO_CONTENT);
    assert_eq!(more(&ben).await.0, StatusCode::CREATED);
}

/// Two that come at the same moment do not both take the last place.
#[tokio::test]
async fn of_two_at_once_one_makes_the_last_organization() {
    let world = world_with(&["--organizations-per-person=1"]).await;
    let ana = world.person("ana").await;
    let database = Database::connect(&world.database).await.unwrap();
    let txn = database.begin().await.unwrap();
    // Whoever asks waits for what nobody may write beside them.
    txn.execute_unprepared(r#"select 1 from "user" for no key update"#)
        .await
        .unwrap();
    let body = json!({ "name": "more" });
    let more = || world.post("/api/v1/organizations", &ana, &body);
    let both_wait = async {
        let waits = "select count(*) from pg_stat_activity
            where wait_event_type = 'Lock' and datname = current_database()";
        eventually(Duration::from_secs(4), || async {
            (query(&world.database, waits).await == "2").then_some(())
        })
        .await;
        txn.commit().await.unwrap();
    };
    let (first, second, ()) = tokio::join!(more(), more(), both_wait);
    let mut seen = [first.0, second.0];
    seen.sort();
    assert_eq!(seen, [StatusCode::CREATED, StatusCode::TOO_MANY_REQUESTS]);
}
