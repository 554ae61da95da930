//! One's own account: tokens, logins, password; what is shown once and what is never an argument.

use serde_json::{Value, json};

use crate::{
    Home,
    server::{Server, answer, sample},
    work::{labyard, path},
};

fn samples() -> Server {
    Server::start(|request| {
        let (method, path) = path(request);
        let only = |name: &str| json!({ "items": [thing(name)], "next_cursor": null });
        let body = match (method, path.rsplit('/').next().unwrap()) {
            ("GET", "tokens") => only("api_token"),
            ("GET", "sessions") => only("session"),
            ("GET", "organizations") => only("organization"),
            ("POST", "tokens") => sample("new_api_token"),
            _ => return "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".into(),
        };
        answer("200 OK", "", &body.to_string())
    })
}

/// The published sample of a thing, or the one thing of its page.
fn thing(name: &str) -> Value {
    match name {
        "api_token" | "session" => sample(&format!("page_of_{name}"))["items"][0].clone(),
        _ => sample(name),
    }
}

fn field(name: &str, field: &str) -> String {
    thing(name)[field].as_str().unwrap().to_owned()
}

#[test]
fn a_token_is_the_whole_result_and_is_shown_in_no_list() {
    let server = samples();
    let org = field("organization", "name");
    let made = labyard(
        &server,
        &[
            "token", "create", "--name", "ci", "--scope", "change", "--org", &org, "--days", "7",
        ],
    );
    let secret = field("new_api_token", "token");
    assert_eq!(made.out, format!("{secret}\n"), "{made:?}");
    assert!(made.err.contains("isn't shown again") && !made.err.contains(&secret));
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line, "POST /api/v1/auth/tokens");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let id = field("organization", "id");
    let scope = json!({ "level": "change", "organization_id": id });
    assert_eq!(body, json!({ "name": "ci", "scope": scope, "days": 7 }));
    let made = labyard(
        &server,
        &[
            "token", "create", "--name", "ci", "--scope", "read", "-o", "json",
        ],
    );
    let body: Value = serde_json::from_str(&made.out).unwrap();
    assert_eq!(body["token"], secret);
    let listed = labyard(&server, &["token", "list"]);
    let prefix = field("api_token", "prefix");
    assert!(
        listed.out.contains(&prefix) && !listed.out.contains(&secret),
        "{listed:?}"
    );
    let wrong = labyard(
        &server,
        &["token", "create", "--name", "ci", "--scope", "root"],
    );
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
}

#[test]
fn a_token_is_revoked_by_its_name_its_prefix_or_its_id() {
    let id = field("api_token", "id");
    let line = format!("DELETE /api/v1/auth/tokens/{id}");
    for by in ["name", "prefix", "id"] {
        let server = samples();
        let said = labyard(&server, &["token", "revoke", &field("api_token", by)]);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(server.lines().pop().unwrap(), line);
    }
    let server = samples();
    let none = labyard(&server, &["token", "revoke", "lby_none"]);
    assert_eq!(none.code, Some(4), "{none:?}");
    assert!(!server.lines().iter().any(|line| line.starts_with("DELETE")));
}

#[test]
fn logins_are_listed_and_ended_one_all_or_this_one() {
    let server = samples();
    let home = Home::logged_in(&server.url);
    let listed = home.labyard(&["auth", "sessions"]);
    let id = field("session", "id");
    assert!(listed.out.contains(&id), "{listed:?}");
    let json = home.labyard(&["auth", "sessions", "-o", "json"]);
    let sessions: Vec<Value> = serde_json::from_str(&json.out).unwrap();
    assert_eq!(sessions, [thing("session")]);
    let one = home.labyard(&["auth", "logout", "--session", &id]);
    assert_eq!(one.code, Some(0), "{one:?}");
    assert!(home.config_file().exists(), "another login is not this one");
    let all = home.labyard(&["auth", "logout", "--everywhere"]);
    assert_eq!(all.code, Some(0), "{all:?}");
    assert!(!home.config_file().exists());
    let asked = server.lines();
    let ends = [
        format!("DELETE /api/v1/auth/sessions/{id}"),
        "POST /api/v1/auth/logout-everywhere".to_owned(),
    ];
    assert_eq!(asked[asked.len() - 2..], ends);
    let both = home.labyard(&["auth", "logout", "--everywhere", "--session", &id]);
    assert_eq!(both.code, Some(2), "{both:?}");
    assert_eq!(home.labyard(&["auth", "sessions"]).code, Some(3));
}

#[test]
fn passwords_are_read_and_never_arguments() {
    let server = samples();
    let home = Home::logged_in(&server.url);
    let change = ["auth", "password", "--password-stdin"];
    let said = home.labyard_told(&change, "the one so far\nthe new one\n");
    assert_eq!(said.code, Some(0), "{said:?}");
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line, "POST /api/v1/auth/password");
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    let sent = json!({ "password": "the one so far", "new_password": "the new one" });
    assert_eq!(body, sent);
    assert!(!format!("{said:?}").contains("one"), "{said:?}");
    let nobody = home.labyard(&["auth", "password"]);
    assert_eq!(nobody.code, Some(2), "{nobody:?}");
    let in_sight = home.labyard(&["auth", "password", "the new one"]);
    assert_eq!(in_sight.code, Some(2), "{in_sight:?}");
}
