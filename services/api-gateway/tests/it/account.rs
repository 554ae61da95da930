//! One's own account: who may register, where one is logged in, passwords, API tokens, its end.

use api::bus::{AdmitRequest, Credential};
use domain::{ClusterStatus, Code};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::gateway::{PASSWORD, World, admin, query, sql, world, world_with};

const OTHER: &str = "battery horse correct";

async fn login(world: &World, name: &str, password: &str) -> (StatusCode, Value) {
    let login = json!({ "email": format!("{name}@example.org"), "password": password });
    world.post("/api/v1/auth/token", "", &login).await
}

async fn logged_in(world: &World, name: &str) -> String {
    let (status, tokens) = login(world, name, PASSWORD).await;
    assert_eq!(status, StatusCode::OK, "{tokens}");
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn is_good(world: &World, token: &str) -> bool {
    world.get("/api/v1/auth/me", token).await.0 == StatusCode::OK
}

async fn send(
    world: &World,
    method: Method,
    path: &str,
    token: &str,
    body: Value,
) -> (StatusCode, Value) {
    world
        .read(world.request(method, path, token).json(&body))
        .await
}

async fn token(world: &World, of: &str, scope: Value) -> Value {
    let wanted = json!({ "name": "nightly", "scope": scope, "days": 1 });
    let (status, made) = world.post("/api/v1/auth/tokens", of, &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made
}

/// The position of each session's end that the log tells.
async fn ends(world: &World) -> i64 {
    let text =
        "select count(*) from (select event from event union all select event from outbox) as e
        where event -> 'data' ->> 'session_ended' is not null";
    query(&world.database, text).await.parse().unwrap()
}

#[tokio::test]
async fn by_invitation_means_the_first_from_here_and_the_invited() {
    let world = world_with(&["--registration", "invitation"]).await;
    let ana = world.person("ana").await;
    let ben = json!({ "email": "ben@example.org", "password": PASSWORD });
    let register = "/api/v1/auth/register";
    let (status, refused) = world.post(register, "", &ben).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{refused}");
    let organization = json!({ "name": "Physics" });
    let (_, organization) = world
        .post("/api/v1/organizations", &ana, &organization)
        .await;
    let id = organization["id"].as_str().unwrap();
    let invite = format!("/api/v1/organizations/{id}/invitations");
    let wanted = json!({ "role": "member", "email": "ben@example.org" });
    let (_, invitation) = world.post(&invite, &ana, &wanted).await;
    for (email, token, expected) in [
        ("eve@example.org", json!("lyi_none"), StatusCode::NOT_FOUND),
        (
            "eve@example.org",
            invitation["token"].clone(),
            StatusCode::FORBIDDEN,
        ),
        (
            "ben@example.org",
            invitation["token"].clone(),
            StatusCode::CREATED,
        ),
        (
            "eve@example.org",
            invitation["token"].clone(),
            StatusCode::NOT_FOUND,
        ),
    ] {
        let wanted = json!({ "email": email, "password": PASSWORD, "invitation": token });
        let (status, answer) = world.post(register, "", &wanted).await;
        assert_eq!(status, expected, "{email}: {answer}");
    }
    let ben = logged_in(&world, "ben").await;
    let (_, me) = world.get("/api/v1/auth/me", &ben).await;
    assert_eq!(me["organizations"].as_array().unwrap().len(), 2, "{me}");
    let users = query(&world.database, "select count(*) from \"user\"").await;
    assert_eq!(users, "2", "who was refused is nobody");
}

#[tokio::test]
async fn closed_means_nobody_after_the_first_and_not_from_elsewhere() {
    let world = world_with(&["--registration", "closed"]).await;
    let wanted = json!({ "email": "ana@example.org", "password": PASSWORD });
    let from_afar = world
        .request(Method::POST, "/api/v1/auth/register", "")
        .header("x-forwarded-for", "203.0.113.5")
        .json(&wanted);
    assert_eq!(world.read(from_afar).await.0, StatusCode::FORBIDDEN);
    world.person("ana").await;
    let wanted = json!({ "email": "ben@example.org", "password": PASSWORD });
    let (status, _) = world.post("/api/v1/auth/register", "", &wanted).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn logins_are_listed_and_ended_by_their_user_alone() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let second = logged_in(&world, "ana").await;
    let (_, page) = world.get("/api/v1/auth/sessions", &ana).await;
    let items = page["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{page}");
    let other = items.iter().find(|item| item["current"] == false).unwrap();
    assert_eq!(other["address"], "127.0.0.1");
    let path = format!("/api/v1/auth/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(world.delete(&path, &ben).await.0, StatusCode::NOT_FOUND);
    assert!(is_good(&world, &second).await);
    let before = ends(&world).await;
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ends(&world).await, before + 1, "its streams close");
    assert!(!is_good(&world, &second).await && is_good(&world, &ana).await);
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NOT_FOUND);
    let third = logged_in(&world, "ana").await;
    let (status, _) = world
        .post("/api/v1/auth/logout-everywhere", &third, &json!({}))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(!is_good(&world, &ana).await && !is_good(&world, &third).await);
    assert!(is_good(&world, &ben).await);
}

/// Jobs share one: the first that logs out ended it for all.
#[tokio::test]
async fn an_api_token_that_logs_out_stays_good() {
    let world = world().await;
    let ana = world.person("ana").await;
    let made = token(&world, &ana, json!({ "level": "admin" })).await;
    let shared = made["token"].as_str().unwrap();
    let before = ends(&world).await;
    for (method, path) in [
        (Method::POST, "/api/v1/auth/logout"),
        (Method::DELETE, "/api/v1/auth/session"),
    ] {
        let (status, answer) = send(&world, method, path, shared, json!({})).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {answer}");
        let fix = answer["reason"]["fix"].as_str().unwrap();
        assert!(fix.contains("labyard token revoke"), "{answer}");
        assert!(is_good(&world, shared).await, "{path}");
    }
    assert_eq!(ends(&world).await, before);
}

#[tokio::test]
async fn a_new_password_ends_the_other_logins() {
    let world = world().await;
    let ana = world.person("ana").await;
    let other = logged_in(&world, "ana").await;
    let path = "/api/v1/auth/password";
    for (old, new, pointer) in [
        ("wrong password", OTHER, "/password"),
        (PASSWORD, "short", "/new_password"),
    ] {
        let wanted = json!({ "password": old, "new_password": new });
        let (status, refused) = world.post(path, &ana, &wanted).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused["errors"][0]["pointer"], pointer);
    }
    let wanted = json!({ "password": PASSWORD, "new_password": OTHER });
    let (status, _) = world.post(path, &ana, &wanted).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(is_good(&world, &ana).await && !is_good(&world, &other).await);
    assert_eq!(
        login(&world, "ana", PASSWORD).await.0,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(login(&world, "ana", OTHER).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_link_is_good_once_and_ends_everything() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let api_token = token(&world, &ben, json!({ "level": "read" })).await;
    let api_token = api_token["token"].as_str().unwrap();
    let links = "/api/v1/auth/reset-links";
    let wanted = json!({ "email": "ben@example.org" });
    assert_eq!(
        world.post(links, &ben, &wanted).await.0,
        StatusCode::FORBIDDEN
    );
    let (_, older) = world.post(links, &ana, &wanted).await;
    let (status, link) = world.post(links, &ana, &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{link}");
    assert!(link["url"].as_str().unwrap().contains("/reset#lyr_"));
    for (link, expected) in [
        (&older, StatusCode::NOT_FOUND),
        (&link, StatusCode::NO_CONTENT),
        (&link, StatusCode::NOT_FOUND),
    ] {
        let wanted = json!({ "token": link["token"], "new_password": OTHER });
        let (status, answer) = world.post("/api/v1/auth/reset", "", &wanted).await;
        assert_eq!(status, expected, "{answer}");
    }
    assert!(!is_good(&world, &ben).await && !is_good(&world, api_token).await);
    assert_eq!(login(&world, "ben", OTHER).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_name_changes_freely_and_an_address_with_the_password() {
    let world = world().await;
    let ana = world.person("ana").await;
    world.person("ben").await;
    let path = "/api/v1/auth/me";
    for (wanted, expected) in [
        (json!({ "name": " Anna " }), StatusCode::OK),
        (
            json!({ "email": "anna@example.org" }),
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        (
            json!({ "email": "ben@example.org", "password": PASSWORD }),
            StatusCode::CONFLICT,
        ),
        (
            json!({ "email": "Anna@example.org", "password": PASSWORD }),
            StatusCode::OK,
        ),
    ] {
        let (status, answer) = send(&world, Method::PATCH, path, &ana, wanted).await;
        assert_eq!(status, expected, "{answer}");
    }
    let (_, me) = world.get(path, &ana).await;
    assert_eq!(me["user"]["name"], "Anna");
    assert_eq!(me["user"]["email"], "anna@example.org");
}

#[tokio::test]
async fn an_account_ends_with_its_clusters_but_leaves_no_organization_without_an_owner() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ben, "demo").await;
    let made = json!({ "name": "Physics" });
    let (_, organization) = world.post("/api/v1/organizations", &ben, &made).await;
    let path = "/api/v1/auth/me";
    let right = json!({ "password": PASSWORD });
    let (status, refused) = send(&world, Method::DELETE, path, &ben, right.clone()).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    let gone = format!(
        "/api/v1/organizations/{}",
        organization["id"].as_str().unwrap()
    );
    assert_eq!(world.delete(&gone, &ben).await.0, StatusCode::NO_CONTENT);
    let wrong = json!({ "password": "wrong password" });
    let (status, _) = send(&world, Method::DELETE, path, &ben, wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, answer) = send(&world, Method::DELETE, path, &ben, right.clone()).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    assert!(!is_good(&world, &ben).await);
    assert_eq!(
        login(&world, "ben", PASSWORD).await.0,
        StatusCode::UNAUTHORIZED
    );
    let uuid = cluster.trim_start_matches("clu_");
    let status = query(
        &world.database,
        &format!("select status from cluster where id = '{uuid}'"),
    )
    .await;
    assert!(status.starts_with("DELET"), "{status}");
    let known = "select count(*) from \"user\" where email like 'ben%' or name like 'ben%'";
    assert_eq!(query(&world.database, known).await, "0");
    // Who looks after the installation is the last to go, unless somebody else does too.
    let (status, refused) = send(&world, Method::DELETE, path, &ana, right.clone()).await;
    assert_eq!(status, StatusCode::CONFLICT, "{refused}");
    world.person("cem").await;
    admin(&world.database, &["promote", "cem@example.org"])
        .await
        .unwrap();
    let (status, answer) = send(&world, Method::DELETE, path, &ana, right).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    // The address is free again.
    world.person("ben").await;
}

#[tokio::test]
async fn a_token_is_shown_once_and_ends_when_it_is_revoked() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let made = token(&world, &ana, json!({ "level": "change" })).await;
    let (secret, shown) = (made["token"].as_str().unwrap(), &made["api_token"]);
    assert!(secret.starts_with(shown["prefix"].as_str().unwrap()));
    let kept = format!("select count(*) from session where session::text like '%{secret}%'");
    assert_eq!(query(&world.database, &kept).await, "0");
    world.create(secret, "demo").await;
    let (_, list) = world.get("/api/v1/auth/tokens", &ana).await;
    assert!(list["items"][0]["last_used_at"].is_string(), "{list}");
    assert!(!list.to_string().contains(secret));
    assert_eq!(
        world.get("/api/v1/auth/tokens", secret).await.0,
        StatusCode::FORBIDDEN,
        "no token makes or sees tokens"
    );
    let cookie = world
        .request(Method::GET, "/api/v1/auth/me", "")
        .header("cookie", format!("labyard={secret}"));
    assert_eq!(world.read(cookie).await.0, StatusCode::UNAUTHORIZED);
    let path = format!("/api/v1/auth/tokens/{}", shown["id"].as_str().unwrap());
    assert_eq!(world.delete(&path, &ben).await.0, StatusCode::NOT_FOUND);
    let before = ends(&world).await;
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    assert_eq!(ends(&world).await, before + 1, "its streams close");
    assert!(!is_good(&world, secret).await);
    let late = token(&world, &ana, json!({ "level": "read" })).await;
    sql(
        &world.database,
        "update session set expires_at = now() - interval '1 s' where kind = 'token'",
    )
    .await;
    assert!(!is_good(&world, late["token"].as_str().unwrap()).await);
}

#[tokio::test]
async fn a_stream_is_told_the_one_organization_of_its_token() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let own = &me["organizations"][0]["organization_id"];
    let hub = world.bus("events-gateway").await;
    let everywhere = token(&world, &ana, json!({ "level": "read" })).await;
    let narrow = json!({ "level": "read", "organization_id": own });
    let narrow = token(&world, &ana, narrow).await;
    let narrow = narrow["token"].as_str().unwrap();
    let (status, stream) = world
        .post("/api/v1/auth/stream-token", narrow, &json!({}))
        .await;
    assert_eq!(status, StatusCode::OK, "{stream}");
    let everywhere = everywhere["token"].as_str().unwrap().to_owned();
    let stream = stream["token"].as_str().unwrap().to_owned();
    for (credential, limited) in [
        (Credential::Bearer(everywhere.into()), false),
        (Credential::Bearer(narrow.to_owned().into()), true),
        (Credential::Stream(stream.into()), true),
    ] {
        let plain = serde_json::to_vec(&credential).unwrap();
        let ask = async |heeds_only| {
            let request = AdmitRequest {
                credential: world.gateway.keys().seal.seal(&plain).unwrap(),
                seen: None,
                heeds_only,
            };
            hub.request(&request, ()).await
        };
        let only = ask(true).await.unwrap().only;
        assert_eq!(serde_json::to_value(only).unwrap() == *own, limited);
        // A hub of an older version would show it everything.
        match (ask(false).await, limited) {
            (Err(bus::CallError::Fault(fault)), true) => assert_eq!(fault.code, Code::Forbidden),
            (answer, limited) => assert!(answer.is_ok() && !limited, "{:?}", answer.err()),
        }
    }
}

#[tokio::test]
async fn what_an_account_gave_and_sent_ends_with_it() {
    let world = world_with(&["--outgoing-allow", "127.0.0.0/8"]).await;
    world.person("ana").await;
    let (ben, cyd) = (world.person("ben").await, world.person("cyd").await);
    let cluster = world.create(&ben, "demo").await;
    let shares = format!("/api/v1/clusters/{cluster}/shares");
    let given = json!({ "level": "viewer", "email": "cyd@example.org" });
    assert_eq!(
        world.post(&shares, &ben, &given).await.0,
        StatusCode::CREATED
    );
    let (_, me) = world.get("/api/v1/auth/me", &ben).await;
    let workspace = me["workspaces"][0]["id"].as_str().unwrap();
    let hooks = format!("/api/v1/workspaces/{workspace}/webhooks");
    let hook = json!({ "url": "http://127.0.0.1:9/" });
    let (status, made) = world.post(&hooks, &ben, &hook).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    let (_, guest) = world.get("/api/v1/auth/me", &cyd).await;

    let right = json!({ "password": PASSWORD });
    let (status, answer) = send(&world, Method::DELETE, "/api/v1/auth/me", &ben, right).await;
    assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    // The hubs learn that the guest sees it no more, before they learn how it goes.
    let bus = world.bus("events-gateway").await;
    let (told, gone) = testkit::eventually(std::time::Duration::from_secs(5), || async {
        let log = crate::host::log(&bus, 0).await.ok()?.events;
        let told = log.iter().rposition(|one| {
            let data = one.event.data.as_ref();
            data.is_some_and(|data| data["user_id"] == guest["user"]["id"])
        })?;
        let gone = log
            .iter()
            .position(|one| one.event.status == Some(ClusterStatus::Deleted))?;
        // Their page learns of the share's beginning and of its end.
        let shares = log.iter().filter(|one| {
            let theirs = serde_json::to_value(&one.audience).is_ok_and(|to| {
                to.to_string()
                    .contains(guest["user"]["id"].as_str().unwrap())
            });
            one.event.kind == "share.changed" && theirs
        });
        if shares.count() != 2 {
            return None;
        }
        let grants = &log[told].event.data.as_ref()?["grants"];
        (grants["clusters"] == json!([])).then_some((told, gone))
    })
    .await;
    assert!(told < gone, "{told} {gone}");
    assert_eq!(
        query(&world.database, "select count(*) from webhook").await,
        "0",
        "what nobody can end goes on sending"
    );
    // Who did it is in the audit, its last line too.
    let named = "select string_agg(distinct email, ' ') from audit where user_id =
        (select user_id from audit where action = 'delete_me')";
    assert_eq!(query(&world.database, named).await, "ben@example.org");
}
