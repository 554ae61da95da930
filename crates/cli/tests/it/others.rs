//! Logins without a password: by a device's code, by a pipeline's token.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::{
    Home, Said, said,
    server::{Request, Server, answer, problem, sample},
};

const TRUST: &str = "tru_01930000000070008000000000000001";

fn begun() -> String {
    let begun = json!({ "device_code": "kept", "user_code": "BCDF-GHJK", "expires_in": 600, "interval": 1,
        "verification_uri": "http://labs/device", "verification_uri_complete": "http://labs/device#BCDF-GHJK" });
    answer("200 OK", "", &begun.to_string())
}

/// A server that answers the polls of a device with these, and the last of them for ever.
fn deciding(polls: Vec<String>) -> Server {
    let polled = AtomicUsize::new(0);
    Server::start(move |request: &Request| match request.line.as_str() {
        "POST /api/v1/auth/device" => begun(),
        "POST /api/v1/auth/token" => {
            let now = polled.fetch_add(1, Ordering::Relaxed);
            polls[now.min(polls.len() - 1)].clone()
        }
        _ => answer("200 OK", "", &sample("me").to_string()),
    })
}

fn tokens() -> String {
    answer("200 OK", "", &sample("tokens").to_string())
}

fn log_in(home: &Home, server: &Server, more: &[&str]) -> Said {
    home.labyard(&[&["auth", "login", "--server", &server.url], more].concat())
}

#[test]
fn a_device_shows_its_code_and_waits_until_it_is_let_in() {
    let pending = problem("400 Bad Request", "authorization_pending");
    let server = deciding(vec![pending, tokens()]);
    let home = Home::empty();
    let said = log_in(&home, &server, &["--device"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for part in [
        "BCDF-GHJK",
        "http://labs/device",
        "http://labs/device#BCDF-GHJK",
    ] {
        assert!(said.err.contains(part), "{said:?}");
    }
    assert!(
        !said.err.contains("kept"),
        "the device's own code is nobody's to see"
    );
    let asked = server.asked();
    assert!(asked[0].body.contains("labyard"), "{asked:?}");
    assert!(asked[1].body.contains("device_code=kept"), "{asked:?}");
    let kept = std::fs::read_to_string(home.config_file()).unwrap();
    assert!(kept.contains("family.n.mac"));
}

#[test]
fn a_device_that_is_refused_says_so() {
    for code in ["access_denied", "expired_token"] {
        let home = Home::empty();
        let server = deciding(vec![problem("400 Bad Request", code)]);
        let said = log_in(&home, &server, &["--device"]);
        assert_ne!(said.code, Some(0), "{said:?}");
        assert!(!home.config_file().exists());
    }
}

fn of_pipeline(request: &Request) -> String {
    let mut given = sample("tokens");
    given.as_object_mut().unwrap().remove("refresh_token");
    match request.line.as_str() {
        "POST /api/v1/auth/token" => answer("200 OK", "", &given.to_string()),
        line if line.starts_with("GET /runner") => answer(
            "200 OK",
            "",
            &json!({ "value": "of-the-runner" }).to_string(),
        ),
        _ => answer("200 OK", "", &sample("me").to_string()),
    }
}

#[test]
fn a_pipeline_comes_in_by_the_token_that_it_is_given() {
    let server = Server::start(of_pipeline);
    let home = Home::empty();
    let mut command = home.command();
    command.env("LABYARD_CI_TOKEN", "a.b.c\n");
    let said = said(command.args(["auth", "login", "--server", &server.url, "--ci", TRUST]));
    assert_eq!(said.code, Some(0), "{said:?}");
    let body = &server.asked()[0].body;
    for part in ["token-exchange", "subject_token=a.b.c&", TRUST] {
        assert!(body.contains(part), "{body}");
    }
    let kept = std::fs::read_to_string(home.config_file()).unwrap();
    assert!(!kept.contains("refresh_token"), "it ends by itself");
}

#[test]
fn a_runner_is_asked_for_a_token_for_this_server() {
    let server = Server::start(of_pipeline);
    let home = Home::empty();
    let mut command = home.command();
    command.env(
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        format!("{}/runner?x=1", server.url),
    );
    command.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job");
    let said = said(command.args(["auth", "login", "--server", &server.url, "--ci", TRUST]));
    assert_eq!(said.code, Some(0), "{said:?}");
    let asked = server.asked();
    let audience = server.url.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(
        asked[0].line,
        format!("GET /runner?x=1&audience={audience}")
    );
    assert_eq!(asked[0].token, "of-the-job");
    assert!(
        asked[1].body.contains("subject_token=of-the-runner"),
        "{asked:?}"
    );
}

#[test]
fn the_help_names_every_way_and_none_is_mixed_with_another() {
    let home = Home::empty();
    let help = home.labyard(&["auth", "login", "--help"]);
    for way in [
        "--device",
        "--ci",
        "--password-stdin",
        "LABYARD_CI_TOKEN",
        "LABYARD_TOKEN",
    ] {
        assert!(help.out.contains(way), "{way}: {help:?}");
    }
    let mixed = home.labyard(&["auth", "login", "--device", "--email", "a@b.c"]);
    assert_eq!(mixed.code, Some(2), "{mixed:?}");
    let nothing = home.labyard(&[
        "auth",
        "login",
        "--server",
        "http://127.0.0.1:9",
        "--ci",
        TRUST,
    ]);
    assert_eq!(nothing.code, Some(2), "{nothing:?}");
    assert!(nothing.err.contains("LABYARD_CI_TOKEN"), "{nothing:?}");
}
