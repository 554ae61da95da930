//! Organizations, workspaces, shares and the audit: what is asked for, and what is shown of the answer.

use serde_json::{Value, json};

use crate::{
    Home, Said,
    server::{Server, answer, sample},
    work::{CLUSTER, labyard, path},
};

const LINK: &str = "https://lab.example.org/invitation#secret-1";

/// A page of one thing, and no other after it.
fn only(thing: Value) -> String {
    answer(
        "200 OK",
        "",
        &json!({ "items": [thing], "next_cursor": null }).to_string(),
    )
}

fn good(thing: &Value) -> String {
    answer("200 OK", "", &thing.to_string())
}

/// A server where everything there is is its sample.
/// With a link that can still be taken, which the oldest sample does not know of.
fn with_links(mut access: Value) -> Value {
    let mut link = sample("share");
    link.as_object_mut().unwrap().remove("person");
    access["links"] = json!([link]);
    access
}

fn samples() -> Server {
    Server::start(|request| {
        let (method, path) = path(request);
        let path = path.split('?').next().unwrap();
        let last = path.rsplit('/').next().unwrap();
        match (method, last) {
            ("DELETE", _) => "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n".into(),
            ("GET", "organizations") => only(sample("organization")),
            ("GET", "workspaces") => only(sample("workspace_detail")),
            ("GET", "members") => only(sample("member")),
            ("GET", "invitations") => only(sample("invitation")),
            ("GET", "shares") => only(sample("share")),
            ("GET", "webhooks") => only(sample("webhook")),
            ("GET", "deliveries") => only(sample("delivery")),
            ("POST", "webhooks" | "secret") => good(&sample("new_webhook")),
            ("POST", "test") => good(&sample("delivery")),
            ("PATCH", last) if last.starts_with("whk_") => good(&sample("webhook")),
            ("GET", "audit") => only(sample("audit_entry")),
            ("GET", "access") => good(&with_links(sample("access"))),
            ("GET", "me") => good(&sample("me")),
            ("POST", "invitations") => good(&sample("new_invitation")),
            ("POST", "shares") => good(&sample("new_share")),
            ("POST", "redeem") => good(&sample("share")),
            ("PATCH", last) if last.starts_with("usr_") => good(&sample("member")),
            ("POST", "workspaces") => good(&sample("workspace_detail")),
            (_, _) if path.contains("/workspaces/") => good(&sample("workspace_detail")),
            ("GET", last) if last.starts_with("clu_") => good(&sample("cluster")),
            _ => good(&sample("organization")),
        }
    })
}

fn field(name: &str, field: &str) -> String {
    sample(name)[field].as_str().unwrap().to_owned()
}

fn told(server: &Server, arguments: &[&str], input: &str) -> Said {
    let arguments = [arguments, &["--server", &server.url]].concat();
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, input.as_bytes()).unwrap();
    drop(writer);
    let mut command = Home::empty().command();
    crate::said(
        command
            .env("LABYARD_TOKEN", "t")
            .args(arguments)
            .stdin(reader),
    )
}

#[test]
fn each_change_is_asked_for_under_a_key() {
    let (org, member) = (field("organization", "name"), field("member", "email"));
    let (org, member) = (org.as_str(), member.as_str());
    let workspace = field("workspace_detail", "name");
    let (invitation, share) = (field("invitation", "id"), field("share", "id"));
    let webhook = field("webhook", "id");
    for (arguments, line, body) in [
        (
            ["org", "create", "--name", "Lab"].as_slice(),
            "POST /api/v1/organizations",
            "Lab",
        ),
        (
            &["org", "rename", org, "--name", "Yard"],
            "PATCH /api/v1/organizations/org_",
            "Yard",
        ),
        (
            &["org", "delete", org],
            "DELETE /api/v1/organizations/org_",
            "",
        ),
        (
            &["org", "set-role", org, member, "admin"],
            "PATCH /api/v1/organizations/org_",
            "admin",
        ),
        (
            &["org", "remove", org, member],
            "DELETE /api/v1/organizations/org_",
            "",
        ),
        (
            &["org", "leave", org],
            "DELETE /api/v1/organizations/org_",
            "",
        ),
        (
            &["org", "transfer", org, member],
            "POST /api/v1/organizations/org_",
            "usr_",
        ),
        (
            &["org", "invite", org, "--role", "viewer", "--uses", "3"],
            "POST /api/v1/organizations/org_",
            "\"uses\":3",
        ),
        (
            &["org", "revoke", org, &invitation],
            "DELETE /api/v1/organizations/org_",
            "",
        ),
        (
            &["workspace", "create", "--name", "team", "--clusters", "2"],
            "POST /api/v1/workspaces",
            "\"clusters\":2",
        ),
        (
            &["workspace", "set", &workspace, "--clusters", "77"],
            "PATCH /api/v1/workspaces/ws_",
            "77",
        ),
        (
            &["workspace", "delete", &workspace],
            "DELETE /api/v1/workspaces/ws_",
            "",
        ),
        (
            &[
                "share",
                "add",
                CLUSTER,
                "--email",
                "a@example.org",
                "--namespace",
                "web:edit",
            ],
            "POST /api/v1/clusters/clu_",
            "\"edit\":true",
        ),
        (
            &[
                "share", "link", CLUSTER, "--level", "operator", "--for", "2h",
            ],
            "POST /api/v1/clusters/clu_",
            "\"hours\":2.0",
        ),
        (
            &["share", "end", CLUSTER, &share],
            "DELETE /api/v1/clusters/clu_",
            "",
        ),
        (
            &[
                "webhook",
                "create",
                "https://example.org/hook",
                "--type",
                "cluster.changed",
            ],
            "POST /api/v1/workspaces/ws_",
            "cluster.changed",
        ),
        (
            &["webhook", "off", &webhook],
            "PATCH /api/v1/webhooks/whk_",
            "\"enabled\":false",
        ),
        (
            &["webhook", "renew-secret", &webhook],
            "POST /api/v1/webhooks/whk_",
            "",
        ),
        (
            &["webhook", "delete", &webhook],
            "DELETE /api/v1/webhooks/whk_",
            "",
        ),
    ] {
        let server = samples();
        let said = labyard(&server, arguments);
        assert_eq!(said.code, Some(0), "{arguments:?} {said:?}");
        let asked = server.asked().pop().unwrap();
        assert!(asked.line.starts_with(line), "{arguments:?} {asked:?}");
        assert!(asked.body.contains(body), "{arguments:?} {asked:?}");
        assert!(!asked.key.is_empty(), "{arguments:?}");
    }
}

#[test]
fn each_list_is_a_table_or_json() {
    let org = field("organization", "name");
    for (arguments, word) in [
        (["org", "list"].as_slice(), org.clone()),
        (&["organization", "show", &org], org.clone()),
        (&["org", "members", &org], field("member", "email")),
        (&["org", "invitations", &org], field("invitation", "id")),
        (
            &["workspace", "list", "--org", &org],
            field("workspace_detail", "name"),
        ),
        (&["share", "list", CLUSTER], field("share", "id")),
        (&["cluster", "access", CLUSTER], "example.org".to_owned()),
        (&["cluster", "access", CLUSTER], "USES LEFT".to_owned()),
        (&["webhook", "list"], field("webhook", "url")),
        (
            &["webhook", "log", &field("webhook", "id"), "--failed"],
            field("delivery", "detail"),
        ),
        (&["audit", "--org", &org], field("audit_entry", "action")),
    ] {
        let server = samples();
        let said = labyard(&server, arguments);
        assert_eq!(said.code, Some(0), "{arguments:?} {said:?}");
        assert!(said.out.contains(&word), "{arguments:?} {said:?}");
        let said = labyard(&server, &[arguments, &["-o", "json"]].concat());
        serde_json::from_str::<Value>(&said.out).unwrap();
    }
}

#[test]
fn a_test_event_that_did_not_get_there_is_a_failure() {
    let server = samples();
    let said = labyard(&server, &["webhook", "test", &field("webhook", "id")]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("502 Bad Gateway"), "{said:?}");
}

#[test]
fn a_links_token_is_taken_from_standard_input_alone() {
    for (arguments, line) in [
        (["org", "join"], "POST /api/v1/invitations/accept"),
        (["share", "redeem"], "POST /api/v1/shares/redeem"),
    ] {
        let server = samples();
        let said = told(&server, &arguments, &format!("{LINK}\n"));
        assert_eq!(said.code, Some(0), "{said:?}");
        let asked = server.asked().pop().unwrap();
        assert_eq!(
            (asked.line.as_str(), asked.body.as_str()),
            (line, r#"{"token":"secret-1"}"#)
        );
        let none = told(&server, &arguments, "");
        assert_eq!(none.code, Some(2), "{none:?}");
        let in_sight = labyard(&server, &[arguments.as_slice(), &[LINK]].concat());
        assert_eq!(in_sight.code, Some(2), "{in_sight:?}");
    }
}

#[test]
fn an_export_is_all_of_it() {
    let server = Server::start(|request| {
        let mut page = json!({ "items": [sample("audit_entry")], "next_cursor": "more" });
        if request.line.contains("cursor=more") {
            page["next_cursor"] = Value::Null;
        }
        answer("200 OK", "", &page.to_string())
    });
    let said = labyard(&server, &["audit", "--refused", "--export", "csv"]);
    assert_eq!(said.out.lines().count(), 3, "{said:?}");
    assert!(said.out.starts_with("number,at,"), "{said:?}");
    assert!(
        server
            .lines()
            .iter()
            .all(|line| line.contains("allowed=false"))
    );
    let said = labyard(&server, &["audit", "--export", "json"]);
    let entries: Vec<Value> = serde_json::from_str(&said.out).unwrap();
    assert_eq!(entries.len(), 2);
}

#[test]
fn an_organizations_export_is_passed_on_as_it_comes_and_half_of_it_is_a_failure() {
    let org = field("organization", "name");
    for (length, code) in [(8, 0), (9, 6)] {
        let server = Server::start(move |request| match request.line.contains("export") {
            true => format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{{}}\n{{}}\n{{\n"
            ),
            false => only(sample("organization")),
        });
        let arguments = [
            "audit",
            "export",
            "--org",
            &org,
            "--refused",
            "--format",
            "ndjson",
        ];
        let said = labyard(&server, &arguments);
        assert_eq!(said.code, Some(code), "{said:?}");
        assert!(said.out.starts_with("{}\n{}\n"), "{said:?}");
        let asked = server.lines().pop().unwrap();
        assert!(
            asked.contains("/audit/export?allowed=false&format=ndjson"),
            "{asked}"
        );
    }
}

#[test]
fn who_is_no_member_is_named() {
    let server = samples();
    let org = field("organization", "name");
    let said = labyard(&server, &["org", "remove", &org, "nobody@example.org"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.err.contains("labyard org members"), "{said:?}");
    assert!(!server.lines().iter().any(|line| line.starts_with("DELETE")));
}

#[test]
fn an_organization_and_a_person_are_found_in_any_form_and_case() {
    let mut organization = sample("organization");
    organization["name"] = "Universit\u{e9}".into();
    let mut member = sample("member");
    member["email"] = "jos\u{e9}@example.org".into();
    let server = Server::start(move |request| {
        let (_, path) = path(request);
        match path.split('?').next().unwrap() {
            "/api/v1/organizations" => only(organization.clone()),
            path if path.ends_with("/members") => only(member.clone()),
            _ => good(&member),
        }
    });
    for (name, who) in [
        ("universit\u{e9}", "JOS\u{c9}@example.org"),
        ("UNIVERSITE\u{301}", "jose\u{301}@Example.org"),
    ] {
        let said = told(&server, &["org", "set-role", name, who, "viewer"], "");
        assert_eq!(said.code, Some(0), "{said:?}");
    }
}
