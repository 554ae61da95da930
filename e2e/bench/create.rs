//! Create → RUNNING, from the POST to the frame at an SSE client, against the bare node.

use std::time::{Duration, Instant};

use api::{client::Frame, cluster::CreateCluster};
use domain::{ClusterId, ClusterStatus};
use e2e::person::Person;
use futures_util::StreamExt;

use crate::{bare::Bare, figure::Figure};

/// A-B-B-A, so often.
const ROUNDS: usize = 2;

pub(crate) async fn cold(person: &Person) -> Option<Figure> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(once(person).await);
        bare.push(blocking().await);
        bare.push(blocking().await);
        ours.push(once(person).await);
    }
    Some(Figure::ratio("create", ours, bare, 1.25, 1.10))
}

async fn blocking() -> f64 {
    tokio::task::spawn_blocking(|| Bare::start(0).1)
        .await
        .unwrap()
}

async fn once(person: &Person) -> f64 {
    let (id, seconds) = create(person, "bench").await;
    delete(person, id).await;
    seconds
}

/// What a bench asks for.
pub(crate) fn wanted(name: &str) -> CreateCluster {
    CreateCluster {
        ttl_hours: Some(1.0),
        ..CreateCluster::named(name)
    }
}

/// A running cluster and the seconds it took.
pub(crate) async fn create(person: &Person, name: &str) -> (ClusterId, f64) {
    running_after(person, async || {
        let accepted = person.client.create_cluster(&wanted(name)).await.unwrap();
        accepted.cluster.id
    })
    .await
}

/// Asks for something that ends in a running cluster; gives it and the seconds until the RUNNING
/// frame at an SSE client.
pub(crate) async fn running_after(
    person: &Person,
    ask: impl AsyncFnOnce() -> ClusterId,
) -> (ClusterId, f64) {
    let mut frames = std::pin::pin!(person.client.events(None).await.unwrap());
    assert!(matches!(frames.next().await, Some(Ok(Frame::Ready(_)))));
    let began = Instant::now();
    let id = ask().await;
    let running = async {
        while let Some(frame) = frames.next().await {
            let Frame::Event(_, event) = frame.unwrap() else {
                continue;
            };
            if event.cluster_id == Some(id) && event.status == Some(ClusterStatus::Running) {
                return began.elapsed().as_secs_f64();
            }
        }
        panic!("the stream ended");
    };
    let seconds = tokio::time::timeout(Duration::from_secs(120), running)
        .await
        .expect("RUNNING within 120 s");
    (id, seconds)
}

pub(crate) async fn delete(person: &Person, id: ClusterId) {
    person.client.delete_cluster(id).await.unwrap();
    settled(person, id, ClusterStatus::Deleted).await;
}

pub(crate) async fn settled(person: &Person, id: ClusterId, status: ClusterStatus) {
    settled_within(person, id, status, Duration::from_secs(60)).await;
}

pub(crate) async fn settled_within(
    person: &Person,
    id: ClusterId,
    status: ClusterStatus,
    within: Duration,
) {
    testkit::eventually(within, || async {
        (person.client.cluster(id).await.ok()?.status == status).then_some(())
    })
    .await;
}
