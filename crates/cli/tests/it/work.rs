//! The verbs of work: what they ask for, under which key, and how they end.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    Home, Said,
    server::{Request, Server, answer, problem, sample},
};

pub(crate) const CLUSTER: &str = "clu_01930000000070008000000000000005";
pub(crate) const TASK: &str = "task_01930000000070008000000000000006";

/// An answer for whatever takes long, that is done already.
pub(crate) fn done(kind: &str, status: &str) -> String {
    let mut accepted = sample("accepted");
    accepted["cluster"]["status"] = status.into();
    accepted["task"]["kind"] = kind.into();
    answer("202 Accepted", "", &accepted.to_string())
}

pub(crate) fn labyard(server: &Server, arguments: &[&str]) -> Said {
    Home::empty().labyard_with_token(&[arguments, &["--server", &server.url]].concat())
}

pub(crate) fn path(request: &Request) -> (&str, &str) {
    let (method, path) = request.line.split_once(' ').unwrap();
    (method, path)
}

#[test]
fn each_verb_asks_for_its_work_under_a_key_and_ends_with_it() {
    for (arguments, line, kind, status) in [
        (
            ["cluster", "start", CLUSTER].as_slice(),
            format!("POST /api/v1/clusters/{CLUSTER}/start"),
            "start",
            "RUNNING",
        ),
        (
            &["cluster", "stop", CLUSTER, "--expect-status", "RUNNING"],
            format!("POST /api/v1/clusters/{CLUSTER}/stop?expect_status=RUNNING"),
            "stop",
            "STOPPED",
        ),
        (
            &["task", "cancel", TASK],
            format!("POST /api/v1/tasks/{TASK}/cancel"),
            "delete",
            "DELETED",
        ),
        (
            &["task", "retry", TASK, "--expect-status", "failed", "--wait"],
            format!("POST /api/v1/tasks/{TASK}/retry?expect_status=failed"),
            "create",
            "RUNNING",
        ),
    ] {
        let server = Server::start(move |request| match path(request) {
            ("GET", _) => answer("200 OK", "", &sample("cluster").to_string()),
            _ => done(kind, status),
        });
        let said = labyard(&server, arguments);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains(status), "{said:?}");
        let asked = server.asked().pop().unwrap();
        assert_eq!(asked.line, line);
        assert_eq!(asked.length, Some(0));
        assert_eq!(asked.key.len(), 32, "{asked:?}");
    }
}

#[test]
fn what_ended_otherwise_is_a_failure_that_says_where_to_look() {
    let server = Server::start(|request| match path(request) {
        ("GET", _) => answer("200 OK", "", &sample("cluster").to_string()),
        _ => done("start", "ERROR"),
    });
    let said = labyard(&server, &["cluster", "start", CLUSTER]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("labyard why"), "{said:?}");
}

#[test]
fn a_lost_answer_is_asked_for_again_with_the_same_key() {
    let requests = AtomicUsize::new(0);
    let server = Server::start(move |_| match requests.fetch_add(1, Ordering::SeqCst) {
        // Heard, and the line is dead.
        0 => String::new(),
        1 => answer("502 Bad Gateway", "", "<html>"),
        2 => problem("503 Unavailable", "unavailable"),
        _ => done("create", "RUNNING"),
    });
    let said = labyard(&server, &["cluster", "create", "--name", "demo"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let keys: Vec<String> = server.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys.len(), 4);
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

/// The kept answer is as old as the first request: its place in the log is not this answer's.
#[test]
fn an_answer_to_a_repeat_is_followed_from_now_and_looked_at() {
    let requests = AtomicUsize::new(0);
    let server = Server::start(move |request| match path(request) {
        ("POST", _) if requests.fetch_add(1, Ordering::SeqCst) == 0 => String::new(),
        ("POST", _) => {
            let late = "labyard-position: 0000000a-99\r\n";
            answer("202 Accepted", late, &sample("accepted").to_string())
        }
        ("GET", "/api/v1/events") => answer(
            "200 OK",
            "content-type: text/event-stream\r\n",
            "event: ready\nid: 0000000a-99\ndata: {}\n\n",
        ),
        _ => {
            let mut cluster = sample("cluster");
            cluster["status"] = "RUNNING".into();
            answer("200 OK", "", &cluster.to_string())
        }
    });
    let said = labyard(&server, &["cluster", "create", "--name", "demo"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let get = format!("GET /api/v1/clusters/{CLUSTER}");
    assert_eq!(server.lines()[2..], ["GET /api/v1/events".to_owned(), get]);
}

#[test]
fn a_login_that_ran_out_on_the_way_does_not_make_another_intent() {
    let server = Server::start(|request| match (path(request), request.token.as_str()) {
        (("POST", "/api/v1/auth/refresh"), _) => {
            answer("200 OK", "", &sample("tokens").to_string())
        }
        (_, "old") => problem("401 Unauthorized", "unauthenticated"),
        _ => done("create", "RUNNING"),
    });
    let said = Home::logged_in(&server.url).labyard(&["cluster", "create", "--name", "demo"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let asked = server.asked();
    assert_eq!(asked.len(), 3);
    assert_eq!(asked[0].key, asked[2].key);
    assert!(asked[1].key.is_empty());
}

#[test]
fn a_refusal_is_said_at_once() {
    let server = Server::start(|_| problem("409 Conflict", "wrong_status"));
    let said = labyard(&server, &["task", "cancel", TASK]);
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(said.err.contains("What to do next."), "{said:?}");
    assert_eq!(server.lines().len(), 1);
}

#[test]
fn spans_are_sent_as_the_api_counts_them() {
    for (arguments, body) in [
        (
            ["cluster", "extend", CLUSTER, "+90m"].as_slice(),
            r#"{"hours":1.5}"#,
        ),
        (
            &["cluster", "extend", CLUSTER, "--hours", "2.5"],
            r#"{"hours":2.5}"#,
        ),
        (
            &["cluster", "auto-stop", CLUSTER, "30m"],
            r#"{"minutes":30}"#,
        ),
        (
            &["cluster", "auto-stop", CLUSTER, "never"],
            r#"{"minutes":null}"#,
        ),
    ] {
        let server = Server::start(|_| answer("200 OK", "", &sample("cluster").to_string()));
        let said = labyard(&server, arguments);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(server.asked().pop().unwrap().body, body);
    }
    let server = Server::start(|_| done("create", "RUNNING"));
    let create = [
        "cluster",
        "create",
        "--name",
        "a",
        "--ttl",
        "2h",
        "--auto-stop",
        "1h",
    ];
    assert_eq!(labyard(&server, &create).code, Some(0));
    let body = server.asked().pop().unwrap().body;
    assert!(body.contains(r#""ttl_hours":2.0"#), "{body}");
    assert!(body.contains(r#""auto_stop_minutes":60"#), "{body}");
}

#[test]
fn a_watched_task_gives_its_end_as_the_exit_code() {
    for (end, code) in [("completed", 0), ("failed", 1), ("cancelled", 7)] {
        let reads = AtomicUsize::new(0);
        let task = move |status: &str| {
            let mut task = sample("task");
            task["status"] = status.into();
            task
        };
        let server = Server::start(move |request| {
            if request.line.ends_with(TASK) {
                let first = reads.fetch_add(1, Ordering::SeqCst) < 2;
                let status = if first { "in_progress" } else { end };
                return answer("200 OK", "", &task(status).to_string());
            }
            let event = |kind: &str, status: &str| {
                let mut event = sample("event");
                event["type"] = kind.into();
                event["data"] = task(status);
                event.to_string()
            };
            // An end of another kind of thing is not this task's.
            let text = format!(
                "event: ready\nid: 0000000a-1\ndata: {{}}\n\nid: 0000000a-2\ndata: {}\n\n\
                 id: 0000000a-3\ndata: {}\n\n",
                event("task.step_ended", "in_progress"),
                event("task.changed", end)
            );
            answer("200 OK", "content-type: text/event-stream\r\n", &text)
        });
        let said = labyard(&server, &["task", "watch", TASK]);
        assert_eq!(said.code, Some(code), "{said:?}");
        assert!(said.out.contains(end), "{said:?}");
        assert!(
            said.err.contains("Creating demo: preparing the host (25%)"),
            "{said:?}"
        );
        let get = format!("GET /api/v1/tasks/{TASK}");
        let expected = [&get, "GET /api/v1/events", &get, &get];
        assert_eq!(server.lines(), expected);
    }
}

#[test]
fn waiting_ends_in_time_and_the_work_goes_on() {
    let server = Server::start(|request| match path(request) {
        ("POST", _) => answer("202 Accepted", "", &sample("accepted").to_string()),
        _ => problem("503 Unavailable", "unavailable"),
    });
    let said = labyard(
        &server,
        &["cluster", "create", "--name", "demo", "--timeout", "1s"],
    );
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("labyard why demo"), "{said:?}");
}
