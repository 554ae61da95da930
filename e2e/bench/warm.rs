//! A create that the warm pool answers: from the POST to the answer, which says RUNNING.

use std::time::{Duration, Instant};

use domain::ClusterStatus;
use e2e::person::Person;

use crate::{
    create::{delete, wanted},
    figure::{Figure, percentile},
};

const CLAIMS: usize = 24;
const REFILL: Duration = Duration::from_secs(120);

pub(crate) async fn claims(person: &Person, pool: u32) -> Option<Figure> {
    let mut millis = Vec::new();
    while millis.len() < CLAIMS {
        full(person, pool).await;
        for number in 0..pool {
            let began = Instant::now();
            let wanted = wanted(&format!("warm-{number}"));
            let accepted = person.client.create_cluster(&wanted).await.unwrap();
            let took = began.elapsed().as_secs_f64() * 1000.0;
            assert_eq!(
                accepted.cluster.status,
                ClusterStatus::Running,
                "from the pool"
            );
            millis.push(took);
            delete(person, accepted.cluster.id).await;
        }
    }
    println!("warm claim: p50 {:.1} ms", percentile(&millis, 0.5));
    let p99 = percentile(&millis, 0.99);
    Some(Figure::plain("warm", "ms, p99", p99, 500.0, 300.0, millis))
}

/// Waits until every host has as many warm clusters as it wants. The bench's person is the first to
/// register on its stack, and so its administrator.
async fn full(person: &Person, pool: u32) {
    testkit::eventually(REFILL, || async {
        let hosts = person.client.hosts().await.ok()?.items;
        let ready = hosts.iter().all(|host| host.pool.ready >= pool);
        (ready && !hosts.is_empty()).then_some(())
    })
    .await;
}
