//! Organizations, who is in them, invitations and workspaces.

use api::event::{Audience, kind};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{PASSWORD, World, query, sql, unnamed, world, world_with},
    host::log,
};

pub(crate) async fn user_id(world: &World, token: &str) -> String {
    let (_, me) = world.get("/api/v1/auth/me", token).await;
    me["user"]["id"].as_str().unwrap().to_owned()
}

/// An organization with its owner; gives its ID.
pub(crate) async fn organization(world: &World, owner: &str) -> String {
    let (status, made) = world
        .post(
            "/api/v1/organizations",
            owner,
            &json!({ "name": " Physics " }),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    assert_eq!(
        (&made["name"], &made["role"]),
        (&json!("Physics"), &json!("owner"))
    );
    made["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn invitation(
    world: &World,
    owner: &str,
    organization: &str,
    wanted: Value,
) -> Value {
    let path = format!("/api/v1/organizations/{organization}/invitations");
    let (status, made) = world.post(&path, owner, &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made
}

pub(crate) async fn join(world: &World, token: &str, invitation: &Value) -> (StatusCode, Value) {
    let body = json!({ "token": invitation["token"] });
    world.post("/api/v1/invitations/accept", token, &body).await
}

/// Somebody new in a role.
pub(crate) async fn member(
    world: &World,
    owner: &str,
    organization: &str,
    name: &str,
    role: &str,
) -> String {
    let person = world.person(name).await;
    let invitation = invitation(world, owner, organization, json!({ "role": role })).await;
    let (status, joined) = join(world, &person, &invitation).await;
    assert_eq!(
        (status, &joined["role"]),
        (StatusCode::OK, &json!(role)),
        "{joined}"
    );
    person
}

pub(crate) async fn send(
    world: &World,
    method: Method,
    path: &str,
    token: &str,
    body: &Value,
) -> (StatusCode, Value) {
    world
        .read(world.request(method, path, token).json(body))
        .await
}

#[tokio::test]
async fn an_invitation_lets_one_in_and_its_secret_is_in_no_table() {
    let world = world().await;
    let (ana, ben, eve) = (
        world.person("ana").await,
        world.person("ben").await,
        world.person("eve").await,
    );
    let physics = organization(&world, &ana).await;
    let made = invitation(&world, &ana, &physics, json!({ "role": "member" })).await;
    let token = made["token"].as_str().unwrap();
    assert!(
        made["url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/invitation#{token}"))
    );
    let dump = String::from_utf8_lossy(&crate::gateway::dump(&world.database).await).into_owned();
    assert!(
        !dump.contains(token),
        "a copy of the database lets somebody in"
    );

    let (status, shown) = world
        .post("/api/v1/invitations/look", "", &json!({ "token": token }))
        .await;
    assert_eq!(
        (status, &shown["organization_name"]),
        (StatusCode::OK, &json!("Physics"))
    );
    assert_eq!(join(&world, &ben, &made).await.0, StatusCode::OK);
    // Who is in already takes no use and loses nothing by it.
    assert_eq!(join(&world, &ana, &made).await.0, StatusCode::NOT_FOUND);
    let (status, gone) = join(&world, &eve, &made).await;
    assert_eq!(
        (status, &gone["code"]),
        (StatusCode::NOT_FOUND, &json!("not_found"))
    );
    for bad in [
        "",
        "lyi_",
        "lys_AAAA",
        token.trim_end_matches(char::is_alphanumeric),
    ] {
        let (status, same) = join(&world, &eve, &json!({ "token": bad })).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{bad}");
        assert_eq!(unnamed(same), unnamed(gone.clone()), "{bad}");
    }
}

#[tokio::test]
async fn an_invitation_is_for_its_address_until_it_is_taken_back() {
    let world = world().await;
    let (ana, ben, eve) = (
        world.person("ana").await,
        world.person("ben").await,
        world.person("eve").await,
    );
    let physics = organization(&world, &ana).await;
    let wanted = json!({ "role": "viewer", "email": "Ben@example.org" });
    let made = invitation(&world, &ana, &physics, wanted.clone()).await;
    assert_eq!(join(&world, &eve, &made).await.0, StatusCode::FORBIDDEN);
    let path = format!("/api/v1/organizations/{physics}/invitations");
    let id = made["invitation"]["id"].as_str().unwrap();
    let (_, list) = world.get(&path, &ana).await;
    assert_eq!(list["items"][0]["id"], *id);
    assert_eq!(
        world.delete(&format!("{path}/{id}"), &ana).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(world.get(&path, &ana).await.1["items"], json!([]));
    assert_eq!(join(&world, &ben, &made).await.0, StatusCode::NOT_FOUND);
    let again = invitation(&world, &ana, &physics, wanted).await;
    assert_eq!(join(&world, &ben, &again).await.0, StatusCode::OK);
    let (status, refused) = world
        .post(
            &path,
            &ana,
            &json!({ "role": "viewer", "uses": 0, "days": 31, "email": "x" }),
        )
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let pointers: Vec<&str> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|e| e["pointer"].as_str())
        .collect();
    assert_eq!(pointers, ["/email", "/uses", "/days"]);
}

#[tokio::test]
async fn there_is_always_an_owner_and_only_owners_make_owners() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "admin").await;
    let cyd = member(&world, &ana, &physics, "cyd", "viewer").await;
    let members = format!("/api/v1/organizations/{physics}/members");
    let of = async |token: &str| format!("{members}/{}", user_id(&world, token).await);
    let (anas, bens, cyds) = (of(&ana).await, of(&ben).await, of(&cyd).await);
    let patch = async |path: &str, token: &str, role: &str| {
        send(&world, Method::PATCH, path, token, &json!({ "role": role }))
            .await
            .0
    };
    assert_eq!(patch(&cyds, &ben, "member").await, StatusCode::OK);
    assert_eq!(patch(&cyds, &ben, "owner").await, StatusCode::FORBIDDEN);
    assert_eq!(patch(&anas, &ben, "viewer").await, StatusCode::FORBIDDEN);
    assert_eq!(world.delete(&anas, &ben).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        world.delete(&anas, &ana).await.0,
        StatusCode::CONFLICT,
        "the last owner left"
    );
    assert_eq!(patch(&anas, &ana, "member").await, StatusCode::CONFLICT);

    let transfer = format!("/api/v1/organizations/{physics}/transfer");
    let to = json!({ "user_id": user_id(&world, &ben).await });
    let (status, after) = world.post(&transfer, &ana, &to).await;
    assert_eq!((status, &after["role"]), (StatusCode::OK, &json!("admin")));
    assert_eq!(
        world.post(&transfer, &ana, &to).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        world.delete(&cyds, &cyd).await.0,
        StatusCode::NO_CONTENT,
        "everyone may leave"
    );
    assert_eq!(world.get(&members, &cyd).await.0, StatusCode::NOT_FOUND);
    let (_, list) = world.get(&members, &ana).await;
    let roles: Vec<&str> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|m| m["role"].as_str())
        .collect();
    assert_eq!(roles, ["admin", "owner"]);
    assert_eq!(world.delete(&bens, &ana).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn whoever_sees_an_organization_no_more_is_told_that_it_changed() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "viewer").await;
    let cyd = member(&world, &ana, &physics, "cyd", "viewer").await;
    let told = async |person: &str, times: usize| {
        testkit::eventually(std::time::Duration::from_secs(5), || async {
            let path = "/api/v1/timeline?type=organization.*";
            let (_, page) = world.get(path, person).await;
            let items = page["items"].as_array()?;
            (items.len() == times).then_some(())
        })
        .await;
    };
    let bens = user_id(&world, &ben).await;
    let path = format!("/api/v1/organizations/{physics}");
    world.delete(&format!("{path}/members/{bens}"), &ana).await;
    told(&ben, 1).await;
    let (status, _) = world.delete(&path, &ana).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    told(&cyd, 1).await;
    told(&ana, 1).await;
}

#[tokio::test]
async fn every_change_of_rights_is_told_to_the_hubs_whole() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "viewer").await;
    let bens = user_id(&world, &ben).await;
    let path = format!("/api/v1/organizations/{physics}/members/{bens}");
    send(
        &world,
        Method::PATCH,
        &path,
        &ana,
        &json!({ "role": "admin" }),
    )
    .await;
    world.delete(&path, &ana).await;
    let bus = world.bus("events-gateway").await;
    let told = testkit::eventually(std::time::Duration::from_secs(5), || async {
        let reply = log(&bus, 0).await.ok()?;
        let of_ben: Vec<Value> = reply
            .events
            .iter()
            .filter(|logged| {
                logged.audience == Audience::Hub && logged.event.kind == kind::ACCESS_CHANGED
            })
            .filter_map(|logged| logged.event.data.clone())
            .filter(|data| data["user_id"] == *bens)
            .collect();
        (of_ben.len() == 3).then_some(of_ben)
    })
    .await;
    let roles: Vec<Option<Value>> = told
        .iter()
        .map(|data| {
            let all = data["grants"]["organizations"].as_array().unwrap();
            assert!(
                all.iter().any(|grant| grant["role"] == "owner"),
                "their own is missing: {data}"
            );
            let here = all
                .iter()
                .find(|grant| grant["organization_id"] == *physics);
            here.map(|grant| grant["role"].clone())
        })
        .collect();
    assert_eq!(roles, [Some(json!("viewer")), Some(json!("admin")), None]);
}

#[tokio::test]
async fn an_organization_with_clusters_stays_and_an_empty_one_goes() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "member").await;
    let (_, workspaces) = world
        .get(
            &format!("/api/v1/workspaces?organization_id={physics}"),
            &ana,
        )
        .await;
    let workspace = workspaces["items"][0]["id"].as_str().unwrap().to_owned();
    let (_, accepted) = world
        .post(
            "/api/v1/clusters",
            &ben,
            &json!({ "name": "demo", "workspace_id": workspace }),
        )
        .await;
    let cluster = format!(
        "/api/v1/clusters/{}",
        accepted["cluster"]["id"].as_str().unwrap()
    );
    let path = format!("/api/v1/organizations/{physics}");
    let here = format!("/api/v1/workspaces/{workspace}");
    let (status, refused) = world.delete(&path, &ana).await;
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status"))
    );
    assert_eq!(world.delete(&here, &ana).await.0, StatusCode::CONFLICT);
    world.delete(&cluster, &ben).await;
    assert_eq!(
        world.delete(&here, &ana).await.0,
        StatusCode::CONFLICT,
        "the last workspace"
    );
    assert_eq!(world.delete(&path, &ana).await.0, StatusCode::NO_CONTENT);
    for token in [&ana, &ben] {
        assert_eq!(world.get(&path, token).await.0, StatusCode::NOT_FOUND);
        assert_eq!(world.get(&cluster, token).await.0, StatusCode::NOT_FOUND);
    }
    let (_, me) = world.get("/api/v1/auth/me", &ana).await;
    let personal = me["organizations"][0]["organization_id"].as_str().unwrap();
    let (status, _) = world
        .delete(&format!("/api/v1/organizations/{personal}"), &ana)
        .await;
    assert_eq!(status, StatusCode::CONFLICT, "a personal one stays");
}

#[tokio::test]
async fn the_audit_says_who_did_what_from_where_and_whether_it_was_allowed() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "viewer").await;
    let (_, workspaces) = world
        .get(
            &format!("/api/v1/workspaces?organization_id={physics}"),
            &ana,
        )
        .await;
    let workspace = workspaces["items"][0]["id"].as_str().unwrap().to_owned();
    let (_, accepted) = world
        .post(
            "/api/v1/clusters",
            &ana,
            &json!({ "name": "demo", "workspace_id": workspace }),
        )
        .await;
    let cluster = accepted["cluster"]["id"].as_str().unwrap();
    let request = world.request(Method::DELETE, &format!("/api/v1/clusters/{cluster}"), &ben);
    let (status, _) = world
        .read(request.header("X-Forwarded-For", "192.0.2.7"))
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    world
        .delete(&format!("/api/v1/clusters/{cluster}"), &ana)
        .await;
    let path = format!("/api/v1/audit?organization_id={physics}");
    let (_, page) = world.get(&path, &ana).await;
    let items = page["items"].as_array().unwrap();
    let said: Vec<(&str, &str, bool)> = items
        .iter()
        .map(|i| {
            (
                i["action"].as_str().unwrap(),
                i["email"].as_str().unwrap(),
                i["allowed"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            ("delete_cluster", "ana@example.org", true),
            ("delete_cluster", "ben@example.org", false),
            ("create_cluster", "ana@example.org", true),
            ("accept_invitation", "ben@example.org", true),
            ("create_invitation", "ana@example.org", true),
            ("create_organization", "ana@example.org", true),
        ]
    );
    assert_eq!(
        (&items[1]["code"], &items[1]["address"]),
        (&json!("forbidden"), &json!("192.0.2.7"))
    );
    assert_eq!(
        (&items[0]["cluster_id"], &items[0]["object"]),
        (&json!(cluster), &json!(cluster))
    );
    assert_eq!(
        world.get(&path, &ben).await.0,
        StatusCode::FORBIDDEN,
        "a viewer reads the audit"
    );
    let (_, own) = world.get("/api/v1/audit?action=login", &ben).await;
    assert_eq!(own["items"].as_array().unwrap().len(), 1);
    assert_eq!(own["items"][0]["email"], "ben@example.org");
    // It outlives what it is about, and nobody can change it.
    world
        .delete(&format!("/api/v1/organizations/{physics}"), &ana)
        .await;
    assert!(!crate::gateway::try_sql(&world.database, "delete from audit").await);
    assert!(!crate::gateway::try_sql(&world.database, "update audit set allowed = true").await);
    assert!(!crate::gateway::try_sql(&world.database, "truncate audit").await);
    let kept = query(
        &world.database,
        "select count(*) from audit where action = 'delete_cluster'",
    )
    .await;
    assert_eq!(kept, "2");
}

#[tokio::test]
async fn an_invitation_ends_by_the_clock() {
    let world = world_with(&["--registration", "invitation"]).await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let first = invitation(&world, &ana, &physics, json!({ "role": "viewer" })).await;
    let register = |invitation: &Value| {
        let wanted = json!({ "email": "ben@example.org", "password": PASSWORD, "invitation": invitation["token"] });
        let world = &world;
        async move { world.post("/api/v1/auth/register", "", &wanted).await }
    };
    assert_eq!(register(&first).await.0, StatusCode::CREATED);
    let login = json!({ "email": "ben@example.org", "password": PASSWORD });
    let (_, ben) = world.post("/api/v1/auth/token", "", &login).await;
    let ben = ben["access_token"].as_str().unwrap();
    let wanted = json!({ "role": "admin", "uses": 5 });
    let late = invitation(&world, &ana, &physics, wanted).await;
    sql(
        &world.database,
        "update invitation set expires_at = now() where role = 'admin'",
    )
    .await;
    let look = json!({ "token": late["token"] });
    let (status, refused) = world.post("/api/v1/invitations/look", "", &look).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{refused}");
    assert_eq!(join(&world, ben, &late).await.0, StatusCode::NOT_FOUND);
    let eve =
        json!({ "email": "eve@example.org", "password": PASSWORD, "invitation": late["token"] });
    let (status, _) = world.post("/api/v1/auth/register", "", &eve).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let path = format!("/api/v1/organizations/{physics}/invitations");
    assert_eq!(world.get(&path, &ana).await.1["items"], json!([]));
    let (_, members) = world
        .get(&format!("/api/v1/organizations/{physics}/members"), &ana)
        .await;
    assert_eq!(members["items"][1]["role"], "viewer");
}
