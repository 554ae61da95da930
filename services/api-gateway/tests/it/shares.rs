//! Shares of clusters, links, and who may do what and why.

use std::time::Duration;

use api::bus::{AdmitRequest, Credential};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;

use crate::{
    gateway::{PASSWORD, World, sql, unnamed, world},
    organizations::user_id,
};

pub(crate) async fn share(
    world: &World,
    token: &str,
    cluster: &str,
    wanted: Value,
) -> (StatusCode, Value) {
    let path = format!("/api/v1/clusters/{cluster}/shares");
    world.post(&path, token, &wanted).await
}

pub(crate) async fn redeem(world: &World, token: &str, link: &Value) -> (StatusCode, Value) {
    let body = json!({ "token": link["token"] });
    world.post("/api/v1/shares/redeem", token, &body).await
}

pub(crate) async fn sees(world: &World, token: &str, cluster: &str) -> bool {
    let (status, _) = world
        .get(&format!("/api/v1/clusters/{cluster}"), token)
        .await;
    status == StatusCode::OK
}

#[tokio::test]
async fn a_share_ends_by_hand_and_by_the_clock() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ana, "demo").await;
    let wanted = json!({ "email": "BEN@example.org", "level": "viewer" });
    let (status, made) = share(&world, &ana, &cluster, wanted.clone()).await;
    assert_eq!(
        (status, &made["share"]["person"]["email"]),
        (StatusCode::CREATED, &json!("ben@example.org"))
    );
    assert_eq!(made.get("token"), None);
    assert!(sees(&world, &ben, &cluster).await);
    let (_, listed) = world.get("/api/v1/clusters", &ben).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let path = format!(
        "/api/v1/clusters/{cluster}/shares/{}",
        made["share"]["id"].as_str().unwrap()
    );
    let request = || {
        world
            .request(reqwest::Method::DELETE, &path, &ana)
            .header("Idempotency-Key", "once")
    };
    assert_eq!(world.read(request()).await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        world.read(request()).await.0,
        StatusCode::NO_CONTENT,
        "repeated, it is the same answer"
    );
    assert!(!sees(&world, &ben, &cluster).await);

    let (_, made) = share(&world, &ana, &cluster, wanted).await;
    let id = made["share"]["id"].as_str().unwrap();
    assert!(sees(&world, &ben, &cluster).await);
    let uuid = id.trim_start_matches("shr_");
    sql(
        &world.database,
        &format!("update share set expires_at = now() where id = '{uuid}'"),
    )
    .await;
    assert!(
        !sees(&world, &ben, &cluster).await,
        "the clock alone ends it"
    );
    sql(
        &world.database,
        &format!("insert into due (kind, key, at) values ('share', '{id}', now())"),
    )
    .await;
    let bus = world.bus("events-gateway").await;
    let bens = user_id(&world, &ben).await;
    eventually(Duration::from_secs(5), || async {
        let reply = crate::host::log(&bus, 0).await.ok()?;
        let last = reply.events.iter().rev().find_map(|logged| {
            logged
                .event
                .data
                .clone()
                .filter(|data| data["user_id"] == *bens)
        })?;
        (last["grants"]["clusters"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_link_gives_what_it_says_to_as_many_as_it_says() {
    let world = world().await;
    let ana = world.person("ana").await;
    let cluster = world.create(&ana, "demo").await;
    let wanted = json!({ "level": "namespaces", "namespaces": [{ "name": "team-a", "edit": true }], "uses": 2 });
    let (status, link) = share(&world, &ana, &cluster, wanted).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(
        link["share"]["expires_at"].is_string(),
        "a link ends by itself"
    );
    let dump = String::from_utf8_lossy(&crate::gateway::dump(&world.database).await).into_owned();
    assert!(!dump.contains(link["token"].as_str().unwrap()));
    let (ben, cyd, eve) = (
        world.person("ben").await,
        world.person("cyd").await,
        world.person("eve").await,
    );
    let (_, first) = redeem(&world, &ben, &link).await;
    let (status, again) = redeem(&world, &ben, &link).await;
    assert_eq!(
        (status, &again["id"]),
        (StatusCode::OK, &first["id"]),
        "taken twice it is one use"
    );
    assert_eq!(redeem(&world, &cyd, &link).await.0, StatusCode::OK);
    assert_eq!(redeem(&world, &eve, &link).await.0, StatusCode::NOT_FOUND);

    let access = format!("/api/v1/clusters/{cluster}/access");
    let (_, own) = world.get(&access, &ben).await;
    let people = own["people"].as_array().unwrap();
    assert_eq!(
        people.len(),
        1,
        "who was given a share sees their own alone"
    );
    assert_eq!(people[0]["groups"], json!(["labyard:edit:team-a"]));
    assert_eq!(people[0]["actions"], json!(["cluster_read", "cluster_use"]));
    assert_eq!(
        (
            &people[0]["because"][0]["by"],
            &people[0]["because"][0]["link"]
        ),
        (&json!("share"), &json!(true))
    );
    let (_, all) = world.get(&access, &ana).await;
    let people = all["people"].as_array().unwrap();
    assert_eq!(people.len(), 3);
    assert_eq!(people[0]["groups"], json!(["labyard:owner"]));
    assert_eq!(
        people[0]["because"],
        json!([{ "by": "role", "role": "owner" }, { "by": "made_it" }])
    );

    // What the link gave goes with it.
    let path = format!(
        "/api/v1/clusters/{cluster}/shares/{}",
        link["share"]["id"].as_str().unwrap()
    );
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    assert!(!sees(&world, &ben, &cluster).await && !sees(&world, &cyd, &cluster).await);
    assert_eq!(redeem(&world, &ben, &link).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_link_says_to_whoever_holds_it_what_it_gives_until_it_ends() {
    let world = world().await;
    let ana = world.person("ana").await;
    let cluster = world.create(&ana, "demo").await;
    let (_, link) = share(&world, &ana, &cluster, json!({ "level": "operator" })).await;
    let body = json!({ "token": link["token"] });
    let look = async || world.post("/api/v1/shares/look", "", &body).await;
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let shown = json!({ "cluster_name": "demo", "shared_by": me["user"]["name"], "level": "operator",
        "namespaces": [], "expires_at": link["share"]["expires_at"] });
    assert_eq!(look().await, (StatusCode::OK, shown.clone()));

    let ben = world.person("ben").await;
    assert_eq!(redeem(&world, &ben, &link).await.0, StatusCode::OK);
    assert_eq!(
        look().await,
        (StatusCode::OK, shown),
        "who took it comes by it again"
    );
    let id = link["share"]["id"].as_str().unwrap();
    let path = format!("/api/v1/clusters/{cluster}/shares/{id}");
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    assert_eq!(look().await.0, StatusCode::NOT_FOUND);
    let to_ben = json!({ "level": "viewer", "email": "ben@example.org" });
    let (_, made) = share(&world, &ana, &cluster, to_ben).await;
    assert!(made.get("token").is_none(), "a person's share has no link");
}

#[tokio::test]
async fn a_stream_is_admitted_to_what_is_shared_until_the_share_ends() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ana, "demo").await;
    for hours in [Some(1.0), Some(2.0)] {
        let wanted = json!({ "email": "ben@example.org", "level": "viewer", "hours": hours });
        assert_eq!(
            share(&world, &ana, &cluster, wanted).await.0,
            StatusCode::CREATED
        );
    }
    let bus = world.bus("events-gateway").await;
    let credential = serde_json::to_vec(&Credential::Bearer(ben.clone().into())).unwrap();
    let request = AdmitRequest {
        credential: world.gateway.keys().seal.seal(&credential).unwrap(),
        seen: None,
        heeds_only: true,
    };
    let admitted = bus.request(&request, ()).await.unwrap();
    let [grant] = admitted.grants.clusters.as_slice() else {
        panic!("one grant for one cluster: {:?}", admitted.grants)
    };
    assert_eq!(grant.cluster_id.to_string(), cluster);
    let until = grant.until.unwrap().datetime();
    let hours = (until - chrono::Utc::now()).num_minutes();
    assert!(
        (118..=120).contains(&hours),
        "the longest share counts: {hours} min"
    );
}

#[tokio::test]
async fn a_share_that_makes_no_sense_is_refused_with_every_reason() {
    let world = world().await;
    let ana = world.person("ana").await;
    let cluster = world.create(&ana, "demo").await;
    for (wanted, pointers) in [
        (json!({ "level": "namespaces" }), vec!["/namespaces"]),
        (
            json!({ "level": "viewer", "namespaces": [{ "name": "a" }] }),
            vec!["/namespaces"],
        ),
        (
            json!({ "level": "namespaces", "namespaces": [{ "name": "kube-system" }], "hours": 0, "uses": 501 }),
            vec!["/namespaces/0/name", "/hours", "/uses"],
        ),
        (
            json!({ "level": "viewer", "email": "nobody@example.org" }),
            vec!["/email"],
        ),
        (
            json!({ "level": "viewer", "email": "ana@example.org", "uses": 2 }),
            vec!["/uses"],
        ),
    ] {
        let (status, refused) = share(&world, &ana, &cluster, wanted.clone()).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wanted}");
        let said: Vec<&str> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|e| e["pointer"].as_str())
            .collect();
        assert_eq!(said, pointers, "{wanted}");
    }
    let (status, _) = share(&world, &ana, &cluster, json!({ "level": "owner" })).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "nobody is made an owner by a share"
    );
    world
        .delete(&format!("/api/v1/clusters/{cluster}"), &ana)
        .await;
    let (status, _) = share(&world, &ana, &cluster, json!({ "level": "viewer" })).await;
    assert_eq!(status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn whose_share_was_ended_does_not_come_back_by_the_same_link() {
    let world = world().await;
    let (ana, ben, cyd) = (
        world.person("ana").await,
        world.person("ben").await,
        world.person("cyd").await,
    );
    let cluster = world.create(&ana, "demo").await;
    let wanted = json!({ "level": "viewer", "uses": 5 });
    let (_, link) = share(&world, &ana, &cluster, wanted).await;
    let (_, taken) = redeem(&world, &ben, &link).await;
    let path = format!(
        "/api/v1/clusters/{cluster}/shares/{}",
        taken["id"].as_str().unwrap()
    );
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    let (status, refused) = redeem(&world, &ben, &link).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::NOT_FOUND, &json!("not_found")),
        "{refused}"
    );
    assert!(!sees(&world, &ben, &cluster).await);
    // It takes no use, and is good for everybody else.
    assert_eq!(redeem(&world, &cyd, &link).await.0, StatusCode::OK);
    let left = "select uses_left from share where link_id is null";
    assert_eq!(crate::gateway::query(&world.database, left).await, "3");
}

#[tokio::test]
async fn a_link_that_nobody_took_ends_by_the_clock() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ana, "demo").await;
    let (_, link) = share(&world, &ana, &cluster, json!({ "level": "viewer" })).await;
    sql(
        &world.database,
        "update share set expires_at = now() where user_id is null",
    )
    .await;
    let (status, refused) = redeem(&world, &ben, &link).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{refused}");
    assert!(!sees(&world, &ben, &cluster).await);
    let path = format!("/api/v1/clusters/{cluster}/shares");
    assert_eq!(world.get(&path, &ana).await.1["items"], json!([]));
    let never = json!({ "token": "lys_AAAA" });
    assert_eq!(
        unnamed(refused),
        unnamed(redeem(&world, &ben, &never).await.1),
        "one that was can be told from one that never was"
    );
}

#[tokio::test]
async fn oneself_and_open_links_are_shown_however_many_there_are() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let cluster = world.create(&ana, "demo").await;
    let wanted = json!({ "level": "operator", "uses": 3, "hours": 2 });
    let (_, open) = share(&world, &ana, &cluster, wanted).await;
    let (_, used) = share(&world, &ana, &cluster, json!({ "level": "viewer" })).await;
    assert_eq!(redeem(&world, &ben, &used).await.0, StatusCode::OK);
    let path = format!("/api/v1/clusters/{cluster}/access");
    let (_, few) = world.get(&path, &ana).await;
    assert_eq!(
        (few["people"].as_array().unwrap().len(), &few["more"]),
        (2, &json!(false))
    );
    let links = few["links"].as_array().unwrap();
    assert_eq!(
        links.len(),
        1,
        "one was taken by as many as it was for: {few}"
    );
    for field in ["id", "level", "uses_left", "expires_at"] {
        assert_eq!(links[0][field], open["share"][field], "{field}");
        assert_ne!(links[0][field], Value::Null, "{field}");
    }
    // More members than are shown, all of them before ana.
    let crowd = format!(
        r#"insert into "user" (id, email, name, password_hash)
            select ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n || '@example.org', 'n', '' from generate_series(1, 600) n;
        insert into member (organization_id, user_id, role, created_at)
            select c.organization_id, u.id, 'viewer', now() - interval '1 day' from "user" u, cluster c
            where u.name = 'n' and c.id = '{}'"#,
        cluster.trim_start_matches("clu_")
    );
    sql(&world.database, &crowd).await;
    let (_, many) = world.get(&path, &ana).await;
    let people = many["people"].as_array().unwrap();
    assert_eq!((people.len(), &many["more"]), (500, &json!(true)));
    assert_eq!(people[0]["person"]["email"], "ana@example.org");
    assert_eq!(people[0]["because"][1]["by"], "made_it");
    let (_, own) = world.get(&path, &ben).await;
    assert_eq!(
        (own["people"].as_array().unwrap().len(), &own["more"]),
        (1, &json!(false)),
        "who was given a share sees their own alone"
    );
    assert_eq!(own.get("links"), None);
    assert_eq!(own["people"][0]["person"]["email"], "ben@example.org");
}

/// Nobody here verifies an address: who shares by one is told so, and what it could be mistaken for.
#[tokio::test]
async fn who_shares_by_an_address_is_told_whose_it_may_be() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    // Somebody registers what looks like ben's address, with a Cyrillic letter.
    let false_ben = "b\u{435}n";
    world.person(false_ben).await;
    let cluster = world.create(&ana, "demo").await;
    let to = async |name: &str| {
        let wanted = json!({ "email": format!("{name}@example.org"), "level": "viewer" });
        share(&world, &ana, &cluster, wanted).await
    };
    let (status, nobody) = to("cyd").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let said = nobody["errors"][0]["detail"].as_str().unwrap();
    assert!(said.contains("create a link"), "{said}");

    let (_, made) = to("ben").await;
    let person = &made["share"]["person"];
    assert_eq!(person["email_verified"], false, "{person}");
    assert_eq!(person.get("lookalike"), None, "{person}");
    let (_, made) = to(false_ben).await;
    let told = json!({
        "spelled": "b\\u{435}n@example.org", "looks_like": "ben@example.org", "mixed_scripts": true,
    });
    assert_eq!(made["share"]["person"]["lookalike"], told);

    // A provider of identities vouches for ben's address, and for another of the false ben's.
    let vouched = r#"insert into identity (id, user_id, provider, issuer, subject, email)
        select gen_random_uuid(), id, 'acme', 'https://acme.test', id::text,
            case when name = 'ben' then email else 'other@example.org' end
        from "user" where email like 'b%n@example.org'"#;
    sql(&world.database, vouched).await;
    let (_, access) = world
        .get(&format!("/api/v1/clusters/{cluster}/access"), &ana)
        .await;
    let (_, list) = world
        .get(&format!("/api/v1/clusters/{cluster}/shares"), &ana)
        .await;
    let (access, list) = (
        access["people"].as_array().unwrap(),
        list["items"].as_array().unwrap(),
    );
    assert_eq!((access.len(), list.len()), (3, 2));
    for person in access.iter().chain(list).map(|one| &one["person"]) {
        let verified = person["email"] == "ben@example.org";
        assert_eq!(person["email_verified"], verified, "{person}");
    }
    // Another address is another's word.
    let wanted = json!({ "email": "ben2@example.org", "password": PASSWORD });
    let request = world.request(Method::PATCH, "/api/v1/auth/me", &ben);
    assert_eq!(world.read(request.json(&wanted)).await.0, StatusCode::OK);
    let (_, own) = world
        .get(&format!("/api/v1/clusters/{cluster}/access"), &ben)
        .await;
    assert_eq!(own["people"][0]["person"]["email_verified"], false);
}
