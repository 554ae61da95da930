//! Processes die without warning; what was asked for happens all the same, once.

use std::time::Duration;

use api::cluster::{Accepted, CreateCluster};
use domain::{ClusterStatus, Step};
use e2e::{labs, person::Person, process};
use testkit::eventually;

fn create(name: &str) -> CreateCluster {
    CreateCluster {
        ttl_hours: Some(1.0),
        ..CreateCluster::named(name)
    }
}

async fn until_status(person: &Person, accepted: &Accepted, status: ClusterStatus, within: u64) {
    eventually(Duration::from_secs(within), || async {
        let cluster = person.client.cluster(accepted.cluster.id).await.ok()?;
        assert_ne!(cluster.status, ClusterStatus::Error, "{:?}", cluster.reason);
        (cluster.status == status).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_create_outlives_its_worker() {
    let eve = Person::register("worker").await;
    let accepted = eve
        .client
        .create_cluster(&create("survivor"))
        .await
        .unwrap();
    eventually(Duration::from_secs(30), || async {
        let task = eve.client.task(accepted.task.id).await.ok()?;
        assert!(
            !task.status.ended(),
            "the create was over before its worker could be killed"
        );
        task.steps
            .iter()
            .any(|step| step.step == Step::Start && step.ended_at.is_some())
            .then_some(())
    })
    .await;
    let before = eve.client.task(accepted.task.id).await.unwrap();
    let old = process::pids("provisioner-worker");
    process::kill("provisioner-worker");
    process::replaced("provisioner-worker", &old).await;
    let taken = eventually(Duration::from_secs(5), || async {
        let task = eve.client.task(accepted.task.id).await.ok()?;
        (task.attempt > before.attempt).then_some(task)
    })
    .await;
    assert!(taken.attempt > before.attempt);

    until_status(&eve, &accepted, ClusterStatus::Running, 60).await;
    assert_eq!(labs::containers(accepted.cluster.id).len(), 1);

    eve.client
        .delete_cluster(accepted.cluster.id)
        .await
        .unwrap();
    until_status(&eve, &accepted, ClusterStatus::Deleted, 60).await;
    assert_eq!(labs::leftovers(accepted.cluster.id), Vec::<String>::new());
}

#[tokio::test]
async fn a_delete_in_the_middle_of_a_create_leaves_nothing() {
    let fay = Person::register("delete").await;
    let accepted = fay.client.create_cluster(&create("short")).await.unwrap();
    eventually(Duration::from_secs(30), || async {
        (!labs::leftovers(accepted.cluster.id).is_empty()).then_some(())
    })
    .await;
    let first = fay
        .client
        .delete_cluster(accepted.cluster.id)
        .await
        .unwrap();
    let second = fay
        .client
        .delete_cluster(accepted.cluster.id)
        .await
        .unwrap();
    assert_eq!(first.task.id, second.task.id);
    until_status(&fay, &accepted, ClusterStatus::Deleted, 60).await;
    assert_eq!(labs::leftovers(accepted.cluster.id), Vec::<String>::new());
}
