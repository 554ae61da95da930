//! What follows from what a host says it has: room for new clusters, nodes that are down.

use api::bus::{Capacity, InventoryRequest, Item};
use domain::{ClusterId, Goal, HostId};
use serde_json::{Value, json};

use crate::{
    gateway::{sql, world},
    host::Host,
    work::{host, running, task_of},
};

/// What a host says of itself: its room, and the nodes that run on it.
async fn inventory(host: &Host, memory_free_mib: u32, complete: bool, nodes: &[ClusterId]) {
    let request = InventoryRequest {
        worker: "w1".parse().unwrap(),
        driver: "fake".into(),
        slots: 4,
        capacity: Capacity {
            cpu_millis: 8000,
            memory_mib: 16_384,
            memory_free_mib,
            disk_mib: 100_000,
            disk_free_mib: 50_000,
            load_hundredths: 0,
        },
        complete,
        items: nodes.iter().map(|id| node(*id)).collect(),
        checks: Vec::new(),
        versions: vec!["v1.34.4".into()],
        pool: 0,
        highest_fence: 0,
    };
    let to: HostId = host.name.parse().unwrap();
    host.bus.request(&request, to).await.unwrap();
}

fn node(cluster: ClusterId) -> Item {
    Item {
        cluster,
        generation: 1,
        role: "node".into(),
        name: "node".into(),
        running: true,
    }
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
        "update cluster set updated_at = now() - interval '1 minute'",
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
