//! The log: from the answer to a committed request to its event at a subscriber's socket.

use std::time::{Duration, Instant};

use api::{client::Frame, cluster::Extend};
use e2e::person::Person;
use futures_util::StreamExt;

use crate::{
    create::{create, delete},
    figure::{Figure, percentile},
};

const RUNS: usize = 300;

/// Extends a cluster by a little, again and again: the time from the POST's answer, which is after
/// the commit, to the frame. An event that comes before the answer counts as nothing.
pub(crate) async fn commit_to_subscriber(person: &Person) -> Option<Figure> {
    let (id, _) = create(person, "bench-log").await;
    let mut frames = std::pin::pin!(person.client.events(None).await.unwrap());
    assert!(matches!(frames.next().await, Some(Ok(Frame::Ready(_)))));
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        let cluster = person
            .client
            .extend_cluster(id, &Extend { hours: 0.001 })
            .await
            .unwrap();
        let committed = Instant::now();
        loop {
            let frame = tokio::time::timeout(Duration::from_secs(5), frames.next())
                .await
                .expect("an event");
            let Some(Ok(Frame::Event(_, event))) = frame else {
                panic!("the stream ended")
            };
            if event.version >= cluster.version {
                break;
            }
        }
        runs.push(committed.elapsed().as_secs_f64() * 1000.0);
    }
    delete(person, id).await;
    println!("commit to subscriber: p50 {:.2} ms", percentile(&runs, 0.5));
    Some(Figure::plain(
        "log",
        "ms, p99",
        percentile(&runs, 0.99),
        20.0,
        5.0,
        runs,
    ))
}
