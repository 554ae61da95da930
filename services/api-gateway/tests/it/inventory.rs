//! What follows from what a host says it has: room for new clusters, nodes that are down.

use domain::{ClusterId, Goal};
use serde_json::{Value, json};

use crate::{
    gateway::{sql, world},
    host::{Host, half},
    listing::Listing,
    work::{host, running, task_of},
};

/// What a host says of itself: its room, and the nodes that run on it.
async fn inventory(host: &Host, memory_free_mib: u32, complete: bool, nodes: &[ClusterId]) {
    let listing = Listing {
        memory_free_mib,
        complete,
        ..Listing::of(nodes)
    };
    listing.send(host).await;
}

#[tokio::test]
async fn a_create_waits_with_its_reason_while_no_host_has_room() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (one, two) = (host(&world, "h1", 1).await, host(&world, "h2", 1).await);
    inventory(&one, 512, true, &[]).await;
    inventory(&two, 8192, true, &[]).await;
    let id = world.create(&ana, "demo").await;
    let before = world.cluster(&ana, &id).await;

    assert!(one.acquire(1).await.leases.is_empty());
    assert_eq!(
        world.cluster(&ana, &id).await,
        before,
        "another host has room"
    );
    inventory(&two, 512, true, &[]).await;
    assert!(one.acquire(1).await.leases.is_empty());
    let waits = world.cluster(&ana, &id).await;
    assert_eq!(waits["reason"]["code"], "queued", "{waits}");
    assert!(
        waits["reason"]["message"]
            .as_str()
            .unwrap()
            .contains("512 MiB")
    );
    assert_eq!(waits["status"], "PROVISIONING");
    assert_eq!(
        task_of(&world, &ana, &id).await["reason"]["code"],
        "queued",
        "the task says it too"
    );
    assert!(two.acquire(1).await.leases.is_empty());
    assert_eq!(
        world.cluster(&ana, &id).await,
        waits,
        "it is said once, not with each question"
    );

    inventory(&one, 8192, true, &[]).await;
    one.take().await;
    let taken = world.cluster(&ana, &id).await;
    assert_eq!(
        (&taken["reason"], &taken["host"]),
        (&Value::Null, &json!("h1"))
    );
    assert_eq!(task_of(&world, &ana, &id).await["reason"], Value::Null);
}

#[tokio::test]
async fn a_running_cluster_whose_node_is_gone_twice_is_started_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let there = [id.parse::<ClusterId>().unwrap()];
    let status = async || world.cluster(&ana, &id).await["status"].clone();

    inventory(&host, 8192, true, &[]).await;
    inventory(&host, 8192, true, &[]).await;
    assert_eq!(
        status().await,
        "RUNNING",
        "a listing may be older than this"
    );
    sql(
        &world.database,
        "update task set ended_at = now() - interval '1 minute'",
    )
    .await;
    for (complete, nodes) in [(true, &there[..]), (true, &[]), (false, &[]), (true, &[])] {
        inventory(&host, 8192, complete, nodes).await;
        assert_eq!(
            status().await,
            "RUNNING",
            "one complete listing is not enough"
        );
    }
    inventory(&host, 8192, true, &[]).await;
    assert_eq!(status().await, "STARTING");
    let lease = host.take().await;
    assert_eq!(
        (lease.cluster, lease.desired.goal, lease.task.kind),
        (there[0], Goal::Running, domain::TaskKind::Start)
    );
    host.make(&lease).await;
    assert_eq!(status().await, "RUNNING");
    inventory(&host, 8192, true, &there).await;
    assert!(host.acquire(4).await.leases.is_empty());
}

#[tokio::test]
async fn a_host_that_starts_again_with_twenty_clusters_gets_them_all_back() {
    let world = world().await;
    let host = host(&world, "h1", 1).await;
    let mut clusters: Vec<ClusterId> = vec![];
    let mut people = vec![];
    for name in ["ana", "ben"] {
        let token = world.person(name).await;
        for n in 0..10 {
            let id = running(&world, &host, &token, &format!("c{n}")).await;
            clusters.push(id.parse().unwrap());
        }
        people.push(token);
    }
    Listing::of(&clusters).send(&host).await;
    let quiet = "update task set ended_at = now() - interval '1 minute'";
    sql(&world.database, quiet).await;

    // Its containers are there and none of them runs.
    let mut down = Listing::of(&clusters);
    for item in &mut down.items {
        item.running = false;
    }
    let mut back = vec![];
    for listing in 0..4 {
        down.send(&host).await;
        let leases = host.acquire(64).await.leases;
        assert!(
            listing > 0 || leases.is_empty(),
            "nothing is concluded from one listing"
        );
        for lease in leases {
            assert_eq!(
                (lease.desired.goal, lease.task.kind),
                (Goal::Running, domain::TaskKind::Start)
            );
            host.make(&lease).await;
            down.items
                .iter_mut()
                .filter(|item| item.cluster == lease.cluster)
                .for_each(|item| item.running = true);
            back.push(lease.cluster);
        }
    }
    back.sort_unstable();
    clusters.sort_unstable();
    assert_eq!(back, clusters, "each once");
    for token in people {
        let (_, page) = world.get("/api/v1/clusters", &token).await;
        for cluster in page["items"].as_array().unwrap() {
            assert_eq!(cluster["status"], "RUNNING", "{cluster}");
        }
    }
}

#[tokio::test]
async fn a_node_that_is_wholly_gone_is_made_again_and_the_page_says_why() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let quiet = "update task set ended_at = now() - interval '1 minute'";
    sql(&world.database, quiet).await;
    for _ in 0..2 {
        inventory(&host, 8192, true, &[]).await;
    }
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("STARTING"), &json!("down"))
    );
    host.make(&host.take().await).await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]),
        (&json!("RUNNING"), &Value::Null)
    );
}

#[tokio::test]
async fn a_stopped_cluster_whose_node_runs_in_two_listings_is_stopped_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let there = [id.parse::<ClusterId>().unwrap()];
    let (status, _) = world
        .post(&format!("/api/v1/clusters/{id}/stop"), &ana, &json!({}))
        .await;
    assert_eq!(status, reqwest::StatusCode::ACCEPTED);
    let stop = host.take().await;
    host.report(&stop, stop.desired_rev, None, half()).await;
    let status = async || world.cluster(&ana, &id).await["status"].clone();
    // A start that was asked of the engine before all this comes true now.
    sql(
        &world.database,
        "update task set ended_at = now() - interval '1 minute'",
    )
    .await;
    for (complete, nodes) in [(true, &[][..]), (true, &there), (false, &there)] {
        inventory(&host, 8192, complete, nodes).await;
        assert_eq!(
            status().await,
            "STOPPED",
            "one complete listing is not enough"
        );
    }
    inventory(&host, 8192, true, &there).await;
    inventory(&host, 8192, true, &there).await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("STOPPING"), &json!("still_running"))
    );
    let again = host.take().await;
    assert_eq!(
        (again.cluster, again.desired.goal, again.task.kind),
        (there[0], Goal::Stopped, domain::TaskKind::Stop)
    );
    host.report(&again, again.desired_rev, None, half()).await;
    assert_eq!(status().await, "STOPPED");
    inventory(&host, 8192, true, &[]).await;
    assert!(host.acquire(4).await.leases.is_empty());
}
