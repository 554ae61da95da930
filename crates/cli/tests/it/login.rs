//! A kept login: refreshed when it ran out, kept when nobody could say so, shown to its server alone.

use std::{fs, process::Stdio};

use crate::{
    Home,
    server::{Request, Server, answer, problem, sample},
};

/// Knows the token that a refresh gives.
fn refreshing(request: &Request) -> String {
    match (request.line.as_str(), request.token.as_str()) {
        ("POST /api/v1/auth/refresh", _) => answer("200 OK", "", &sample("tokens").to_string()),
        (_, "header.claims.signature") => answer("200 OK", "", &sample("me").to_string()),
        _ => problem("401 Unauthorized", "unauthenticated"),
    }
}

#[test]
fn a_token_that_ran_out_is_refreshed_and_kept() {
    let server = Server::start(refreshing);
    let home = Home::logged_in(&server.url);
    for _ in 0..2 {
        let said = home.labyard(&["auth", "whoami"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert!(said.out.contains("anna@example.org"), "{said:?}");
    }
    let kept = fs::read_to_string(home.config_file()).unwrap();
    assert!(kept.contains("header.claims.signature") && kept.contains("family.n.mac"));
    let refreshes = server
        .lines()
        .iter()
        .filter(|line| line.ends_with("/refresh"))
        .count();
    assert_eq!(refreshes, 1);
}

#[test]
fn of_many_at_once_one_refreshes() {
    let server = Server::start(refreshing);
    let home = Home::logged_in(&server.url);
    let children: Vec<_> = (0..8)
        .map(|_| {
            let mut command = home.command();
            command.args(["auth", "whoami"]).stdout(Stdio::null());
            command.spawn().unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    let lines = server.lines();
    let refreshes = lines.iter().filter(|line| line.ends_with("/refresh"));
    assert_eq!(refreshes.count(), 1, "{lines:?}");
}

#[test]
fn a_refresh_that_nobody_answers_is_no_end_of_the_login() {
    let server = Server::start(|request| match request.line.as_str() {
        "POST /api/v1/auth/refresh" => problem("503 Unavailable", "unavailable"),
        _ => problem("401 Unauthorized", "unauthenticated"),
    });
    let home = Home::logged_in(&server.url);
    let before = fs::read_to_string(home.config_file()).unwrap();
    let said = home.labyard(&["auth", "whoami"]);
    assert_eq!(said.code, Some(6), "{said:?}");
    assert_eq!(fs::read_to_string(home.config_file()).unwrap(), before);
}

#[test]
fn no_other_server_sees_the_token() {
    let other = Server::start(refreshing);
    let home = Home::logged_in("http://127.0.0.1:9");
    let said = home.labyard(&["auth", "whoami", "--server", &other.url]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(other.asked().is_empty(), "{:?}", other.asked());
}

#[test]
fn a_new_login_goes_where_the_last_one_was() {
    let server = Server::start(refreshing_or_giving);
    let home = Home::logged_in(&server.url);
    let said = home.labyard_told(
        &["auth", "login", "--email", "a@b.c", "--password-stdin"],
        "long enough\n",
    );
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(server.lines(), ["POST /api/v1/auth/token"]);
    assert!(said.err.contains(&server.url), "{said:?}");
}

fn refreshing_or_giving(request: &Request) -> String {
    match request.line.as_str() {
        "POST /api/v1/auth/token" => answer("200 OK", "", &sample("tokens").to_string()),
        "POST /api/v1/auth/logout" => answer("204 No Content", "", ""),
        _ => refreshing(request),
    }
}

#[test]
fn a_logout_forgets_its_own_login_alone() {
    let server = Server::start(refreshing_or_giving);
    let home = Home::logged_in(&server.url);
    let logout = &["auth", "logout"];

    let elsewhere = home.labyard(&[logout, ["--server", "http://127.0.0.1:9"].as_slice()].concat());
    assert_eq!(elsewhere.code, Some(0), "{elsewhere:?}");
    assert!(home.config_file().exists());
    let own = home.labyard(logout);
    assert_eq!(own.code, Some(0), "{own:?}");
    assert!(!home.config_file().exists());
    let tokens: Vec<String> = server
        .asked()
        .into_iter()
        .map(|asked| asked.token)
        .collect();
    assert_eq!(tokens, ["old"]);
    // Without it some proxies pass the request on in a form that the server refuses.
    assert!(server.asked().iter().all(|asked| asked.length == Some(0)));
}

#[test]
fn a_logout_that_the_server_did_not_hear_is_forgotten_and_no_success() {
    let server = Server::start(|_| problem("503 Unavailable", "unavailable"));
    let home = Home::logged_in(&server.url);
    let said = home.labyard(&["auth", "logout"]);
    assert_eq!(said.code, Some(6), "{said:?}");
    assert!(said.err.contains("not on the server"), "{said:?}");
    assert!(!home.config_file().exists());
}
