//! The log under fire: many writers, several gateways that sequence, NATS replaced by an empty one
//! in the middle. Every subscriber has every position once, in order.

use std::{collections::HashMap, sync::Arc, time::Duration};

use api::bus::Logged;
use bus::{Bus, LogMessage};
use domain::ClusterId;
use futures_util::StreamExt;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::{World, start, world},
    host::log,
};

const WRITERS: usize = 24;
const CLUSTERS_EACH: usize = 8;
const SUBSCRIBERS: usize = 3;

/// Reads the log from its beginning until it is told that nothing more comes and has it all.
async fn subscribe(bus: Bus, last: Arc<tokio::sync::watch::Receiver<Option<u64>>>) -> Vec<Logged> {
    let mut events = bus.events().await.unwrap();
    let mut seen: Vec<Logged> = Vec::new();
    let mut next = 1;
    loop {
        let wanted = match tokio::time::timeout(Duration::from_millis(200), events.next()).await {
            Ok(Some(LogMessage::Event(logged, _))) if logged.position == next => {
                seen.push(logged);
                next += 1;
                continue;
            }
            Ok(Some(LogMessage::Event(logged, _))) => logged.position,
            Ok(Some(LogMessage::Head(head))) => head.position,
            _ => next,
        };
        if wanted >= next {
            for logged in log(&bus, next - 1)
                .await
                .map(|reply| reply.events)
                .unwrap_or_default()
            {
                assert_eq!(logged.position, next, "the range has a hole");
                seen.push(logged);
                next += 1;
            }
        }
        if last.borrow().is_some_and(|last| next > last) {
            return seen;
        }
    }
}

async fn write(world: &World, url: &str, token: &str, writer: usize) {
    for n in 0..CLUSTERS_EACH {
        let body = json!({ "name": format!("w{writer}-{n}") });
        let made = world
            .http
            .post(format!("{url}/api/v1/clusters"))
            .bearer_auth(token)
            .json(&body);
        let (status, body) = world.read(made).await;
        assert!(status.is_success(), "{body}");
        let id = body["cluster"]["id"].as_str().unwrap().to_owned();
        let (status, body) = world.delete(&format!("/api/v1/clusters/{id}"), token).await;
        assert!(status.is_success(), "{body}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_position_is_missing_doubled_or_out_of_order() {
    let mut world = world().await;
    let stop = CancellationToken::new();
    let second = start(&world.nats, &world.database, &stop).await;
    let third = start(&world.nats, &world.database, &stop).await;
    let urls = [&world.gateway, &second, &third].map(|gateway| format!("http://{}", gateway.addr));
    let (tell, last) = tokio::sync::watch::channel(None);
    let last = Arc::new(last);
    let mut subscribers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        subscribers.push(tokio::spawn(subscribe(
            world.bus("events-gateway").await,
            last.clone(),
        )));
    }
    let mut tokens = Vec::new();
    for writer in 0..WRITERS {
        tokens.push(world.person(&format!("w{writer}")).await);
    }
    let half = tokens.len() / 2;
    for (round, tokens) in tokens.chunks(half).enumerate() {
        if round == 1 {
            world.nats.restart_empty();
        }
        let writing = tokens
            .iter()
            .enumerate()
            .map(|(n, token)| write(&world, &urls[n % 3], token, n));
        futures_util::future::join_all(writing).await;
    }
    // A create and the delete of what no host took are six events.
    let events = (WRITERS * CLUSTERS_EACH * 6) as u64;
    let hub = world.bus("events-gateway").await;
    testkit::eventually(Duration::from_secs(20), || async {
        (log(&hub, 0).await.ok()?.head.position >= events).then_some(())
    })
    .await;
    let head = log(&hub, 0).await.unwrap().head.position;
    tell.send(Some(head)).unwrap();
    for subscriber in subscribers {
        let seen = tokio::time::timeout(Duration::from_secs(30), subscriber)
            .await
            .expect("caught up")
            .unwrap();
        let positions: Vec<u64> = seen.iter().map(|logged| logged.position).collect();
        assert_eq!(positions, (1..=head).collect::<Vec<_>>());
        let mut versions: HashMap<ClusterId, i64> = HashMap::new();
        for logged in seen {
            let version = versions
                .entry(logged.event.cluster_id.unwrap())
                .or_default();
            assert!(
                logged.event.version >= *version,
                "out of order at {}",
                logged.position
            );
            *version = logged.event.version;
        }
    }
    stop.cancel();
}
