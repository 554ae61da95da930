//! Twenty creates at once on real Docker: all run, none is made twice, the queue's places are those of
//! the handing out, and who comes second is not starved.

use std::{collections::BTreeSet, time::Duration};

use api::{
    cluster::{Cluster, CreateCluster},
    task::Task,
};
use domain::ClusterStatus;
use e2e::{labs, machine, person::Person};
use futures_util::future::join_all;

const LABS: usize = 20;
const ALL_RUNNING: Duration = Duration::from_secs(420);
const ALL_GONE: Duration = Duration::from_secs(180);

async fn ask(person: &Person, number: usize) -> Cluster {
    let wanted = CreateCluster {
        ttl_hours: Some(1.0),
        ..CreateCluster::named(format!("crowd-{number}"))
    };
    person.client.create_cluster(&wanted).await.unwrap().cluster
}

async fn tasks(person: &Person, query: &[(&str, &str)]) -> Vec<Task> {
    person.client.tasks(query).await.unwrap().items
}

#[tokio::test]
async fn twenty_creates_at_once_by_two_organizations() {
    // Half each: as many as one workspace may have.
    let each = machine::labs_at_once().min(LABS) / 2;
    assert!(
        each >= 2,
        "this machine has memory for fewer than four labs"
    );
    let (first, second) = (
        Person::register("first").await,
        Person::register("second").await,
    );
    let people = [&first, &second];
    let mut clusters = Vec::new();
    for person in people {
        clusters.extend(join_all((0..each).map(|number| ask(person, number))).await);
    }
    let mut places = Vec::new();
    for person in people {
        let waiting = tasks(person, &[("status", "pending")]).await;
        places.extend(waiting.iter().filter_map(|task| Some(task.queue?.position)));
    }
    let distinct: BTreeSet<u32> = places.iter().copied().collect();
    assert!(!places.is_empty(), "some wait: there are more than slots");
    // Between the two questions some may have been taken, and those behind have moved up.
    assert!(
        distinct.len() + 4 >= places.len(),
        "places of one queue: {places:?}"
    );
    testkit::eventually(ALL_RUNNING, || async {
        let mut running = 0;
        for person in people {
            let page = person.client.clusters(&[]).await.ok()?.0;
            for cluster in &page.items {
                assert_ne!(cluster.status, ClusterStatus::Error, "{cluster:?}");
                running += usize::from(cluster.status == ClusterStatus::Running);
            }
        }
        (running == clusters.len()).then_some(())
    })
    .await;
    for cluster in &clusters {
        assert_eq!(labs::containers(cluster.id).len(), 1, "{}", cluster.name);
    }
    let mut begun = Vec::new();
    for (index, person) in people.into_iter().enumerate() {
        let done = tasks(person, &[("kind", "create"), ("limit", "200")]).await;
        begun.extend(done.iter().map(|task| (task.started_at.unwrap(), index)));
    }
    begun.sort_unstable_by_key(|(at, _)| *at);
    // The first had four taken before the second had asked; from then on they take turns.
    let halfway = &begun[..each + 2];
    let of_second = halfway.iter().filter(|(_, person)| *person == 1).count();
    assert!(
        of_second * 3 >= halfway.len(),
        "the second has {of_second} of the first {}",
        halfway.len()
    );
    for (index, cluster) in clusters.iter().enumerate() {
        let person = people[index / each];
        person.client.delete_cluster(cluster.id).await.unwrap();
    }
    testkit::eventually(ALL_GONE, || async {
        clusters
            .iter()
            .all(|cluster| labs::leftovers(cluster.id).is_empty())
            .then_some(())
    })
    .await;
}
