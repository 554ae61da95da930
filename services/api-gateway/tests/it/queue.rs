//! The order of what waits: the same for the worker that takes and the person who waits.

use serde_json::{Value, json};

use crate::{
    gateway::{World, sql, world},
    work::{host, task_of},
};

async fn places(world: &World, token: &str) -> Vec<(String, u64)> {
    let (_, page) = world.get("/api/v1/tasks?status=pending", token).await;
    let place = |task: &Value| {
        let name = task["cluster_name"].as_str().unwrap().to_owned();
        (name, task["queue"]["position"].as_u64().unwrap())
    };
    let mut places: Vec<_> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(place)
        .collect();
    places.sort_by_key(|(_, place)| *place);
    places
}

#[tokio::test]
async fn a_second_organization_is_not_starved_and_places_are_those_of_the_handing_out() {
    let world = world().await;
    let (ana, bob) = (world.person("ana").await, world.person("bob").await);
    for name in ["a1", "a2", "a3", "a4", "a5", "a6"] {
        world.create(&ana, name).await;
    }
    world.create(&bob, "b1").await;
    world.create(&bob, "b2").await;
    let mut expected = places(&world, &ana).await;
    expected.extend(places(&world, &bob).await);
    expected.sort_by_key(|(_, place)| *place);
    let names: Vec<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a1", "b1", "a2", "b2", "a3", "a4", "a5", "a6"]);
    let host = host(&world, "h1", 1).await;
    let mut taken = vec![];
    for slots in [1, 3, 4] {
        for lease in host.acquire(slots).await.leases {
            let id = lease.cluster.to_string();
            let owner = if world
                .get(&format!("/api/v1/clusters/{id}"), &ana)
                .await
                .0
                .is_success()
            {
                &ana
            } else {
                &bob
            };
            taken.push(
                world.cluster(owner, &id).await["name"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
    assert_eq!(taken.len(), 8);
    assert_eq!(taken[..4], ["a1", "b1", "a2", "b2"], "in turn: {taken:?}");
    assert!(places(&world, &ana).await.is_empty());
}

#[tokio::test]
async fn a_wait_is_estimated_from_what_such_work_took_lately() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    world.create(&ana, "first").await;
    host.make(&host.take().await).await;
    sql(
        &world.database,
        "update task set started_at = ended_at - interval '8 seconds' where status = 'completed';
         update host set slots = 2, last_seen_at = now()",
    )
    .await;
    for name in ["q1", "q2", "q3", "q4", "q5"] {
        world.create(&ana, name).await;
    }
    let (_, page) = world.get("/api/v1/tasks?status=pending", &ana).await;
    let mut waits: Vec<(u64, u64)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| {
            (
                task["queue"]["position"].as_u64().unwrap(),
                task["queue"]["wait_secs"].as_u64().unwrap(),
            )
        })
        .collect();
    waits.sort_unstable();
    assert_eq!(
        waits,
        [(1, 0), (2, 0), (3, 8), (4, 8), (5, 16)],
        "two at once, 8 s each"
    );
}

#[tokio::test]
async fn what_no_host_can_ever_take_is_refused_at_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    sql(
        &world.database,
        "insert into host (id, driver, memory_mib) values ('h9', 'fake', 1024)",
    )
    .await;
    let (status, body) = world
        .post("/api/v1/clusters", &ana, &json!({ "name": "demo" }))
        .await;
    assert_eq!(
        (status.as_u16(), &body["code"]),
        (422, &json!("no_host")),
        "{body}"
    );
}

#[tokio::test]
async fn a_create_where_no_host_ever_was_says_so_until_there_is_one() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("PROVISIONING"), &json!("no_host"))
    );
    let task = task_of(&world, &ana, &id).await;
    assert_eq!(task["reason"]["code"], "no_host");
    let host = host(&world, "h1", 1).await;
    host.make(&host.take().await).await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]),
        (&json!("RUNNING"), &Value::Null)
    );
}
