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
    tokio::task::spawn_blocking(|| Bare::start().1)
        .await
        .unwrap()
}

async fn once(person: &Person) -> f64 {
    let (id, seconds) = create(person, "bench").await;
    delete(person, id).await;
    seconds
}

/// A running cluster and the seconds it took.
pub(crate) async fn create(person: &Person, name: &str) -> (ClusterId, f64) {
    let mut frames = std::pin::pin!(person.client.events(None).await.unwrap());
    assert!(matches!(frames.next().await, Some(Ok(Frame::Ready(_)))));
    let wanted = CreateCluster {
        name: name.into(),
        ttl_hours: Some(1.0),
        workspace_id: None,
        k8s_version: None,
    };
    let began = Instant::now();
    let id = person
        .client
        .create_cluster(&wanted)
        .await
        .unwrap()
        .cluster
        .id;
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
    testkit::eventually(Duration::from_secs(60), || async {
        (person.client.cluster(id).await.ok()?.status == ClusterStatus::Deleted).then_some(())
    })
    .await;
}
