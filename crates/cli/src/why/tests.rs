//! What is said of things in each of their states.
#![allow(clippy::unwrap_used)]

use api::{
    cluster::Cluster,
    host::{Host, Installation},
    page::Page,
    task::Task,
};
use serde_json::{Value, json};

use super::{answer::Topic, *};

fn now() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// The published sample with some fields changed.
fn sample<T: serde::de::DeserializeOwned>(name: &str, changes: Value) -> T {
    let path = format!(
        "{}/../../proto/samples/{}/{name}.json",
        env!("CARGO_MANIFEST_DIR"),
        env!("CARGO_PKG_VERSION")
    );
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    for (field, change) in changes.as_object().unwrap() {
        value[field] = change.clone();
    }
    serde_json::from_value(value).unwrap()
}

fn topics(answer: &Answer) -> Vec<Topic> {
    answer.points.iter().map(|point| point.topic).collect()
}

#[test]
fn who_waits_learns_the_place_and_when_it_begins() {
    let task: Task = sample(
        "task",
        json!({"status": "pending", "queue": {"position": 3, "wait_secs": 95}}),
    );
    let cluster: Cluster = sample("cluster", json!({"expires_at": "2026-11-20T14:00:00Z"}));
    let answer = cluster::answer(&cluster, Some(&task), now());
    assert_eq!(
        topics(&answer),
        [Topic::Waiting, Topic::Waiting, Topic::Expiring]
    );
    let text = answer.text().join("\n");
    for word in [
        "What happened here.",
        "What to do next.",
        "number 3",
        "about 1m",
        "in 2h 0m",
    ] {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn a_failure_names_who_can_do_something_and_whether_to_try_again() {
    let cluster: Cluster = sample("cluster", json!({"status": "ERROR"}));
    for (by, retryable, word) in [
        ("platform", true, "labyard task retry"),
        ("platform", false, "won't help"),
        ("user", false, "The request can't work"),
    ] {
        let failure = json!({"by": by, "retryable": retryable});
        let task: Task = sample("task", json!({"status": "failed", "failure": failure}));
        let text = cluster::answer(&cluster, Some(&task), now())
            .text()
            .join("\n");
        assert!(text.contains(word), "{text}");
        // The cluster's reason is the task's and is said once.
        assert_eq!(text.matches("What happened here.").count(), 1, "{text}");
    }
}

#[test]
fn what_nobody_uses_says_since_when_and_what_follows() {
    let idle = json!({
        "since": "2026-11-20T11:40:00Z", "because": "exec", "stops_at": "2026-11-20T12:10:00Z"
    });
    let cluster: Cluster = sample(
        "cluster",
        json!({"status": "RUNNING", "reason": null, "idle": idle}),
    );
    let answer = cluster::answer(&cluster, None, now());
    assert_eq!(topics(&answer), [Topic::Well, Topic::Idle, Topic::Expiring]);
    let text = answer.text().join("\n");
    assert!(text.contains("(exec)") && text.contains("in 10m"), "{text}");
}

#[test]
fn silence_comes_first_and_the_dead_are_not_unreachable() {
    let changes = |status| json!({"status": status, "reason": null, "health": "UNREACHABLE"});
    let cluster: Cluster = sample("cluster", changes("RUNNING"));
    let answer = cluster::answer(&cluster, None, now());
    assert_eq!(answer.points[0].code, Some(Code::HostUnreachable));
    let cluster: Cluster = sample("cluster", changes("DELETED"));
    let answer = cluster::answer(&cluster, None, now());
    assert_eq!(topics(&answer), [Topic::Ended]);
}

#[test]
fn each_end_and_each_stop_has_its_reason() {
    for (status, code, topic) in [
        ("STOPPED", "idle", Topic::Stopped),
        ("DELETED", "expired", Topic::Ended),
        ("STARTING", "down", Topic::Waiting),
    ] {
        let reason = json!({"code": code, "message": "So it is.", "fix": "Do this."});
        let cluster: Cluster = sample("cluster", json!({"status": status, "reason": reason}));
        let answer = cluster::answer(&cluster, None, now());
        assert_eq!(answer.points[0].topic, topic, "{status}");
        assert_eq!(answer.points[0].fix, "Do this.");
    }
}

#[test]
fn work_that_goes_on_says_at_what_and_where() {
    let steps = json!([{"step": "start", "worker": "w1", "started_at": "2026-11-20T11:59:30Z", "ended_at": null}]);
    let task: Task = sample(
        "task",
        json!({"status": "in_progress", "reason": null, "steps": steps}),
    );
    let cluster: Cluster = sample("cluster", json!({}));
    let answer = task::answer(&task, &cluster, now());
    assert_eq!(answer.status, "in progress");
    let said = &answer.points[0].message;
    assert!(said.contains("for 30s on w1: starting the node."), "{said}");
}

#[test]
fn a_host_says_all_that_is_wrong_with_it() {
    let page: Page<Host> = sample("page_of_host", json!({}));
    let mut host = page.items[0].clone();
    let mut installation: Installation = sample("installation", json!({}));
    host.reachable = false;
    host.checks[0].ok = false;
    let answer = host::answer(&host, &installation);
    assert_eq!(
        topics(&answer),
        [
            Topic::Unreachable,
            Topic::Refused,
            Topic::Refused,
            Topic::Failed,
            Topic::LeftOver
        ]
    );
    host.reachable = true;
    host.full = None;
    host.checks.clear();
    host.ledger.clear();
    installation.locked = None;
    let answer = host::answer(&host, &installation);
    assert_eq!(topics(&answer), [Topic::Well]);
}
