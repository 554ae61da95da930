//! Clusters from their create to their end, with scripted hosts.

use std::{collections::HashSet, time::Duration};

use api::bus::{StepOutcome, Verdict};
use domain::{Code, Goal, Reason, Step};
use reqwest::StatusCode;
use serde_json::json;
use testkit::eventually;

use crate::{
    gateway::{World, sql, world},
    host::{Host, assert_in_order, half, log, nothing},
};

async fn host(world: &World, boot_id: u64) -> Host {
    Host {
        bus: world.bus("host-h1").await,
        name: "h1",
        boot_id,
    }
}

#[tokio::test]
async fn a_cluster_is_made_and_deleted_and_the_log_tells_it_in_order() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let host = host(&world, 1).await;
    let lease = host.take().await;
    assert_eq!(
        (lease.cluster.to_string(), lease.desired.goal),
        (id.clone(), Goal::Running)
    );
    host.make(&lease).await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (cluster["status"].as_str(), cluster["host"].as_str()),
        (Some("RUNNING"), Some("h1"))
    );

    let (_, first) = world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let (status, again) = world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    assert_eq!(
        (status, &first["task"]["id"]),
        (StatusCode::ACCEPTED, &again["task"]["id"])
    );
    let lease = host.take().await;
    assert_eq!(lease.desired.goal, Goal::Deleted);
    let done = host
        .report(
            &lease,
            lease.desired_rev,
            Some((Step::Remove, StepOutcome::Ended)),
            nothing(),
        )
        .await;
    assert_eq!(done, Verdict::Done);
    assert_eq!(world.cluster(&ana, &id).await["status"], "DELETED");
    let (_, list) = world.get("/api/v1/clusters", &ana).await;
    assert_eq!(list["items"], json!([]));
    let (_, list) = world.get("/api/v1/clusters?include=deleted", &ana).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);

    let events = world.bus("events-gateway").await;
    let log = eventually(Duration::from_secs(5), || async {
        let log = log(&events, 0).await.ok()?;
        let gone = log
            .events
            .iter()
            .any(|logged| logged.event.status == Some(domain::ClusterStatus::Deleted));
        (gone && log.events.last()?.position == log.head.position).then_some(log)
    })
    .await;
    assert_in_order(&log.events, log.head.position);
    assert_eq!(log.events[0].event.kind, "cluster.created");
}

#[tokio::test]
async fn a_fenced_report_changes_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let host = host(&world, 1).await;
    let old = host.take().await;
    let reborn = Host {
        boot_id: 2,
        bus: host.bus.clone(),
        name: "h1",
    };
    let new = reborn.take().await;
    assert!(
        new.fence > old.fence,
        "a new life gets the lease of the earlier one, with a higher fence"
    );
    let before = world.cluster(&ana, &id).await;
    let verdict = host
        .report(
            &old,
            1,
            Some((Step::Ready, StepOutcome::Ended)),
            crate::host::up(),
        )
        .await;
    assert_eq!(verdict, Verdict::Fenced);
    assert_eq!(world.cluster(&ana, &id).await, before);
    reborn.make(&new).await;
    assert_eq!(world.cluster(&ana, &id).await["status"], "RUNNING");
}

/// A host that knows all of another's lease: whose report it is, its subject says.
#[tokio::test]
async fn another_hosts_cluster_is_not_a_hosts_to_report() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let host = host(&world, 1).await;
    let lease = host.take().await;
    let other = Host {
        bus: world.bus("host-h2").await,
        name: "h2",
        boot_id: host.boot_id,
    };
    let before = world.cluster(&ana, &id).await;
    let ready = Some((Step::Ready, StepOutcome::Ended));
    let verdict = other
        .report(&lease, lease.desired_rev, ready, crate::host::up())
        .await;
    assert_eq!(verdict, Verdict::Fenced);
    assert_eq!(world.cluster(&ana, &id).await, before);
    host.make(&lease).await;
    assert_eq!(world.cluster(&ana, &id).await["status"], "RUNNING");
}

#[tokio::test]
async fn a_delete_turns_the_holder() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let host = host(&world, 1).await;
    let lease = host.take().await;
    let (_, asked) = world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    assert_eq!(asked["cluster"]["status"], "DELETING");
    let began = Some((Step::Create, StepOutcome::Began));
    let Verdict::Continue {
        desired: Some(desired),
        desired_rev,
        ..
    } = host.report(&lease, lease.desired_rev, began, half()).await
    else {
        panic!("the holder was not told");
    };
    assert_eq!(
        (desired.goal, desired_rev),
        (Goal::Deleted, lease.desired_rev + 1)
    );
    let done = host
        .report(
            &lease,
            desired_rev,
            Some((Step::Remove, StepOutcome::Ended)),
            nothing(),
        )
        .await;
    assert_eq!(done, Verdict::Done);
    assert_eq!(world.cluster(&ana, &id).await["status"], "DELETED");
    let (_, tasks) = world
        .get(&format!("/api/v1/tasks?cluster_id={id}"), &ana)
        .await;
    let statuses: Vec<&str> = tasks["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|t| t["status"].as_str())
        .collect();
    assert_eq!(statuses, ["completed", "cancelled"]);
}

#[tokio::test]
async fn what_no_host_took_is_deleted_at_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let (_, gone) = world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    assert_eq!(
        (&gone["cluster"]["status"], &gone["task"]["status"]),
        (&json!("DELETED"), &json!("completed"))
    );
    assert_eq!(
        world.create(&ana, "demo").await.len(),
        id.len(),
        "the name is free again"
    );
}

#[tokio::test]
async fn a_failure_that_stays_is_an_error_with_its_reason() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let host = host(&world, 1).await;
    let lease = host.take().await;
    let reason = Reason::new(Code::ImageMissing, "The node image is missing.");
    let retry = StepOutcome::Failed {
        reason: reason.clone(),
        retryable: true,
    };
    let verdict = host
        .report(&lease, 1, Some((Step::Prepare, retry)), nothing())
        .await;
    assert!(matches!(verdict, Verdict::Continue { .. }), "{verdict:?}");
    let given_up = StepOutcome::Failed {
        reason,
        retryable: false,
    };
    assert_eq!(
        host.report(&lease, 1, Some((Step::Prepare, given_up)), nothing())
            .await,
        Verdict::Done
    );
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("ERROR"), &json!("image_missing"))
    );
    assert!(
        cluster["reason"]["fix"]
            .as_str()
            .unwrap()
            .contains("make node-image")
    );
}

#[tokio::test]
async fn two_workers_never_hold_one_cluster() {
    let world = world().await;
    for person in ["ana", "ben"] {
        let token = world.person(person).await;
        for n in 0..10 {
            world.create(&token, &format!("c{n}")).await;
        }
    }
    let one = host(&world, 1).await;
    let two = Host {
        bus: world.bus("host-h2").await,
        name: "h2",
        boot_id: 1,
    };
    let mut held = HashSet::new();
    for _ in 0..10 {
        let (a, b) = tokio::join!(one.acquire(2), two.acquire(2));
        for lease in a.leases.into_iter().chain(b.leases) {
            assert!(
                held.insert(lease.cluster),
                "{} was handed out twice",
                lease.cluster
            );
        }
    }
    assert_eq!(held.len(), 20);
}

#[tokio::test]
async fn a_life_ends_when_its_time_is_up_and_can_be_made_longer() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let path = format!("/api/v1/clusters/{id}/extend");
    let (status, longer) = world.post(&path, &ana, &json!({ "hours": 2 })).await;
    assert_eq!(status, StatusCode::OK, "{longer}");
    let (status, refused) = world.post(&path, &ana, &json!({ "hours": 168 })).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid"))
    );
    assert!(
        refused["errors"][0]["detail"]
            .as_str()
            .unwrap()
            .contains("168")
    );

    sql(
        &world.database,
        "update cluster set expires_at = now(); update due set at = now()",
    )
    .await;
    let gone = eventually(Duration::from_secs(10), || async {
        let cluster = world.cluster(&ana, &id).await;
        (cluster["status"] == "DELETED").then_some(cluster)
    })
    .await;
    assert_eq!(gone["reason"]["code"], "expired");
}

#[tokio::test]
async fn the_eleventh_cluster_of_a_workspace_is_refused_and_lists_have_pages() {
    let world = world().await;
    let ana = world.person("ana").await;
    for n in 0..10 {
        world.create(&ana, &format!("c{n}")).await;
    }
    let (status, refused) = world
        .post("/api/v1/clusters", &ana, &json!({ "name": "c10" }))
        .await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("quota_exceeded"))
    );

    let mut names = Vec::new();
    let mut path = "/api/v1/clusters?limit=4".to_owned();
    loop {
        let (_, page) = world.get(&path, &ana).await;
        names.extend(
            page["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["name"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        path = format!("/api/v1/clusters?limit=4&cursor={cursor}");
    }
    assert_eq!(
        names,
        (0..10).rev().map(|n| format!("c{n}")).collect::<Vec<_>>()
    );
}
