//! Work that is turned round, stopped, asked about and borrowed, from the terminal.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::Duration,
};

use api::{
    cluster::{Accepted, Cluster},
    page::Page,
};
use domain::ClusterStatus;
use e2e::{
    command::{Said, kubectl, kubectl_program},
    labs,
    person::Person,
};
use testkit::eventually;

use crate::cli::somebody;

const GONE: Duration = Duration::from_secs(60);

fn cluster(person: &Person, name: &str) -> Cluster {
    let json = person.labyard(&["cluster", "get", name, "-o", "json"]).ok();
    serde_json::from_str(&json).unwrap()
}

async fn nothing_is_left(cluster: &Cluster) {
    eventually(GONE, || async {
        labs::leftovers(cluster.id).is_empty().then_some(())
    })
    .await;
}

async fn all(person: &Person) -> Page<Cluster> {
    let query = [("include", "deleted"), ("limit", "200")];
    person.client.clusters(&query).await.unwrap().0
}

#[tokio::test]
async fn what_was_stopped_starts_with_the_same_objects() {
    let gil = somebody("stop").await;
    gil.labyard(&["cluster", "create", "--name", "kept", "--ttl", "1h"])
        .ok();
    let made = cluster(&gil, "kept");
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let fetch = || {
        let text = gil.labyard(&["cluster", "get-kubeconfig", "kept"]).ok();
        fs::write(&config, text).unwrap();
    };
    let uid = || {
        let words = [
            "get",
            "configmap",
            "memory",
            "-o",
            "jsonpath={.metadata.uid}",
        ];
        kubectl(&config, &words).ok()
    };
    fetch();
    kubectl(
        &config,
        &["create", "configmap", "memory", "--from-literal=a=b"],
    )
    .ok();
    let before = uid();

    let stopped = gil.labyard(&["cluster", "stop", "kept"]).ok();
    assert!(stopped.contains("STOPPED"), "{stopped}");
    assert_eq!(labs::containers(made.id).len(), 1, "its container is kept");
    let away = kubectl(&config, &["get", "nodes", "--request-timeout=2s"]);
    assert_ne!(away.code, 0, "{away:?}");
    gil.labyard(&["cluster", "stop", "kept"]).ok();
    let why = gil.labyard(&["why", "kept"]).ok();
    assert!(why.contains("labyard cluster start kept"), "{why}");

    let started = gil.labyard(&["cluster", "start", "kept", "--wait"]).ok();
    assert!(started.contains("RUNNING"), "{started}");
    fetch();
    assert_eq!(uid(), before);
    let kinds = gil
        .labyard(&["task", "list", "--cluster", "kept", "--status", "completed"])
        .ok();
    for kind in ["create", "stop", "start"] {
        assert!(kinds.contains(kind), "{kinds}");
    }
    gil.labyard(&["cluster", "delete", "kept"]).ok();
    nothing_is_left(&made).await;
}

#[tokio::test]
async fn a_cancelled_create_leaves_nothing() {
    let hal = somebody("cancel").await;
    let accepted: Accepted = hal
        .client
        .create_cluster(&api::cluster::CreateCluster::named("never"))
        .await
        .unwrap();
    eventually(Duration::from_secs(30), || async {
        (!labs::leftovers(accepted.cluster.id).is_empty()).then_some(())
    })
    .await;
    let task = accepted.task.id.to_string();
    let cancelled = hal.labyard(&["task", "cancel", &task]).ok();
    assert!(cancelled.contains("DELETED"), "{cancelled}");
    assert_eq!(labs::leftovers(accepted.cluster.id), Vec::<String>::new());

    let watched = hal.labyard(&["task", "watch", &task]);
    assert_eq!(watched.code, 7, "{watched:?}");
    let again = hal.labyard(&["task", "cancel", &task]);
    assert_eq!(again.code, 5, "{again:?}");
    assert!(hal.labyard(&["why", &task]).ok().contains("cancelled"));
}

#[tokio::test]
async fn who_waits_in_the_queue_is_told_the_place() {
    let ivy = somebody("queue").await;
    let names: Vec<String> = (0..8).map(|number| format!("queued-{number}")).collect();
    for name in &names {
        ivy.labyard(&[
            "cluster",
            "create",
            "--name",
            name,
            "--ttl",
            "1h",
            "--no-wait",
        ])
        .ok();
    }
    let last = names.last().unwrap();
    let why = ivy.labyard(&["why", last]).ok();
    assert!(why.contains("in the queue"), "{why}");
    let refused = ivy.labyard(&["cluster", "start", last]);
    assert_eq!(refused.code, 5, "{refused:?}");
    for name in &names {
        ivy.labyard(&["cluster", "delete", name, "--no-wait"]).ok();
    }
    for cluster in all(&ivy).await.items {
        nothing_is_left(&cluster).await;
    }
}

#[tokio::test]
async fn what_will_stop_or_end_says_when_and_what_is_over_what_happened() {
    let lea = somebody("idle").await;
    let create = [
        "cluster",
        "create",
        "--name",
        "quiet",
        "--ttl",
        "1h",
        "--auto-stop",
        "10m",
    ];
    lea.labyard(&create).ok();
    let made = cluster(&lea, "quiet");
    let why = lea.labyard(&["why", "quiet"]).ok();
    assert!(why.contains("Unless somebody uses it"), "{why}");
    lea.labyard(&["cluster", "auto-stop", "quiet", "never"])
        .ok();
    lea.labyard(&["cluster", "extend", "quiet", "+90m"]).ok();
    let why = lea.labyard(&["why", "quiet"]).ok();
    assert!(!why.contains("Unless somebody uses it"), "{why}");
    assert!(why.contains("in 2h"), "{why}");

    lea.labyard(&["cluster", "delete", "quiet"]).ok();
    let timeline = lea.labyard(&["timeline", "quiet"]).ok();
    for word in ["cluster.created", "RUNNING", "DELETED", "delete"] {
        assert!(timeline.contains(word), "{timeline}");
    }
    nothing_is_left(&made).await;
}

/// The one cluster of somebody who has made one with a made-up name.
async fn borrowed(person: &Person) -> Cluster {
    let mut clusters = all(person).await.items;
    assert_eq!(clusters.len(), 1, "{clusters:?}");
    let cluster = clusters.remove(0);
    assert!(cluster.name.starts_with("with-"), "{}", cluster.name);
    cluster
}

#[tokio::test]
async fn a_borrowed_cluster_runs_one_command_and_is_gone() {
    let jon = somebody("with").await;
    let folder = tempfile::tempdir().unwrap();
    let script = "$KUBECTL get nodes && $KUBECTL create configmap a && exit 7";
    let said: Said = e2e::command::run(
        jon.labyard_command(&["with", "--", "sh", "-c", script])
            .env("TMPDIR", folder.path())
            .env("KUBECTL", kubectl_program()),
    );
    assert_eq!(said.code, 7, "{said:?}");
    assert!(said.out.contains("Ready"), "{said:?}");
    let cluster = borrowed(&jon).await;
    assert_eq!(cluster.status, ClusterStatus::Deleted, "{said:?}");
    assert_eq!(labs::leftovers(cluster.id), Vec::<String>::new());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let why = jon.labyard(&["why", &cluster.name]).ok();
    assert!(why.contains("DELETED"), "{why}");
}

#[tokio::test]
async fn a_borrowed_cluster_is_gone_after_an_interrupt_too() {
    let kim = somebody("interrupt").await;
    let folder = tempfile::tempdir().unwrap();
    let script = "trap 'exit 9' INT; cat $KUBECONFIG; while :; do sleep 0.1; done";
    let mut child = kim
        .labyard_command(&["with", "--", "sh", "-c", script])
        .env("TMPDIR", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let ready = out
        .lines()
        .map(Result::unwrap)
        .find(|line| line.contains("current-context"));
    assert!(ready.is_some(), "the command has a kubeconfig");
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(9));
    let cluster = borrowed(&kim).await;
    assert_eq!(cluster.status, ClusterStatus::Deleted);
    assert_eq!(labs::leftovers(cluster.id), Vec::<String>::new());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
