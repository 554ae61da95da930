//! The end of a replica: clients are sent elsewhere, not all at once, and lose nothing.

use std::collections::HashSet;

use crate::{SOON, World, organization};

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_replica_closes_in_waves_and_spreads_those_who_come_back() {
    let mut world = World::new().await;
    let ours = organization(1);
    for number in 1..=3 {
        world.gateway.person(&format!("p{number}"), number, &[ours]);
    }
    let mut clients = vec![];
    for index in 0..12 {
        clients.push(world.connect(&format!("p{}", index % 3 + 1)).await);
    }
    world.gateway.change(ours, 1).await;
    for client in &mut clients {
        assert_eq!(client.versions(1).await, [1]);
    }
    world.ask_to_stop();
    let mut retries = HashSet::new();
    for client in &mut clients {
        let last = client.end_within(SOON).await;
        retries.insert(last.last().and_then(|frame| frame.retry).expect("a retry"));
    }
    assert!(retries.len() > 6, "spread over {retries:?}");
    world.stop().await;
    world.gateway.commit_change(ours, 2);
    world.start().await;
    let mut client = world.resume("p1", &clients[0].last_id).await;
    assert_eq!(client.versions(1).await, [2]);
}
