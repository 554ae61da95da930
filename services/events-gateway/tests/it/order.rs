//! Every event once and in order, whatever the bus does to the messages.

use crate::{World, organization};

#[tokio::test(flavor = "multi_thread")]
async fn events_come_once_and_in_order_however_they_arrive() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    for version in 1..=40 {
        world.gateway.commit_change(ours, version);
    }
    // Lost: every seventh. Doubled: every fifth. Reordered: in pairs.
    for pair in (1u64..=40).collect::<Vec<_>>().chunks(2) {
        for position in pair.iter().rev().filter(|position| *position % 7 != 0) {
            world.gateway.publish(*position).await;
            if position % 5 == 0 {
                world.gateway.publish(*position).await;
            }
        }
    }
    let expected: Vec<i64> = (1..=40).collect();
    assert_eq!(client.versions(40).await, expected);
    assert_eq!(client.last_id, world.gateway.cursor());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_event_is_found_missing_by_the_head() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    world.gateway.commit_change(ours, 1);
    assert_eq!(client.versions(1).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_bus_loses_nothing() {
    let mut world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    world.gateway.change(ours, 1).await;
    assert_eq!(client.versions(1).await, [1]);
    world.nats.stop();
    for version in 2..=50 {
        world.gateway.commit_change(ours, version);
    }
    world.nats.restart_empty();
    let expected: Vec<i64> = (2..=50).collect();
    assert_eq!(client.versions(49).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_waiting_events_go_out_in_fewer_writes_and_many_clients_get_each() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    world.gateway.person("ben", 2, &[ours]);
    let mut clients = vec![];
    for token in ["anna", "ben", "anna", "ben", "anna"] {
        clients.push(world.connect(token).await);
    }
    for version in 1..=300 {
        world.gateway.commit_change(ours, version);
    }
    world.gateway.publish(300).await;
    let expected: Vec<i64> = (1..=300).collect();
    for client in &mut clients {
        assert_eq!(client.versions(300).await, expected);
    }
    // One read at a time, and no more of them than there are pages and a few that came to nothing.
    let reads = world.gateway.state().reads;
    assert!(reads <= 300 / 16 + 6, "{reads} reads");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_stream_says_that_it_is_alive_and_where_it_stands() {
    let world = World::new().await;
    let (ours, theirs) = (organization(1), organization(2));
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    let frame = client.frame().await.unwrap();
    assert_eq!(frame.comment.as_deref(), Some("keep-alive"));
    assert_eq!(frame.id, None, "nothing happened");
    for version in 1..=5 {
        world.gateway.change(theirs, version).await;
    }
    // Others' events are passed by, so that a reconnect does not look at them again.
    let cursor = world.gateway.cursor();
    for _ in 0..50 {
        if client.last_id == cursor {
            return;
        }
        let frame = client.frame().await.unwrap();
        assert_eq!((frame.data, frame.name), (None, None));
    }
    panic!("it stays at {}, not at {cursor}", client.last_id);
}
