//! The log under fire: many writers, several gateways that sequence, NATS replaced by an empty one
//! while they write. Every subscriber has every position once, in order.

use std::{collections::HashMap, sync::Arc, time::Duration};

use api::{bus::Logged, event::kind};
use bus::{Bus, LogMessage};
use futures_util::StreamExt;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::{start, world},
    host::{assert_in_order, log},
};

const WRITERS: usize = 24;
const CLUSTERS_EACH: usize = 8;
/// The life of a cluster that is created and, before any host took it, deleted.
const LIFE: [&str; 7] = [
    kind::CLUSTER_CREATED,
    kind::TASK_CREATED,
    // The create is cancelled, the delete begins and is over at once.
    kind::TASK_CHANGED,
    kind::CLUSTER_CHANGED,
    kind::TASK_CREATED,
    kind::TASK_CHANGED,
    kind::CLUSTER_CHANGED,
];
const EVENTS: u64 = (WRITERS * CLUSTERS_EACH * LIFE.len()) as u64;

/// What one subscriber has of the log, and how much of it came by itself.
struct Seen {
    log: Vec<Logged>,
    live: usize,
}

/// Reads the log from its beginning until it is told where it ends and has it all.
async fn subscribe(bus: Bus, last: watch::Receiver<Option<u64>>) -> Seen {
    let mut events = bus.events().await.unwrap();
    let mut seen = Seen {
        log: Vec::new(),
        live: 0,
    };
    loop {
        let next = seen.log.len() as u64 + 1;
        if last.borrow().is_some_and(|last| next > last) {
            return seen;
        }
        let there = match tokio::time::timeout(Duration::from_millis(200), events.next()).await {
            Ok(Some(LogMessage::Event(logged, ..))) if logged.position == next => {
                seen.log.push(*logged);
                seen.live += 1;
                continue;
            }
            Ok(Some(LogMessage::Event(logged, ..))) => logged.position,
            Ok(Some(LogMessage::Head(head))) => head.position,
            _ => next,
        };
        // The bus may be away: then the next round asks again.
        if there >= next
            && let Ok(reply) = log(&bus, next - 1).await
        {
            seen.log.extend(reply.events);
        }
    }
}

async fn send(request: RequestBuilder, token: &str) -> Value {
    let answer = request.bearer_auth(token).send().await.unwrap();
    let status = answer.status();
    let body = answer.text().await.unwrap();
    assert!(status.is_success(), "{status}: {body}");
    serde_json::from_str(&body).unwrap()
}

async fn write(http: Client, url: String, token: String) {
    let clusters = format!("{url}/api/v1/clusters");
    for n in 0..CLUSTERS_EACH {
        let create = http
            .post(&clusters)
            .json(&json!({ "name": format!("c{n}") }));
        let made = send(create, &token).await;
        let id = made["cluster"]["id"].as_str().unwrap();
        send(http.delete(format!("{clusters}/{id}")), &token).await;
    }
}

fn assert_whole_lives(log: &[Logged]) {
    let mut lives: HashMap<_, Vec<&str>> = HashMap::new();
    for logged in log {
        let life = lives.entry(logged.event.cluster_id).or_default();
        life.push(&logged.event.kind);
    }
    assert_eq!(lives.len(), WRITERS * CLUSTERS_EACH);
    for (cluster, life) in lives {
        assert_eq!(life, LIFE, "{cluster:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_position_is_missing_doubled_or_out_of_order() {
    let mut world = world().await;
    let stop = CancellationToken::new();
    let _stopped = stop.clone().drop_guard();
    let second = start(&world.nats, &world.database, &stop).await;
    let third = start(&world.nats, &world.database, &stop).await;
    let urls = [&world.gateway, &second, &third].map(|gateway| format!("http://{}", gateway.addr));
    let (tell, last) = watch::channel(None);
    let hub = world.bus("events-gateway").await;
    let mut early = Vec::new();
    for _ in 0..2 {
        let bus = world.bus("events-gateway").await;
        early.push(tokio::spawn(subscribe(bus, last.clone())));
    }
    let mut tokens = Vec::new();
    for writer in 0..WRITERS {
        tokens.push(world.person(&format!("w{writer}")).await);
    }

    let begun = Arc::new(());
    let writers: Vec<_> = tokens
        .into_iter()
        .enumerate()
        .map(|(n, token)| {
            let (http, url, writing) = (world.http.clone(), urls[n % 3].clone(), begun.clone());
            tokio::spawn(async move {
                write(http, url, token).await;
                drop(writing);
            })
        })
        .collect();
    testkit::eventually(Duration::from_secs(20), || async {
        let head = log(&hub, 0).await.ok()?.head.position;
        (head >= EVENTS / 4).then_some(())
    })
    .await;
    assert!(
        Arc::strong_count(&begun) > 1,
        "nobody writes any more while NATS is replaced"
    );
    tokio::task::block_in_place(|| world.nats.restart_empty());
    // One that comes late has the beginning from the range alone.
    let bus = world.bus("events-gateway").await;
    let late = tokio::spawn(subscribe(bus, last));
    for writer in writers {
        writer.await.unwrap();
    }

    let head = testkit::eventually(Duration::from_secs(20), || async {
        let head = log(&hub, 0).await.ok()?.head.position;
        (head >= EVENTS).then_some(head)
    })
    .await;
    assert_eq!(head, EVENTS);
    tell.send(Some(head)).unwrap();
    for (subscriber, early) in early
        .into_iter()
        .map(|task| (task, true))
        .chain([(late, false)])
    {
        let seen = testkit::within(Duration::from_secs(20), subscriber)
            .await
            .expect("caught up")
            .unwrap();
        assert_in_order(&seen.log, head);
        assert_whole_lives(&seen.log);
        assert!(!early || seen.live > 0, "nothing came by itself");
        assert!(early || seen.live < seen.log.len(), "nothing was repaired");
    }
}
