//! Waiting for a cluster: by events, across lost connections, asking for the cluster once at the end.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::{
    Home,
    server::{Request, Server, answer, problem, sample},
};

const ID: &str = "clu_01930000000070008000000000000005";
const FIRST: &str = "0000000a-41";
const SECOND: &str = "0000000a-42";
const THIRD: &str = "0000000a-43";

fn running() -> String {
    let mut event = sample("event");
    event["status"] = "RUNNING".into();
    event.to_string()
}

fn cluster(status: &str) -> String {
    let mut cluster = sample("cluster");
    cluster["status"] = status.into();
    cluster.to_string()
}

/// A connection that ends after these frames.
fn frames(text: &str) -> String {
    answer("200 OK", "content-type: text/event-stream\r\n", text)
}

#[test]
fn a_lost_stream_goes_on_from_where_it_was() {
    let connections = AtomicUsize::new(0);
    let server = Server::start(move |request: &Request| {
        let line = request.line.as_str();
        if line == "POST /api/v1/clusters" {
            let position = format!("labyard-position: {FIRST}\r\n");
            return answer("202 Accepted", &position, &sample("accepted").to_string());
        }
        if line == format!("GET /api/v1/clusters/{ID}") {
            return answer("200 OK", "", &cluster("RUNNING"));
        }
        match connections.fetch_add(1, Ordering::SeqCst) {
            0 => answer("502 Bad Gateway", "", "<html>"),
            1 => frames(&format!(
                "event: ready\nid: {FIRST}\ndata: {{}}\n\nid: {SECOND}\ndata: {}\n\n",
                sample("event")
            )),
            _ => frames(&format!("id: {THIRD}\ndata: {}\n\n", running())),
        }
    });
    let said = Home::empty().labyard_with_token(&[
        "cluster",
        "create",
        "--name",
        "demo",
        "--server",
        &server.url,
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("RUNNING"), "{said:?}");
    let events = |cursor: &str| format!("GET /api/v1/events?since={cursor}");
    let expected = [
        "POST /api/v1/clusters".to_owned(),
        events(FIRST),
        events(FIRST),
        events(SECOND),
        format!("GET /api/v1/clusters/{ID}"),
    ];
    assert_eq!(server.lines(), expected);
}

#[test]
fn an_end_that_could_not_be_read_is_seen_again() {
    let connections = AtomicUsize::new(0);
    let reads = AtomicUsize::new(0);
    let server = Server::start(move |request: &Request| {
        let line = request.line.as_str();
        if line == "POST /api/v1/clusters" {
            return answer("202 Accepted", "", &sample("accepted").to_string());
        }
        if line == format!("GET /api/v1/clusters/{ID}") {
            return match reads.fetch_add(1, Ordering::SeqCst) {
                0 | 2 => problem("503 Unavailable", "unavailable"),
                1 => answer("200 OK", "", &cluster("PROVISIONING")),
                _ => answer("200 OK", "", &cluster("RUNNING")),
            };
        }
        match connections.fetch_add(1, Ordering::SeqCst) {
            0 => frames(&format!("event: ready\nid: {FIRST}\ndata: {{}}\n\n")),
            1 => frames(&format!(
                "event: ready\nid: {SECOND}\ndata: {{}}\n\nid: {THIRD}\ndata: {}\n\n",
                running()
            )),
            _ => frames(&format!("id: {THIRD}\ndata: {}\n\n", running())),
        }
    });
    let said = Home::empty().labyard_with_token(&[
        "cluster",
        "create",
        "--name",
        "demo",
        "--server",
        &server.url,
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let get = format!("GET /api/v1/clusters/{ID}");
    let expected = [
        "POST /api/v1/clusters",
        "GET /api/v1/events",
        &get,
        "GET /api/v1/events",
        &get,
        &get,
        &format!("GET /api/v1/events?since={SECOND}"),
        &get,
    ];
    assert_eq!(server.lines(), expected);
}

#[test]
fn what_runs_already_is_not_waited_for() {
    let server = Server::start(|_| {
        let mut accepted = sample("accepted");
        accepted["cluster"]["status"] = "RUNNING".into();
        answer("202 Accepted", "", &accepted.to_string())
    });
    let said = Home::empty().labyard_with_token(&[
        "cluster",
        "create",
        "--name",
        "demo",
        "--server",
        &server.url,
    ]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(server.lines(), ["POST /api/v1/clusters"]);
}

#[test]
fn events_go_on_after_a_lost_connection_until_they_are_refused() {
    let connections = AtomicUsize::new(0);
    let server = Server::start(move |_| match connections.fetch_add(1, Ordering::SeqCst) {
        0 => frames(&format!("id: {FIRST}\ndata: {}\n\n", running())),
        1 => answer("502 Bad Gateway", "", "<html>"),
        2 => frames(&format!("id: {SECOND}\ndata: {}\n\n", running())),
        _ => problem("403 Forbidden", "forbidden"),
    });
    let said = Home::empty().labyard_with_token(&["events", "-o", "json", "--server", &server.url]);
    assert_eq!(
        (said.code, said.out.lines().count()),
        (Some(5), 2),
        "{said:?}"
    );
    let hint = format!("labyard events --since {SECOND}");
    assert!(said.err.contains(&hint), "{said:?}");
    assert!(
        said.err.contains("Reconnecting from the last event"),
        "{said:?}"
    );
    let since = |cursor: &str| format!("GET /api/v1/events?since={cursor}");
    let expected = [
        "GET /api/v1/events".to_owned(),
        since(FIRST),
        since(FIRST),
        since(SECOND),
    ];
    assert_eq!(server.lines(), expected);
}

#[test]
fn events_end_when_their_reader_left() {
    let server = Server::start(|_| frames(&format!("id: {FIRST}\ndata: {}\n\n", running())));
    let arguments = ["events", "-o", "json", "--server", &server.url];
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let left = Home::empty()
        .command()
        .env("LABYARD_TOKEN", "t")
        .args(arguments)
        .stdout(writer)
        .status()
        .unwrap();
    assert_eq!(left.code(), Some(0));
}
