//! What leaves a line in the audit: refusals of every kind, log-outs, what an operator does at the
//! keyboard, and the end of a command whose gateway died.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{World, admin, query, sql, world},
    reach::serve,
    work::{host, running},
};

/// The lines about something that was done, newest first.
async fn lines(world: &World, token: &str, action: &str) -> Vec<Value> {
    let path = format!("/api/v1/audit?limit=200&action={action}");
    let (status, page) = world.get(&path, token).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_refusal_is_a_line_whatever_refused_it() {
    let world = world().await;
    let (admin, ana) = (world.person("admin").await, world.person("ana").await);
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let organization = &me["organizations"][0]["organization_id"];

    let stop = format!("/api/v1/clusters/{id}/stop");
    let (status, _) = world.post(&stop, &ana, &json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    // While that goes on.
    let start = format!("/api/v1/clusters/{id}/start");
    let (status, _) = world.post(&start, &ana, &json!({})).await;
    assert_eq!(status, StatusCode::CONFLICT);
    sql(&world.database, "update workspace set quota_clusters = 1").await;
    let more = json!({ "name": "more" });
    let (status, refused) = world.post("/api/v1/clusters", &ana, &more).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("quota_exceeded"))
    );
    sql(
        &world.database,
        "update workspace set quota_clusters = null",
    )
    .await;
    let same = json!({ "name": "demo" });
    let (status, _) = world.post("/api/v1/clusters", &ana, &same).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(
        world.get("/api/v1/hosts", &ana).await.0,
        StatusCode::FORBIDDEN
    );
    // What was only looked for and is not there is no refusal.
    let gone = "/api/v1/clusters/clu_01930000000070008000000000000001";
    assert_eq!(world.get(gone, &ana).await.0, StatusCode::NOT_FOUND);

    for (action, code, place) in [
        ("start_cluster", "wrong_status", organization),
        ("create_cluster", "quota_exceeded", organization),
        ("create_cluster", "name_taken", organization),
        ("list_hosts", "forbidden", &Value::Null),
    ] {
        let all = lines(&world, &admin, action).await;
        let refused: Vec<&Value> = all.iter().filter(|line| line["code"] == code).collect();
        assert_eq!(refused.len(), 1, "{action} {code}: {all:?}");
        assert_eq!(
            (&refused[0]["allowed"], &refused[0]["organization_id"]),
            (&json!(false), place)
        );
        assert_eq!(refused[0]["email"], "ana@example.org");
    }
    assert!(lines(&world, &admin, "get_cluster").await.is_empty());
}

#[tokio::test]
async fn reading_an_audit_without_the_right_to_it_is_a_line_of_that_audit() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let wanted = json!({ "name": "Physics" });
    let (_, made) = world.post("/api/v1/organizations", &ana, &wanted).await;
    let organization = made["id"].as_str().unwrap();
    let invitations = format!("/api/v1/organizations/{organization}/invitations");
    let wanted = json!({ "role": "viewer" });
    let (_, invited) = world.post(&invitations, &ana, &wanted).await;
    let token = json!({ "token": invited["token"] });
    let (status, _) = world.post("/api/v1/invitations/accept", &ben, &token).await;
    assert_eq!(status, StatusCode::OK);

    let read = format!("/api/v1/audit?organization_id={organization}");
    let export = format!("/api/v1/organizations/{organization}/audit/export");
    for path in [&read, &export] {
        assert_eq!(world.get(path, &ben).await.0, StatusCode::FORBIDDEN);
    }
    let (_, page) = world.get(&format!("{read}&allowed=false"), &ana).await;
    let seen: Vec<(&Value, &Value)> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (&line["action"], &line["email"]))
        .collect();
    let by = json!("ben@example.org");
    assert_eq!(
        seen,
        [(&json!("export_audit"), &by), (&json!("list_audit"), &by)]
    );
}

#[tokio::test]
async fn whoever_is_refused_all_the_time_does_not_fill_the_audit() {
    const TRIES: usize = 300;
    let world = world().await;
    let (admin, ana) = (world.person("admin").await, world.person("ana").await);
    for _ in 0..TRIES {
        let (status, _) = world.get("/api/v1/hosts", &ana).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    let all = lines(&world, &admin, "list_hosts").await;
    assert!((120..TRIES).contains(&all.len()), "{}", all.len());
    let said = all.iter().any(|line| line["detail"]["more"] == "left out");
    assert!(said, "nothing says that more was refused");
    // Nobody else's are left out.
    let ben = world.person("ben").await;
    world.get("/api/v1/hosts", &ben).await;
    let all = lines(&world, &admin, "list_hosts").await;
    assert_eq!(all[0]["email"], "ben@example.org");
}

#[tokio::test]
async fn a_log_out_is_a_line() {
    let world = world().await;
    let (admin, ana) = (world.person("admin").await, world.person("ana").await);
    let (status, _) = world.post("/api/v1/auth/logout", &ana, &json!({})).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let all = lines(&world, &admin, "logout").await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["email"], &all[0]["allowed"], &all[0]["address"]),
        (&json!("ana@example.org"), &json!(true), &json!("127.0.0.1"))
    );
}

#[tokio::test]
async fn what_an_operator_does_at_the_keyboard_is_a_line() {
    let world = world().await;
    let looks = world.person("admin").await;
    world.person("ana").await;
    sql(
        &world.database,
        "insert into host (id, driver) values ('h1', 'fake')",
    )
    .await;
    let locked = r#"update installation set locked = '{"code": "doubted", "message": "A host knows more.", "fix": ""}'"#;
    for (verb, arguments) in [
        ("promote", &["promote", "ANA@example.org"][..]),
        ("reap", &["reap", "h1"]),
        ("adopt", &["adopt"]),
    ] {
        if verb == "adopt" {
            sql(&world.database, locked).await;
        }
        admin(&world.database, arguments).await.unwrap();
        let all = lines(&world, &looks, &format!("operator.{verb}")).await;
        assert_eq!(all.len(), 1, "{verb}");
        assert_eq!(
            (&all[0]["allowed"], &all[0]["user_id"]),
            (&json!(true), &Value::Null)
        );
    }
    let promoted = lines(&world, &looks, "operator.promote").await;
    assert_eq!(promoted[0]["object"], "ana@example.org");
    let reaped = lines(&world, &looks, "operator.reap").await;
    assert_eq!(reaped[0]["object"], "h1");
    // What did not happen is none.
    assert!(
        admin(&world.database, &["promote", "nobody@example.org"])
            .await
            .is_err()
    );
    admin(&world.database, &["adopt"]).await.unwrap();
    let none = "select count(*) from audit where action like 'operator.%'";
    assert_eq!(query(&world.database, none).await, "3");
}

/// How many commands ended so that nobody knows how.
async fn unknown(world: &World) -> String {
    let text = "select count(*) from audit where action = 'exec_cluster.ended' and detail ->> 'failed' = 'unknown'";
    query(&world.database, text).await
}

#[tokio::test]
async fn a_command_whose_gateway_was_killed_ends_unknown_and_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (mut shown, _leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    let address = format!("127.0.0.1:{}", testkit::free_port());
    let mut other = tokio::process::Command::new(env!("CARGO_BIN_EXE_api-gateway"))
        .args(["--database-url", &world.database])
        .args(["--nats-url", &world.nats.url()])
        .args(["--nats-user", "api-gateway"])
        .args(["--nats-password", "api-gateway"])
        .args(["--http-addr", &address])
        .args(["--secret-key", "a secret of thirty-two characters"])
        .args(["--encryption-key", "another one of as many characters"])
        .args(["--driver", "fake"])
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let http = reqwest::Client::new();
    eventually(Duration::from_secs(20), || async {
        let asked = http.get(format!("http://{address}/health")).send().await;
        asked.is_ok().then_some(())
    })
    .await;
    // Until the host's exec-service is heard.
    let path = format!("/api/v1/clusters/{id}/exec");
    let command = json!({ "command": "both" });
    eventually(Duration::from_secs(5), || async {
        (world.post(&path, &ana, &command).await.0 == StatusCode::OK).then_some(())
    })
    .await;
    while shown.try_recv().is_ok() {}
    let request = http.request(Method::POST, format!("http://{address}{path}"));
    let request = request.bearer_auth(&ana);
    let calling = tokio::spawn(request.json(&json!({ "command": "forever" })).send());
    testkit::within(Duration::from_secs(20), shown.recv())
        .await
        .expect("no command was begun")
        .unwrap();
    other.kill().await.unwrap();
    assert!(calling.await.unwrap().is_err(), "nobody is there to answer");

    let planned = "select count(*) from due where kind = 'command' and at between now() and now() + interval '90 seconds'";
    assert_eq!(query(&world.database, planned).await, "1");
    assert_eq!(unknown(&world).await, "0");
    sql(
        &world.database,
        "update due set at = now() where kind = 'command'",
    )
    .await;
    eventually(Duration::from_secs(10), || async {
        (unknown(&world).await == "1").then_some(())
    })
    .await;
    let who = "select count(*) from audit where detail ->> 'failed' = 'unknown' and email = 'ana@example.org'
        and allowed and cluster_id is not null and address is not null";
    assert_eq!(query(&world.database, who).await, "1");
}

#[tokio::test]
async fn a_command_that_outlives_its_plan_has_one_end() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (_shown, _leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    let path = format!("/api/v1/clusters/{id}/exec");
    let command = json!({ "command": "both" });
    eventually(Duration::from_secs(5), || async {
        (world.post(&path, &ana, &command).await.0 == StatusCode::OK).then_some(())
    })
    .await;
    // Every one that came back took its plan with it.
    let planned = "select count(*) from due where kind = 'command'";
    assert_eq!(query(&world.database, planned).await, "0");
    let waits = json!({ "command": "forever" });
    let calling = world.request(Method::POST, &path, &ana).json(&waits).send();
    let calling = tokio::spawn(calling);
    eventually(Duration::from_secs(5), || async {
        (query(&world.database, planned).await == "1").then_some(())
    })
    .await;
    let before = "select count(*) from audit where action = 'exec_cluster.ended'";
    let before: usize = query(&world.database, before).await.parse().unwrap();
    sql(
        &world.database,
        "update due set at = now() where kind = 'command'",
    )
    .await;
    eventually(Duration::from_secs(10), || async {
        (unknown(&world).await == "1").then_some(())
    })
    .await;
    calling.abort();
    // The next one's end comes after this one's would have.
    let (status, _) = world.post(&path, &ana, &command).await;
    assert_eq!(status, StatusCode::OK);
    let after = "select count(*) from audit where action = 'exec_cluster.ended'";
    let after: usize = query(&world.database, after).await.parse().unwrap();
    assert_eq!(after, before + 2);
}
