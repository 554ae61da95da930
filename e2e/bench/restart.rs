//! Start of a stopped cluster, from the POST to the RUNNING frame, against `docker start` of the bare node.

use domain::ClusterStatus;
use e2e::person::Person;

use crate::{
    bare::Bare,
    create::{create, delete, running_after, settled},
    figure::Figure,
};

/// A-B-B-A, so often.
const ROUNDS: usize = 2;

pub(crate) async fn start(person: &Person) -> Option<Figure> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(once(person).await);
        theirs.extend(bare().await);
        ours.push(once(person).await);
    }
    Some(Figure::ratio("restart", ours, theirs, 1.3, 1.1))
}

/// A cluster of its own each time: neither arm is beside the other.
async fn once(person: &Person) -> f64 {
    let (id, _) = create(person, "bench").await;
    person.client.stop_cluster(id).await.unwrap();
    settled(person, id, ClusterStatus::Stopped).await;
    let (_, seconds) = running_after(person, async || {
        person.client.start_cluster(id).await.unwrap().cluster.id
    })
    .await;
    delete(person, id).await;
    seconds
}

async fn bare() -> [f64; 2] {
    tokio::task::spawn_blocking(|| [Bare::start(0).0.restart(), Bare::start(0).0.restart()])
        .await
        .unwrap()
}
