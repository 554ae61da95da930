//! The audit: all of it as a file, and what stays when those it is about are gone.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{PASSWORD, World, query, sql, world},
    host::nothing,
    work::{host, running},
};

async fn organization(world: &World, token: &str, name: &str) -> String {
    let wanted = json!({ "name": name });
    let (status, made) = world.post("/api/v1/organizations", token, &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn export(world: &World, token: &str, organization: &str, query: &str) -> reqwest::Response {
    let path = format!("/api/v1/organizations/{organization}/audit/export?{query}");
    world
        .request(Method::GET, &path, token)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn an_export_is_all_of_an_organizations_audit_sent_piece_by_piece() {
    const LINES: u64 = 2_500;
    let world = world().await;
    let ana = world.person("ana").await;
    let (ours, other) = (
        organization(&world, &ana, "Physics").await,
        organization(&world, &ana, "Chemistry").await,
    );
    let uuid = ours.trim_start_matches("org_");
    let fill = format!(
        "insert into audit (organization_id, action, allowed, detail)
         select '{uuid}', 'nothing', number % 5 <> 0, '{{\"a\": \"=1,2\"}}' from generate_series(1, {LINES}) as number"
    );
    sql(&world.database, &fill).await;

    let answer = export(&world, &ana, &ours, "").await;
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    assert_eq!(answer.headers()["transfer-encoding"], "chunked");
    let name = answer.headers()["content-disposition"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        name.starts_with("attachment;") && name.contains(&ours),
        "{name}"
    );
    let text = answer.text().await.unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let filled = lines
        .iter()
        .filter(|line| line["action"] == "nothing")
        .count();
    assert_eq!(filled as u64, LINES);
    assert!(lines.iter().all(|line| line["organization_id"] == ours));
    let numbers: Vec<u64> = lines
        .iter()
        .map(|line| line["number"].as_u64().unwrap())
        .collect();
    assert!(
        numbers.is_sorted_by(|a, b| a > b),
        "newest first, each once"
    );
    assert!(
        lines
            .iter()
            .any(|line| line["action"] == "create_organization")
    );

    let csv = export(&world, &ana, &ours, "format=csv&allowed=false")
        .await
        .text()
        .await
        .unwrap();
    let (head, rest) = csv.split_once("\r\n").unwrap();
    assert!(head.starts_with("number,at,organization_id,"));
    assert_eq!(rest.lines().count() as u64, LINES / 5);
    let ends = rest
        .lines()
        .all(|line| line.ends_with(r#"false,,,"{""a"":""=1,2""}""#));
    assert!(ends, "{:?}", rest.lines().next());
    // Nothing of it is in the other, and what was taken out is known.
    let text = export(&world, &ana, &other, "").await.text().await.unwrap();
    assert!(!text.contains("nothing") && !text.is_empty());
    let taken = "select count(*) from audit where action = 'export_audit' and allowed and email = 'ana@example.org'";
    assert_eq!(query(&world.database, taken).await, "3");

    let ben = world.person("ben").await;
    let refused = export(&world, &ben, &ours, "").await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND);
    let unread = export(&world, &ana, &ours, "format=xml").await;
    assert!(unread.status().is_client_error());
}

#[tokio::test]
async fn what_was_done_stays_when_cluster_organization_and_person_are_gone() {
    let world = world().await;
    let admin = world.person("admin").await;
    let ana = world.person("ana").await;
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let user = me["user"]["id"].as_str().unwrap();
    let host = host(&world, "h1", 1).await;
    let ours = organization(&world, &ana, "Physics").await;
    let wanted = json!({ "organization_id": ours, "name": "team" });
    let (_, workspace) = world.post("/api/v1/workspaces", &ana, &wanted).await;
    running(&world, &host, &ana, "own").await;
    let wanted = json!({ "name": "shared", "workspace_id": workspace["id"] });
    let (_, made) = world.post("/api/v1/clusters", &ana, &wanted).await;
    let cluster = made["cluster"]["id"].as_str().unwrap().to_owned();
    host.make(&host.take().await).await;

    let path = format!("/api/v1/clusters/{cluster}");
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::ACCEPTED);
    let lease = host.take().await;
    let last = Some((domain::Step::Remove, api::bus::StepOutcome::Ended));
    host.report(&lease, lease.desired_rev, last, nothing())
        .await;
    let path = format!("/api/v1/organizations/{ours}");
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    let leave = world.request(Method::DELETE, "/api/v1/auth/me", &ana);
    let (status, said) = world
        .read(leave.json(&json!({ "password": PASSWORD })))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{said}");

    let (_, page) = world
        .get(&format!("/api/v1/audit?limit=200&user_id={user}"), &admin)
        .await;
    let lines = page["items"].as_array().unwrap();
    for (action, field, value) in [
        ("register", "email", "ana@example.org"),
        ("create_organization", "allowed", ""),
        ("create_workspace", "organization_id", &ours),
        ("create_cluster", "organization_id", &ours),
        ("delete_cluster", "cluster_id", &cluster),
        ("delete_organization", "organization_id", &ours),
        ("delete_me", "allowed", ""),
    ] {
        let line = lines.iter().find(|line| line["action"] == action);
        let line = line.unwrap_or_else(|| panic!("{action} is not among {lines:?}"));
        assert_eq!(
            (&line["user_id"], &line["allowed"]),
            (&json!(user), &json!(true))
        );
        assert!(
            value.is_empty() || line[field] == value,
            "{field} of {line}"
        );
    }
}

#[tokio::test]
async fn a_refresh_token_that_was_used_again_is_a_line_that_says_whose_and_from_where() {
    let world = world().await;
    let admin = world.person("admin").await;
    world.person("ana").await;
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    let (_, first) = world.post("/api/v1/auth/token", "", &login).await;
    let mut now = first.clone();
    for _ in 0..2 {
        let refresh = json!({ "refresh_token": now["refresh_token"] });
        now = world.post("/api/v1/auth/refresh", "", &refresh).await.1;
    }
    let again = json!({ "refresh_token": first["refresh_token"] });
    let (status, _) = world.post("/api/v1/auth/refresh", "", &again).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let path = "/api/v1/audit?action=refresh_token.reused";
    let (_, page) = world.get(path, &admin).await;
    let lines = page["items"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "{page}");
    assert_eq!(
        (&lines[0]["email"], &lines[0]["allowed"], &lines[0]["code"]),
        (
            &json!("ana@example.org"),
            &json!(false),
            &json!("unauthenticated")
        )
    );
    assert_eq!(lines[0]["address"], "127.0.0.1");
    assert!(lines[0]["user_id"].as_str().unwrap().starts_with("usr_"));
    assert!(
        !page
            .to_string()
            .contains(first["refresh_token"].as_str().unwrap())
    );
}
