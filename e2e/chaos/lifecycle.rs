//! One cluster from its create to its end, by a person who asks again until they are heard.

use std::{future::Future, time::Duration};

use api::{
    client::Error,
    cluster::{Cluster, CreateCluster},
};
use domain::{ClusterId, ClusterStatus};
use e2e::person::Person;
use rand::{Rng, rngs::StdRng};
use testkit::eventually;
use tokio::time::sleep;

/// How long any one wish may take while processes die: a lease, a takeover's brake, and the work.
const PATIENCE: Duration = Duration::from_secs(300);
const AGAIN: Duration = Duration::from_millis(200);

/// How a lifecycle went.
pub(crate) struct End {
    /// Tasks that failed and were retried or deleted.
    pub(crate) failed: u32,
}

pub(crate) async fn run(person: &Person, name: &str, random: &mut StdRng) -> End {
    let id = create(person, name).await;
    let mut failed = 0;
    // Some are deleted in mid-create.
    if random.random_bool(0.8) {
        failed += rest(person, id, ClusterStatus::Running).await;
        if random.random_bool(0.5) {
            heard(|| person.client.stop_cluster(id)).await;
            failed += rest(person, id, ClusterStatus::Stopped).await;
            heard(|| person.client.start_cluster(id)).await;
            failed += rest(person, id, ClusterStatus::Running).await;
        }
    }
    heard(|| person.client.delete_cluster(id)).await;
    rest(person, id, ClusterStatus::Deleted).await;
    End { failed }
}

/// Asks until there is a cluster of this name: an answer that is lost may have been a yes.
async fn create(person: &Person, name: &str) -> ClusterId {
    eventually(PATIENCE, || async {
        match person
            .client
            .create_cluster(&CreateCluster::named(name))
            .await
        {
            Ok(accepted) => Some(accepted.cluster.id),
            Err(_) => named(person, name).await.map(|cluster| cluster.id),
        }
    })
    .await
}

async fn named(person: &Person, name: &str) -> Option<Cluster> {
    let page = person.client.clusters(&[("name", name)]).await.ok()?.0;
    page.items.into_iter().next()
}

/// Says it until it is heard.
async fn heard<T, F: Future<Output = Result<T, Error>>>(mut say: impl FnMut() -> F) {
    let mut last = String::new();
    let heard = tokio::time::timeout(PATIENCE, async {
        while let Err(error) = say().await {
            last = error.to_string();
            sleep(AGAIN).await;
        }
    });
    assert!(heard.await.is_ok(), "not heard: {last}");
}

/// Waits until a cluster is so, retrying what failed; gives how often something failed.
async fn rest(person: &Person, id: ClusterId, status: ClusterStatus) -> u32 {
    let failed = std::cell::Cell::new(0);
    eventually(PATIENCE, || async {
        let cluster = person.client.cluster(id).await.ok()?;
        if cluster.status == ClusterStatus::Error {
            let id = id.to_string();
            let tasks = person.client.tasks(&[("cluster_id", &id)]).await.ok()?;
            person
                .client
                .retry_task(tasks.items.first()?.id, None)
                .await
                .ok()?;
            failed.set(failed.get() + 1);
        }
        (cluster.status == status).then_some(())
    })
    .await;
    failed.get()
}
