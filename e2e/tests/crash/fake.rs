//! Every point in every kind of task, on the fake driver.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crash::POINTS;
use e2e::rig::{Rig, check};
use testkit::{Nats, Postgres, within};

use crate::lane::{Lane, Phase};

/// Rigs at work beside each other: most of the time each waits.
const LANES: usize = 6;
const LIFE: [Phase; 4] = [Phase::Create, Phase::Stop, Phase::Start, Phase::Delete];
/// For the rest of the ledger to go and the log to be written.
const REST: Duration = Duration::from_secs(60);

/// Which time it comes by is meant: a worker tells of its host before it has anything to do.
fn order(point: &str) -> String {
    match point.starts_with("worker.inventory.") {
        true => format!("{point}:3"),
        false => point.to_owned(),
    }
}

#[test]
fn whatever_dies_at_any_point_everything_happens_once() {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..LANES {
            let next = &next;
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread();
                let runtime = { runtime }.enable_all().build().unwrap();
                runtime.block_on(async {
                    let mut lane = lane(number).await;
                    while let Some(point) = POINTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                        one(&mut lane, point).await;
                    }
                });
            });
        }
    });
}

async fn lane(number: usize) -> Lane {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("crash-{number}"));
    let _ = std::fs::remove_dir_all(&folder);
    let nats = Nats::start();
    let rig = Rig::new(folder, Postgres::database().await, &nats, "fake");
    Lane::open(rig, nats, &format!("lane-{number}")).await
}

/// One cluster's life, with the point in wait at the beginning of each task in it.
async fn one(lane: &mut Lane, point: &str) {
    let name = point.replace(['.', '_'], "-");
    let mut cluster = None;
    let mut hits = Vec::new();
    let mut waiting = Vec::new();
    for phase in LIFE {
        if waiting.is_empty() {
            waiting.push(order(point));
            lane.arm(&waiting[0]);
        }
        let hit = lane.phase(phase, &name, &mut cluster, &mut waiting).await;
        hits.extend(hit.iter().map(|_| phase));
    }
    lane.disarm().await;
    assert!(!hits.is_empty(), "{point} was never hit");
    eprintln!("{point}: {hits:?}");
    let id = cluster.unwrap();
    let tasks = check::tasks(&lane.rig.database).await;
    let expected: Vec<String> = LIFE
        .iter()
        .map(|phase| format!("{phase:?} completed").to_lowercase())
        .collect();
    assert_eq!(tasks[&id.uuid().to_string()], expected, "{point}");
    let (database, world) = (&lane.rig.database, lane.rig.world());
    let mut last = Vec::new();
    let rested = within(REST, async {
        loop {
            last = check::amiss(database, &world).await;
            if last.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    })
    .await;
    assert!(rested.is_ok(), "{point}: {last:?}");
}
