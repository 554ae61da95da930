//! Coming back: from the ring, from the database, across a restart, or to one explicit reset.

use domain::Incarnation;
use testkit::eventually;

use crate::{Client, SOON, World, organization};

/// A world whose ring holds eight events and is empty after a start.
async fn small_ring() -> World {
    World::with(|config| {
        config.tuning.ring.frames = 8;
        config.tuning.prefill = 0;
    })
    .await
}

/// Waits until the hub has applied all there is: metrics are the process's, so it is asked of this hub alone.
pub(crate) async fn caught_up(world: &World) {
    let at = format!("at {}", world.gateway.cursor());
    eventually(SOON, || async {
        let text = reqwest::get(world.url("/readyz")).await.ok()?.text().await;
        text.ok()?.contains(&at).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_goes_on_where_it_was() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    for version in 1..=3 {
        world.gateway.change(ours, version).await;
    }
    assert_eq!(client.versions(2).await, [1, 2]);
    let cursor = client.last_id.clone();
    drop(client);
    world.gateway.change(ours, 4).await;
    let mut client = world.resume("anna", &cursor).await;
    assert_eq!(
        client.ready.id.as_deref(),
        Some(cursor.as_str()),
        "it stands where it was"
    );
    assert_eq!(client.versions(2).await, [3, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_s_position_is_a_cursor_and_the_header_wins() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    for version in 1..=3 {
        world.gateway.change(ours, version).await;
    }
    let since = |since: &str| world.request("anna").query(&[("since", since)]);
    let mut client = Client::open(since("0000000a-1")).await;
    assert_eq!(client.versions(2).await, [2, 3]);
    let both = since("0000000a-1").header("last-event-id", "0000000a-2");
    let mut client = Client::open(both).await;
    assert_eq!(client.versions(1).await, [3]);
    // As a polyfill comes back: with the address that it had at first, and its place behind that.
    let polyfill = since("0000000a-1").query(&[("lastEventId", "0000000a-2")]);
    let mut client = Client::open(polyfill).await;
    assert_eq!(client.versions(1).await, [3]);
    let mut client = Client::open(since("0000000a-2").query(&[("lastEventId", "")])).await;
    assert_eq!(client.versions(1).await, [3]);
    // Ahead of what this replica has heard, but not of the log.
    world.gateway.commit_change(ours, 4);
    let mut client = Client::open(since(&world.gateway.cursor())).await;
    world.gateway.commit_change(ours, 5);
    assert_eq!(client.versions(1).await, [5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_loses_nothing() {
    let mut world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    for version in 1..=30 {
        world.gateway.change(ours, version).await;
    }
    client.versions(20).await;
    let cursor = client.last_id.clone();
    world.stop().await;
    for version in 31..=40 {
        world.gateway.commit_change(ours, version);
    }
    world.start().await;
    let mut client = world.resume("anna", &cursor).await;
    let expected: Vec<i64> = (21..=40).collect();
    assert_eq!(client.versions(20).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_the_ring_is_read_from_the_database() {
    let world = small_ring().await;
    let (ours, theirs) = (organization(1), organization(2));
    world.gateway.person("anna", 1, &[ours]);
    for version in 1..=100 {
        let whose = if version % 3 == 0 { theirs } else { ours };
        world.gateway.change(whose, version).await;
    }
    caught_up(&world).await;
    let mut client = world.resume("anna", "0000000a-5").await;
    let expected: Vec<i64> = (6..=100).filter(|version| version % 3 != 0).collect();
    assert_eq!(client.versions(expected.len()).await, expected);
    world.gateway.change(ours, 101).await;
    assert_eq!(client.versions(1).await, [101]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_comes_back_reads_each_page_once() {
    let world = small_ring().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    for version in 1..=60 {
        world.gateway.change(ours, version).await;
    }
    caught_up(&world).await;
    let before = world.gateway.state().reads;
    let crowd = (0..15).map(|_| async {
        let mut client = world.resume("anna", "0000000a-0").await;
        client.versions(60).await
    });
    let expected: Vec<i64> = (1..=60).collect();
    for versions in futures_util::future::join_all(crowd).await {
        assert_eq!(versions, expected);
    }
    let reads = world.gateway.state().reads - before;
    assert!(reads <= 60 / 16 + 1, "{reads} reads for 15 streams");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_nowhere_is_a_reset() {
    let world = small_ring().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    for version in 1..=50 {
        world.gateway.change(ours, version).await;
    }
    caught_up(&world).await;
    world.gateway.state().first = 20;
    let mut client = world.resume("anna", "0000000a-5").await;
    assert_eq!(client.reset().await, "too_old");
    assert_eq!(client.last_id, "0000000a-50");
    world.gateway.change(ours, 51).await;
    assert_eq!(client.versions(1).await, [51], "it goes on from there");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_far_behind_is_a_reset_without_reading_it_all() {
    let world = World::with(|config| config.tuning.catch_up_max = 10).await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    for version in 1..=30 {
        world.gateway.change(ours, version).await;
    }
    let mut client = world.resume("anna", "0000000a-5").await;
    assert_eq!(client.reset().await, "too_old");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_no_place_here_is_a_reset_and_no_error() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    world.gateway.change(ours, 1).await;
    for (cursor, reason) in [
        ("garbage", "unreadable"),
        ("0000000a", "unreadable"),
        ("0000000a-99999999999999999999999999", "unreadable"),
        ("0000000b-1", "other_incarnation"),
        ("0000000a-2", "other_incarnation"),
        ("0000000a-18446744073709551615", "other_incarnation"),
    ] {
        let mut client = world.resume("anna", cursor).await;
        assert_eq!(client.reset().await, reason, "{cursor}");
        assert_eq!(client.last_id, "0000000a-1", "{cursor}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_incarnation_resets_everybody_and_asks_again_who_they_are() {
    let world = World::new().await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut client = world.connect("anna").await;
    for version in 1..=5 {
        world.gateway.change(ours, version).await;
    }
    client.versions(5).await;
    {
        let mut state = world.gateway.state();
        state.events.truncate(2);
        state.incarnation = Incarnation(0xb);
    }
    assert_eq!(client.reset().await, "other_incarnation");
    assert_eq!(client.last_id, "0000000b-2");
    let last = client.end_within(SOON).await;
    let spread = last.last().and_then(|frame| frame.retry);
    assert!(
        spread.is_some(),
        "a crowd is told to come back one by one: {last:?}"
    );
    world.gateway.change(ours, 6).await;
    let mut client = world.resume("anna", "0000000b-2").await;
    assert_eq!(client.versions(1).await, [6]);
    let seen = world.gateway.state().seen.last().copied().flatten();
    assert_eq!(seen.unwrap().incarnation, Incarnation(0xb));
}
