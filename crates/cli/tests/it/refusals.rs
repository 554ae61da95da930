//! Every way to fail has its exit code, and says what to do next on standard error alone.

use crate::{
    Home,
    server::{Server, answer, problem, sample},
};

const LIST: &[&str] = &["cluster", "list"];

#[test]
fn who_is_not_logged_in_is_told_how() {
    let said = Home::empty().labyard(LIST);
    assert_eq!((said.code, said.out.as_str()), (Some(3), ""), "{said:?}");
    assert!(said.err.contains("labyard auth login"), "{said:?}");
}

#[test]
fn who_cannot_be_asked_is_told_what_to_give() {
    let said = Home::empty().labyard(&["auth", "login"]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("--password-stdin"), "{said:?}");
}

#[test]
fn each_answer_has_its_exit_code() {
    for (answer, code, word) in [
        (
            problem("401 Unauthorized", "unauthenticated"),
            3,
            "LABYARD_TOKEN",
        ),
        (problem("404 Not Found", "not_found"), 4, "What to do next."),
        (problem("409 Conflict", "name_taken"), 5, "What to do next."),
        (
            problem("422 Unprocessable", "invalid"),
            2,
            "name: must start with",
        ),
        (
            problem("429 Too Many Requests", "quota_exceeded"),
            9,
            "What to do next.",
        ),
        (
            problem("503 Unavailable", "unavailable"),
            6,
            "0123456789abcdef",
        ),
        (
            problem("400 Bad Request", "of_next_year"),
            5,
            "What happened here.",
        ),
        (answer("502 Bad Gateway", "", "<html>"), 6, "502"),
        (answer("200 OK", "", "<html>"), 6, "200"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".into(),
            6,
            "doesn't answer",
        ),
    ] {
        let server = Server::start(move |_| answer.clone());
        let said = Home::empty().labyard_with_token(&[LIST, &["--server", &server.url]].concat());
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{said:?}");
        assert!(said.err.contains(word), "{said:?}");
    }
}

#[test]
fn a_server_that_is_away_is_named() {
    let url = "http://127.0.0.1:9";
    let said = Home::empty().labyard_with_token(&[LIST, &["--server", url]].concat());
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(said.err.contains(url), "{said:?}");
}

#[test]
fn a_name_of_two_clusters_deletes_neither() {
    let (mut page, cluster) = (sample("page_of_cluster"), sample("cluster"));
    let mut other = cluster.clone();
    other["id"] = "clu_01930000000070008000000000000099".into();
    page["items"] = vec![cluster, other].into();
    let body = page.to_string();
    let server = Server::start(move |_| answer("200 OK", "", &body));
    let said =
        Home::empty().labyard_with_token(&["cluster", "delete", "demo", "--server", &server.url]);
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(
        said.err.contains("clu_01930000000070008000000000000099"),
        "{said:?}"
    );
    assert!(!server.lines().iter().any(|line| line.starts_with("DELETE")));
}

#[test]
fn a_server_without_a_scheme_is_wrong_usage() {
    let said = Home::empty().labyard_with_token(&[LIST, &["--server", "localhost:3000"]].concat());
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("http://"), "{said:?}");
}

#[test]
fn an_empty_variable_is_none() {
    let mut page = sample("page_of_cluster");
    page["next_cursor"] = serde_json::Value::Null;
    let body = page.to_string();
    let server = Server::start(move |_| answer("200 OK", "", &body));
    let home = Home::logged_in(&server.url);
    let mut command = home.command();
    command.env("LABYARD_SERVER", "").env("LABYARD_TOKEN", "");
    assert!(command.args(LIST).status().unwrap().success());
    assert_eq!(server.asked()[0].token, "old");
}

#[test]
fn a_list_without_end_is_given_up() {
    let body = sample("page_of_cluster").to_string();
    let server = Server::start(move |_| answer("200 OK", "", &body));
    let said = Home::empty().labyard_with_token(&[LIST, &["--server", &server.url]].concat());
    assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
    assert!(said.err.contains("100 pages"), "{said:?}");
}
