//! `labyard why`: of which thing what is asked, and that the answer leads to the documentation.

use crate::{
    Home, Said,
    server::{Request, Server, answer, problem, sample},
    work::{CLUSTER, TASK},
};

const HOST: &str = "h0123456789ab";

fn ok(name: &str) -> String {
    answer("200 OK", "", &sample(name).to_string())
}

fn empty(name: &str) -> String {
    let mut page = sample(name);
    page["items"] = serde_json::json!([]);
    page["next_cursor"] = serde_json::Value::Null;
    answer("200 OK", "", &page.to_string())
}

fn why(server: &Server, arguments: &[&str]) -> Said {
    Home::empty().labyard_with_token(&[&["why"], arguments, &["--server", &server.url]].concat())
}

fn everything(request: &Request) -> String {
    let path = request.line.trim_start_matches("GET /api/v1/");
    match path {
        _ if path.starts_with("clusters?") => empty("page_of_cluster"),
        _ if path.starts_with("clusters/") => ok("cluster"),
        _ if path.starts_with("tasks?") => ok("page_of_task"),
        _ if path.starts_with("tasks/") => ok("task"),
        _ if path.starts_with("hosts") => ok("page_of_host"),
        _ => ok("installation"),
    }
}

#[test]
fn a_cluster_a_task_and_a_host_are_told_apart() {
    let server = Server::start(everything);
    for (what, kind) in [(CLUSTER, "cluster"), (TASK, "task"), (HOST, "host")] {
        let said = why(&server, &[what]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
        assert!(said.out.starts_with(kind), "{said:?}");
        let docs = format!("{}/docs/errors#", server.url);
        assert!(said.out.contains(&docs), "{said:?}");

        let said = why(&server, &[what, "-o", "json"]);
        let answer: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(answer["kind"], kind);
        assert!(!answer["points"].as_array().unwrap().is_empty());
    }
}

#[test]
fn the_newest_deleted_cluster_of_a_name_is_found() {
    let server = Server::start(|request| {
        if !request.line.contains("include=deleted") {
            return everything(request);
        }
        let mut page = sample("page_of_cluster");
        page["items"][0]["status"] = "DELETED".into();
        page["items"][0]["reason"] = serde_json::json!({
            "code": "expired", "message": "Its time was up.", "fix": "Create a new cluster."
        });
        answer("200 OK", "", &page.to_string())
    });
    let said = why(&server, &["demo"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("Its time was up."), "{said:?}");
    assert!(said.out.contains("/docs/errors#expired"), "{said:?}");
}

#[test]
fn hosts_are_for_administrators_and_to_others_no_more_than_a_name() {
    let server = Server::start(|request| match request.line.contains("/hosts") {
        true => problem("403 Forbidden", "forbidden"),
        false => everything(request),
    });
    let said = why(&server, &[HOST]);
    assert_eq!((said.code, said.out.as_str()), (Some(4), ""), "{said:?}");
    assert!(said.err.contains(HOST), "{said:?}");
}
