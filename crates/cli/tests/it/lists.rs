//! What is listed, what a list is asked for, and words that cannot be meant.

use crate::{
    server::{Server, answer, problem, sample},
    work::{CLUSTER, TASK, labyard, path},
};

#[test]
fn what_cannot_be_meant_is_wrong_usage() {
    let server = Server::start(|_| problem("500 Error", "internal"));
    for arguments in [
        ["cluster", "extend", "demo"].as_slice(),
        &["cluster", "extend", "demo", "2"],
        &["cluster", "extend", "demo", "2h", "--hours", "2"],
        &["cluster", "auto-stop", "demo", "4m"],
        &["cluster", "start", "demo", "--timeout", "soon"],
        &["task", "list", "--status", "gone"],
        &["task", "list", "--kind", "repair"],
        &["task", "watch", "demo"],
        &["with", "--ttl", "1h"],
    ] {
        let said = labyard(&server, arguments);
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
    }
    assert!(server.lines().is_empty());
}

#[test]
fn lists_ask_for_what_is_wanted() {
    let server = Server::start(|request| match path(request) {
        ("GET", path) if path.starts_with("/api/v1/clusters") => {
            answer("200 OK", "", &sample("cluster").to_string())
        }
        ("GET", path) if path.starts_with("/api/v1/timeline") => {
            answer("200 OK", "", &sample("page_of_event").to_string())
        }
        ("GET", path) if path.starts_with("/api/v1/hosts") => {
            answer("200 OK", "", &sample("page_of_host").to_string())
        }
        _ => answer("200 OK", "", &sample("page_of_task").to_string()),
    });
    let list = [
        "task",
        "list",
        "--cluster",
        CLUSTER,
        "--status",
        "failed",
        "--kind",
        "stop",
        "--limit",
        "7",
    ];
    for (arguments, query, word) in [
        (
            list.as_slice(),
            format!("tasks?limit=7&cluster_id={CLUSTER}&status=failed&kind=stop"),
            "in_progress",
        ),
        (
            &["timeline", CLUSTER],
            format!("timeline?cluster_id={CLUSTER}&limit=50"),
            "cluster.changed",
        ),
        (
            &["host", "list"],
            "hosts?limit=200".to_owned(),
            "h0123456789ab",
        ),
    ] {
        let said = labyard(&server, arguments);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains(word), "{said:?}");
        assert_eq!(server.lines().pop(), Some(format!("GET /api/v1/{query}")));
        let said = labyard(&server, &[arguments, &["-o", "json"]].concat());
        serde_json::from_str::<serde_json::Value>(&said.out).unwrap();
    }
}

#[test]
fn a_task_shows_what_its_steps_said() {
    let mut task = sample("task");
    task["steps"][0]["log"] = serde_json::json!(["the volume is there"]);
    let server = Server::start(move |_| answer("200 OK", "", &task.to_string()));
    let said = labyard(&server, &["task", "get", TASK]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for word in ["preparing the host", "4.2s", "the volume is there"] {
        assert!(said.out.contains(word), "{said:?}");
    }
}
