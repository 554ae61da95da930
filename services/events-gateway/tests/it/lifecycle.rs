//! The end of a replica: clients are sent elsewhere, not all at once, and lose nothing.

use std::{collections::HashSet, time::Duration};

use tokio::sync::mpsc;

use crate::{SOON, World, organization, socket::Socket};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_sends_both_kinds_of_streams_away_side_by_side() {
    const EACH: usize = 30;
    // So long that who reads late still reads them in the order of their waves.
    let mut world = World::with(|config| config.tuning.drain = Duration::from_secs(3)).await;
    for number in 1..=6 {
        let ours = [organization(1)];
        world.gateway.person(&format!("p{number}"), number, &ours);
    }
    let (ended, mut ends) = mpsc::unbounded_channel();
    for index in 0..EACH {
        let token = format!("p{}", index % 6 + 1);
        let mut events = world.connect(&token).await;
        let mut socket = Socket::open(&world, &token).await;
        let (one, other) = (ended.clone(), ended.clone());
        tokio::spawn(async move {
            let last = events.end_within(SOON).await.pop();
            one.send(last.and_then(|frame| frame.retry))
        });
        tokio::spawn(async move {
            assert_eq!(socket.closed().await, api::socket::close::DRAIN);
            other.send(None)
        });
    }
    drop(ended);
    world.stop().await;
    let mut order = vec![];
    while let Some(end) = ends.recv().await {
        order.push(end);
    }
    assert_eq!(order.len(), 2 * EACH);
    let streams = |part: &[Option<u64>]| part.iter().flatten().count();
    for part in order.chunks(EACH) {
        assert!(
            (EACH / 5..=EACH * 4 / 5).contains(&streams(part)),
            "{order:?}"
        );
    }
    // A browser waits as long as it is told: each another time, over seconds.
    let retries: HashSet<u64> = order.into_iter().flatten().collect();
    assert!(retries.len() > EACH * 3 / 4, "{retries:?}");
    assert!(retries.iter().all(|millis| (500..5_000).contains(millis)));
    let spread = retries.iter().max().unwrap() - retries.iter().min().unwrap();
    assert!(spread > 2_000, "{retries:?}");
}
