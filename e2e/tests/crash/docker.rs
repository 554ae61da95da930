//! The worker's points of create and delete, on the Docker engine: many deaths in one life.

use std::{path::PathBuf, time::Duration};

use domain::ClusterId;
use e2e::{
    labs,
    rig::{Rig, check},
};
use testkit::{Nats, Postgres, eventually};

use crate::lane::{Lane, Phase};

/// What lies in wait in a create, one after the other, and then in the delete. Between two of them a
/// step is finished often enough for the task not to be given up.
const LIVES: [(&[&str], &[&str]); 2] = [
    (
        &[
            "worker.prepare.before",
            "worker.prepare.half",
            "worker.prepare.after",
            "worker.create.before",
            "worker.create.after",
        ],
        &[
            "worker.remove.before",
            "worker.remove.half",
            "worker.remove.after",
        ],
    ),
    (
        &[
            "worker.acquire.answered",
            "worker.acquire.kept",
            "worker.start.before",
            "worker.start.after",
            "worker.ready.before",
            "worker.ready.after",
        ],
        &[
            "worker.report.began.before",
            "worker.report.began.after",
            "worker.report.ended.before",
            "worker.report.ended.after",
        ],
    ),
];
const REST: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_worker_that_dies_at_each_point_of_create_and_delete_leaves_one_lab_and_then_none() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("crash-docker");
    let _ = std::fs::remove_dir_all(&folder);
    let nats = Nats::start();
    let rig = Rig::new(folder, Postgres::database().await, &nats, "docker");
    let mut lane = Lane::open(rig, nats, "docker").await;
    for (number, (create, delete)) in LIVES.into_iter().enumerate() {
        let mut cluster = None;
        let name = format!("crash-{number}");
        die(&mut lane, Phase::Create, &name, &mut cluster, create).await;
        let id = cluster.unwrap();
        assert_eq!(labs::containers(id).len(), 1, "{create:?}");
        die(&mut lane, Phase::Delete, &name, &mut cluster, delete).await;
        assert_eq!(labs::leftovers(id), Vec::<String>::new(), "{delete:?}");
        let tasks = check::tasks(&lane.rig.database).await;
        let expected = ["create completed", "delete completed"];
        assert_eq!(tasks[&id.uuid().to_string()], expected);
    }
    let (database, world) = (&lane.rig.database, lane.rig.world());
    eventually(REST, || async {
        check::amiss(database, &world)
            .await
            .is_empty()
            .then_some(())
    })
    .await;
}

/// One phase with all these deaths in it.
async fn die(
    lane: &mut Lane,
    phase: Phase,
    name: &str,
    cluster: &mut Option<ClusterId>,
    points: &[&str],
) {
    let mut waiting: Vec<String> = points.iter().map(|point| (*point).to_owned()).collect();
    lane.arm(&waiting[0]);
    lane.phase(phase, name, cluster, &mut waiting).await;
    // The last may lie behind what a person sees.
    lane.rest_dies(&mut waiting).await;
}
