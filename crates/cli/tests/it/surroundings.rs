//! What surrounds a command: a token in the environment, a proxy set for the world, what was pasted.

use std::fs;

use crate::{
    Home, Said, said,
    server::{Request, Server, answer, problem, sample},
};

const LIST: &[&str] = &["cluster", "list"];

fn clusters() -> String {
    let mut page = sample("page_of_cluster");
    page["next_cursor"] = serde_json::Value::Null;
    answer("200 OK", "", &page.to_string())
}

fn good(request: &Request) -> String {
    match request.line.as_str() {
        "POST /api/v1/auth/token" => answer("200 OK", "", &sample("tokens").to_string()),
        "GET /api/v1/auth/me" => answer("200 OK", "", &sample("me").to_string()),
        _ => clusters(),
    }
}

/// With this in the environment and, but for what it says, no word of proxies.
fn with(home: &Home, variables: &[(&str, &str)], arguments: &[&str]) -> Said {
    let mut command = home.command();
    command.env_remove("NO_PROXY");
    for name in [
        "http_proxy",
        "HTTP_PROXY",
        "all_proxy",
        "ALL_PROXY",
        "no_proxy",
    ] {
        command.env_remove(name);
    }
    command.envs(variables.iter().copied());
    said(command.args(arguments))
}

#[test]
fn a_token_of_the_environment_is_left_alone_by_a_logout() {
    let server = Server::start(good);
    let home = Home::logged_in(&server.url);
    for more in [[].as_slice(), &["--everywhere", "--yes"]] {
        let logout = [["auth", "logout"].as_slice(), more].concat();
        let said = with(&home, &[("LABYARD_TOKEN", "shared")], &logout);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains("LABYARD_TOKEN"), "{said:?}");
    }
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    assert!(
        home.config_file().exists(),
        "nor is the kept login forgotten"
    );
}

#[test]
fn a_login_says_that_the_variable_wins_and_a_stale_one_is_named() {
    let server = Server::start(|request| match request.token.as_str() {
        "stale" => problem("401 Unauthorized", "unauthenticated"),
        _ => good(request),
    });
    let home = Home::empty();
    let mut command = home.command();
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, b"long enough\n").unwrap();
    drop(writer);
    let login = [
        "auth",
        "login",
        "--email",
        "a@b.c",
        "--password-stdin",
        "--server",
        &server.url,
    ];
    let logged_in = said(
        command
            .args(login)
            .env("LABYARD_TOKEN", "stale")
            .stdin(reader),
    );
    assert_eq!(logged_in.code, Some(0), "{logged_in:?}");
    assert!(
        logged_in.err.contains("LABYARD_TOKEN is set and wins"),
        "{logged_in:?}"
    );

    let list = [LIST, &["--server", &server.url]].concat();
    let stale = with(&home, &[("LABYARD_TOKEN", "stale")], &list);
    assert_eq!(stale.code, Some(3), "{stale:?}");
    assert!(
        stale.err.contains("LABYARD_TOKEN") && !stale.err.contains("Log in:"),
        "{stale:?}"
    );
    assert_eq!(with(&home, &[], &list).code, Some(0));
}

#[test]
fn a_wrong_password_is_no_reason_to_log_in() {
    let server = Server::start(|_| problem("401 Unauthorized", "unauthenticated"));
    let said = Home::empty().labyard_told(
        &[
            "auth",
            "login",
            "--email",
            "a@b.c",
            "--password-stdin",
            "--server",
            &server.url,
        ],
        "wrong\n",
    );
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(!said.err.contains("Log in"), "{said:?}");
}

#[test]
fn another_server_is_named_when_one_is_not_logged_in_there() {
    let home = Home::logged_in("http://127.0.0.1:9");
    let said = home.labyard(&[LIST, &["--server", "http://127.0.0.1:10"]].concat());
    assert_eq!(said.code, Some(3), "{said:?}");
    for part in ["http://127.0.0.1:9", "http://127.0.0.1:10"] {
        assert!(said.err.contains(part), "{said:?}");
    }
}

#[test]
fn what_is_pasted_around_a_token_or_an_address_does_not_matter() {
    let server = Server::start(good);
    let port = server.url.rsplit_once(':').unwrap().1;
    for address in [
        format!(" {}\r\n", server.url),
        format!("HTTP://127.0.0.1:{port}/"),
        format!("{}/dashboard", server.url),
    ] {
        for token in ["t", " t\r\n", "t\n"] {
            let list = [LIST, &["--server", &address]].concat();
            let said = with(&Home::empty(), &[("LABYARD_TOKEN", token)], &list);
            assert_eq!(said.code, Some(0), "{address:?} {token:?} {said:?}");
        }
    }
    assert!(server.asked().iter().all(|asked| asked.token == "t"));

    let home = Home::empty();
    let pasted = format!("HTTP://127.0.0.1:{port}/dashboard ");
    let login = [
        "auth",
        "login",
        "--email",
        "a@b.c",
        "--password-stdin",
        "--server",
        &pasted,
    ];
    assert_eq!(home.labyard_told(&login, "long enough\n").code, Some(0));
    let kept = fs::read_to_string(home.config_file()).unwrap();
    assert!(
        kept.contains(&format!("server: {}\n", server.url)),
        "{kept}"
    );
    let same = home.labyard(&[LIST, &["--server", &pasted]].concat());
    assert_eq!(same.code, Some(0), "{same:?}");
}

#[test]
fn what_cannot_be_sent_is_said_and_is_not_called_an_answer_that_does_not_come() {
    let server = Server::start(good);
    let url = &server.url;
    for (token, address, word) in [
        ("two words", url.clone(), "blank"),
        ("two\nlines", url.clone(), "line break"),
        ("t", format!("{url}/?a=b"), "query"),
        ("t", format!("{url}/#a"), "fragment"),
        ("t", "http://a b".into(), "blank"),
    ] {
        let list = [LIST, &["--server", &address]].concat();
        let said = with(&Home::empty(), &[("LABYARD_TOKEN", token)], &list);
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(word), "{said:?}");
        assert!(!said.err.contains("answer"), "{said:?}");
    }
    assert!(server.asked().is_empty());
}

#[test]
fn this_machine_is_asked_without_the_worlds_proxy() {
    let (server, proxy) = (Server::start(good), Server::start(good));
    let port = server.url.rsplit_once(':').unwrap().1;
    for host in ["127.0.0.1", "localhost", "labyard.localhost"] {
        for variable in ["http_proxy", "ALL_PROXY"] {
            let address = format!("http://{host}:{port}");
            let list = [LIST, &["--server", &address]].concat();
            let set = [("LABYARD_TOKEN", "t"), (variable, proxy.url.as_str())];
            let said = with(&Home::empty(), &set, &list);
            assert_eq!(said.code, Some(0), "{host} {variable} {said:?}");
        }
    }
    assert!(proxy.asked().is_empty(), "{:?}", proxy.asked());
}

/// 0.0.0.0 is this machine to Linux and an address like any other to whoever reads it.
#[test]
fn a_network_of_no_proxy_is_asked_directly_and_a_proxys_answer_is_told_from_labyards() {
    let server = Server::start(good);
    let proxy = Server::start(|_| answer("503 Service Unavailable", "", "<html>no way</html>"));
    let port = server.url.rsplit_once(':').unwrap().1;
    let address = format!("http://0.0.0.0:{port}");
    let list = [LIST, &["--server", &address]].concat();
    let token = ("LABYARD_TOKEN", "t");
    let set = ("http_proxy", proxy.url.as_str());
    let through = with(&Home::empty(), &[token, set], &list);
    assert_eq!(through.code, Some(6), "{through:?}");
    let name = proxy.url.trim_start_matches("http://");
    for part in ["proxy", name, "503"] {
        assert!(through.err.contains(part), "{through:?}");
    }
    assert!(server.asked().is_empty() && !proxy.asked().is_empty());
    let dead = ("http_proxy", "http://127.0.0.1:9");
    let away = with(&Home::empty(), &[token, dead], &list);
    assert_eq!(away.code, Some(6), "{away:?}");
    assert!(
        away.err.contains("the proxy 127.0.0.1:9 can't be reached"),
        "{away:?}"
    );
    let direct = with(
        &Home::empty(),
        &[token, set, ("NO_PROXY", "0.0.0.0/8")],
        &list,
    );
    assert_eq!(direct.code, Some(0), "{direct:?}");
    assert_eq!(server.asked().len(), 1);
}
