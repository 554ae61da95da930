//! Twenty creates at once, from the first POST to the last RUNNING, against as many bare nodes, as many
//! at a time as a host has slots.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::{Duration, Instant},
};

use domain::{ClusterId, ClusterStatus};
use e2e::{machine, person::Person};
use futures_util::future::join_all;

use crate::{
    bare::Bare,
    create::{delete, settled_within, wanted},
    figure::Figure,
};

const LABS: u8 = 20;
/// As many as one workspace may have.
const EACH: u8 = 10;
const SLOTS: usize = 4;
const ALL_RUNNING: Duration = Duration::from_secs(600);

pub(crate) async fn creates() -> Option<Figure> {
    let labs = u8::try_from(machine::labs_at_once())
        .unwrap_or(LABS)
        .min(LABS);
    if labs < LABS {
        println!("the machine has memory for {labs} labs at once: measured with these");
    }
    let ours = ours(labs).await;
    let bare = tokio::task::spawn_blocking(move || bare(labs))
        .await
        .unwrap();
    Some(Figure::ratio("queue", vec![ours], vec![bare], 1.3, 1.1))
}

async fn ours(labs: u8) -> f64 {
    let people = [
        Person::register("queue-a").await,
        Person::register("queue-b").await,
    ];
    let names: Vec<String> = (0..labs).map(|number| format!("lab-{number}")).collect();
    let owned: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(number, name)| (&people[number / usize::from(EACH)], name))
        .collect();
    let began = Instant::now();
    let ids: Vec<ClusterId> = join_all(owned.iter().map(async |(person, name)| {
        person
            .client
            .create_cluster(&wanted(name))
            .await
            .unwrap()
            .cluster
            .id
    }))
    .await;
    let running = owned.iter().zip(&ids).map(async |((person, _), id)| {
        settled_within(person, *id, ClusterStatus::Running, ALL_RUNNING).await;
    });
    join_all(running).await;
    let seconds = began.elapsed().as_secs_f64();
    join_all(
        owned
            .iter()
            .zip(&ids)
            .map(async |((person, _), id)| delete(person, *id).await),
    )
    .await;
    seconds
}

fn bare(labs: u8) -> f64 {
    let next = AtomicU8::new(0);
    let began = Instant::now();
    let (seconds, made) = std::thread::scope(|scope| {
        let hands: Vec<_> = (0..SLOTS)
            .map(|_| {
                scope.spawn(|| {
                    let mut made = Vec::new();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= labs {
                            return made;
                        }
                        made.push(Bare::start(number).0);
                    }
                })
            })
            .collect();
        let made: Vec<Vec<Bare>> = hands.into_iter().map(|hand| hand.join().unwrap()).collect();
        (began.elapsed().as_secs_f64(), made)
    });
    drop(made);
    seconds
}
