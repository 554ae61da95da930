//! Every route of the table × everyone × own, another's and missing objects. A route without a line
//! in [`body`] that takes a body fails here.

use api_gateway::routes::{self, Reply, Route};
use domain::{Action, Cursor, Level, NamespaceGrant, Rights, Role, ScopeLevel, ShareGrant};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::gateway::{PASSWORD, World, query, sql, world};

/// Somebody who asks.
struct Person {
    name: &'static str,
    token: String,
    /// On the cluster of a [`Set`].
    rights: Rights,
}

/// The people that every set is made for.
struct Cast {
    owner: String,
    everyone: Vec<Person>,
}

fn role(role: Role) -> Rights {
    Rights {
        role: Some(role),
        ..Rights::default()
    }
}

fn share(level: Level) -> Rights {
    let namespaces = match level {
        Level::Namespaces => vec![NamespaceGrant {
            name: "team-a".into(),
            edit: true,
        }],
        _ => Vec::new(),
    };
    Rights {
        shares: vec![ShareGrant { level, namespaces }],
        ..Rights::default()
    }
}

async fn cast(world: &World) -> Cast {
    let mut everyone = Vec::new();
    for (name, rights) in [
        ("installation-admin", Rights::default()),
        (
            "owner",
            Rights {
                made_it: true,
                ..role(Role::Owner)
            },
        ),
        ("admin", role(Role::Admin)),
        ("member", role(Role::Member)),
        ("viewer", role(Role::Viewer)),
        ("other-owner", Rights::default()),
        ("share-viewer", share(Level::Viewer)),
        ("share-operator", share(Level::Operator)),
        ("share-namespaces", share(Level::Namespaces)),
        ("link-viewer", share(Level::Viewer)),
        ("link-operator", share(Level::Operator)),
    ] {
        let token = world.person(name).await;
        everyone.push(Person {
            name,
            token,
            rights,
        });
    }
    Cast {
        owner: everyone[1].token.clone(),
        everyone,
    }
}

/// A name is judged only when it is looked up, and then not reached.
const HOOK: &str = "https://localhost:1/";

/// An organization of everybody's, and one of each thing in it.
struct Set {
    organization: String,
    workspace: String,
    cluster: String,
    task: String,
    member: String,
    invitation: String,
    trust: String,
    share: String,
    webhook: String,
}

async fn made(world: &World, path: &str, token: &str, body: Value) -> Value {
    let (status, answer) = world.post(path, token, &body).await;
    assert!(status.is_success(), "{path}: {answer}");
    answer
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

async fn set(world: &World, cast: &Cast) -> Set {
    // Those of the sets before are left.
    sql(
        &world.database,
        "delete from member m using organization o where o.id = m.organization_id and not o.personal",
    )
    .await;
    let organization = made(
        world,
        "/api/v1/organizations",
        &cast.owner,
        json!({ "name": "Physics" }),
    )
    .await;
    let organization = text(&organization["id"]);
    let uuid = organization.trim_start_matches("org_");
    sql(
        &world.database,
        &format!(
            "insert into member (organization_id, user_id, role)
             select '{uuid}', id, split_part(email, '@', 1) from \"user\"
             where split_part(email, '@', 1) in ('admin', 'member', 'viewer')"
        ),
    )
    .await;
    let member = query(&world.database, "select 'usr_' || replace(id::text, '-', '') from \"user\" where email = 'viewer@example.org'").await;
    let (_, workspaces) = world
        .get(
            &format!("/api/v1/workspaces?organization_id={organization}"),
            &cast.owner,
        )
        .await;
    let workspace = text(&workspaces["items"][0]["id"]);
    let accepted = made(
        world,
        "/api/v1/clusters",
        &cast.owner,
        json!({ "name": "demo", "workspace_id": workspace }),
    )
    .await;
    let cluster = text(&accepted["cluster"]["id"]);
    let shares = format!("/api/v1/clusters/{cluster}/shares");
    let mut first = None;
    for person in &cast.everyone {
        let Some(held) = person.rights.shares.first() else {
            continue;
        };
        let mut wanted = json!({ "level": held.level, "namespaces": held.namespaces });
        if person.name.starts_with("link") {
            let link = made(world, &shares, &cast.owner, wanted).await;
            let token = json!({ "token": link["token"] });
            made(world, "/api/v1/shares/redeem", &person.token, token).await;
        } else {
            wanted["email"] = json!(format!("{}@example.org", person.name));
            let share = made(world, &shares, &cast.owner, wanted).await;
            first.get_or_insert(text(&share["share"]["id"]));
        }
    }
    let invitation = format!("/api/v1/organizations/{organization}/invitations");
    let invitation = made(world, &invitation, &cast.owner, json!({ "role": "viewer" })).await;
    let trusts = format!("/api/v1/organizations/{organization}/trusts");
    let trust = made(world, &trusts, &cast.owner, trust()).await;
    let webhooks = format!("/api/v1/workspaces/{workspace}/webhooks");
    let wanted = json!({ "url": HOOK });
    let webhook = made(world, &webhooks, &cast.owner, wanted).await;
    Set {
        webhook: text(&webhook["webhook"]["id"]),
        trust: text(&trust["id"]),
        workspace,
        task: text(&accepted["task"]["id"]),
        cluster,
        member,
        invitation: text(&invitation["invitation"]["id"]),
        share: first.unwrap(),
        organization,
    }
}

/// A body that is good for a route: what is refused is refused for who asks.
fn body(route: &Route, set: &Set) -> Option<Value> {
    route.request?;
    Some(match route.id {
        "register" | "create_session" | "create_token" => {
            json!({ "email": "owner@example.org", "password": PASSWORD })
        }
        "change_me" => json!({ "name": "Anna" }),
        "delete_me" => json!({ "password": "not the one so far" }),
        "change_password" => {
            json!({ "password": "not the one so far", "new_password": PASSWORD })
        }
        "create_reset_link" => json!({ "email": "viewer@example.org" }),
        "reset_password" => json!({ "token": "none", "new_password": PASSWORD }),
        "create_api_token" => json!({ "name": "more", "scope": { "level": "read" } }),
        "refresh_token" => json!({ "refresh_token": "none" }),
        "begin_provider_login" | "begin_device_login" => json!({}),
        "look_at_device" => json!({ "user_code": "none" }),
        "decide_device" => json!({ "user_code": "none", "approve": true }),
        "create_trust" => {
            json!({ "name": "shop", "issuer": "https://id.example.org", "level": "use",
            "claims": { "repository": "acme/shop" } })
        }
        "connect_identity" => json!({ "provider": "none" }),
        "create_organization" | "rename_organization" => json!({ "name": "Chemistry" }),
        "transfer_organization" => json!({ "user_id": set.member }),
        "change_member" => json!({ "role": "member" }),
        "create_invitation" => json!({ "role": "viewer" }),
        "look_at_invitation" | "accept_invitation" | "look_at_share" | "redeem_share" => {
            json!({ "token": "none" })
        }
        "create_workspace" => json!({ "organization_id": set.organization, "name": "more" }),
        "change_workspace" => json!({ "name": "other" }),
        "create_cluster" => json!({ "name": "more", "workspace_id": set.workspace }),
        "extend_cluster" => json!({ "hours": 1 }),
        "exec_cluster" => json!({ "command": "true" }),
        "auto_stop_cluster" => json!({ "minutes": 30 }),
        "create_webhook" => json!({ "url": HOOK }),
        "change_webhook" => json!({ "enabled": false }),
        "create_share" => json!({ "level": "viewer" }),
        "switch_pool" => json!({ "paused": true }),
        other => panic!("{other} takes a body: say here which one is good for it"),
    })
}

/// A pipeline that can be trusted.
fn trust() -> Value {
    json!({ "name": "shop", "issuer": "https://id.example.org", "level": "use",
        "claims": { "repository": "acme/shop" } })
}

/// The objects of a path, or those that are put in the place of its first one.
fn path(route: &Route, set: &Set, instead: Option<&str>) -> String {
    let first = match route.path.split('/').nth(3) {
        Some("clusters") => &set.cluster,
        Some("tasks") => &set.task,
        Some("organizations") => &set.organization,
        Some("webhooks") => &set.webhook,
        _ => &set.workspace,
    };
    route
        .path
        .replace("{id}", instead.unwrap_or(first))
        .replace("{user_id}", &set.member)
        .replace("{invitation_id}", &set.invitation)
        .replace("{share_id}", &set.share)
        .replace("{provider}", "none")
        .replace("{trust_id}", &set.trust)
        .replace("{identity_id}", "idn_01930000000070008000000000000001")
        .replace("{session_id}", "ses_01930000000070008000000000000001")
        .replace("{token_id}", "ses_01930000000070008000000000000001")
        .replace("{path:.*}", "index.html")
}

async fn call(
    world: &World,
    route: &Route,
    path: &str,
    body: Option<Value>,
    token: &str,
) -> (StatusCode, String) {
    let method = Method::from_bytes(route.method.as_bytes()).unwrap();
    // Answers are alike to the last byte when their requests have one name.
    let mut request = world
        .request(method, path, token)
        .header("x-request-id", "one");
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Allowed,
    Forbidden,
    /// As if it were not there.
    Missing,
}

/// What the rules say, for a route that is about something in a set.
fn expected(person: &Person, route: &Route) -> Expected {
    let by_role = Rights {
        shares: Vec::new(),
        ..person.rights.clone()
    };
    let about_cluster = route.path.contains("/clusters/{id}") || route.path.contains("/tasks/{id}");
    let rights = if about_cluster {
        &person.rights
    } else {
        &by_role
    };
    let allowed = match route.id {
        // Their own way out is everyone's; the set's member and share are somebody else's to most.
        "remove_member" => person.name == "viewer" || rights.role >= Some(Role::Admin),
        "end_share" => person.name == "share-viewer" || rights.allow(Action::ClusterShare),
        // Who looks after the installation reads every audit.
        "export_audit" => person.name == "installation-admin" || rights.allow(route.action),
        _ => rights.allow(route.action),
    };
    match (allowed, rights.any()) {
        (true, _) => Expected::Allowed,
        (false, true) => Expected::Forbidden,
        (false, false) => Expected::Missing,
    }
}

/// What the gateway says; how an allowed request ends otherwise is not what is asked here.
fn said(status: StatusCode) -> Expected {
    match status {
        StatusCode::FORBIDDEN => Expected::Forbidden,
        StatusCode::NOT_FOUND => Expected::Missing,
        StatusCode::UNAUTHORIZED => panic!("a good login was refused"),
        _ => Expected::Allowed,
    }
}

fn is_about_a_set(route: &Route) -> bool {
    route.path.contains("{id}") || ["create_cluster", "create_workspace"].contains(&route.id)
}

const ELSEWHERE: [&str; 4] = [
    "clu_01930000000070008000000000000001",
    "org_01930000000070008000000000000001",
    "usr_01930000000070008000000000000001",
    "garbage",
];

/// CVE-2026-45625: eight of nine routes of a kind did not ask for a role.
#[tokio::test]
async fn every_route_is_for_whom_the_rules_say() {
    let world = world().await;
    let cast = cast(&world).await;
    let mut now = set(&world, &cast).await;
    let mut cells = 0;
    for route in routes::all().filter(|route| is_about_a_set(route)) {
        for person in &cast.everyone {
            let asked = path(route, &now, None);
            let answer = call(&world, route, &asked, body(route, &now), &person.token).await;
            let what = format!(
                "{} {} as {}: {}",
                route.method, route.path, person.name, answer.1
            );
            let expected = expected(person, route);
            assert_eq!(said(answer.0), expected, "{what}");
            assert!(
                !answer.0.is_server_error() || answer.0 == StatusCode::SERVICE_UNAVAILABLE,
                "{what}"
            );
            if expected == Expected::Missing && route.path.contains("{id}") {
                for id in ELSEWHERE {
                    let missing = path(route, &now, Some(id));
                    let missing =
                        call(&world, route, &missing, body(route, &now), &person.token).await;
                    assert_eq!(missing, answer, "{what} differs from {id}");
                }
            }
            cells += 1;
            if expected == Expected::Allowed && route.method != "GET" {
                now = set(&world, &cast).await;
            }
        }
    }
    assert!(cells > 300, "only {cells} cells");
}

#[tokio::test]
async fn without_a_login_that_is_good_only_public_routes_answer() {
    let world = world().await;
    let cast = cast(&world).await;
    let set = set(&world, &cast).await;
    let over = world.person("over").await;
    assert_eq!(
        world.post("/api/v1/auth/logout", &over, &json!({})).await.0,
        StatusCode::NO_CONTENT
    );
    let late = world.person("late").await;
    sql(&world.database, "update session set expires_at = now() - interval '1 s' where user_id = (select id from \"user\" where email = 'late@example.org')").await;
    for route in routes::all().filter(|route| route.action != Action::Public) {
        for token in ["", "garbage", "a.b.c", &over, &late] {
            let (status, answer) = call(
                &world,
                route,
                &path(route, &set, None),
                body(route, &set),
                token,
            )
            .await;
            assert_eq!(
                status,
                StatusCode::UNAUTHORIZED,
                "{} {}: {answer}",
                route.method,
                route.path
            );
        }
    }
}

/// The logins among them are refused for their own reasons, not for the lack of a login before.
#[tokio::test]
async fn public_routes_want_no_login() {
    let world = world().await;
    let cast = cast(&world).await;
    let set = set(&world, &cast).await;
    let mut tried = 0;
    for route in routes::all().filter(|route| route.action == Action::Public) {
        for token in ["", "garbage"] {
            let (status, answer) = call(
                &world,
                route,
                &path(route, &set, None),
                body(route, &set),
                token,
            )
            .await;
            let expected = match route.id {
                "register" => StatusCode::CONFLICT,
                "refresh_token" => StatusCode::UNAUTHORIZED,
                "look_at_invitation" | "look_at_share" | "reset_password" => StatusCode::NOT_FOUND,
                // No provider is set up here.
                "go_to_provider" | "begin_provider_login" | "return_from_provider" => {
                    StatusCode::NOT_FOUND
                }
                "docs" => StatusCode::FOUND,
                _ => StatusCode::OK,
            };
            assert_eq!(
                status, expected,
                "{} {}: {answer}",
                route.method, route.path
            );
        }
        tried += 1;
    }
    assert!(tried >= 6, "only {tried} routes are public");
}

#[tokio::test]
async fn lists_hold_what_is_held_and_nothing_else() {
    let world = world().await;
    let cast = cast(&world).await;
    let set = set(&world, &cast).await;
    for person in &cast.everyone {
        for (list, id, seen) in [
            ("/api/v1/clusters", &set.cluster, person.rights.any()),
            ("/api/v1/tasks", &set.task, person.rights.any()),
            (
                "/api/v1/organizations",
                &set.organization,
                person.rights.role.is_some(),
            ),
            (
                "/api/v1/workspaces",
                &set.workspace,
                person.rights.role.is_some(),
            ),
        ] {
            let (status, page) = world.get(list, &person.token).await;
            assert_eq!(status, StatusCode::OK);
            let items = page["items"].as_array().unwrap();
            let found = items.iter().any(|item| item["id"] == **id);
            assert_eq!(found, seen, "{list} of {}", person.name);
        }
        let about = format!("/api/v1/timeline?cluster_id={}", set.cluster);
        let (_, page) = world.get(&about, &person.token).await;
        assert_eq!(
            !page["items"].as_array().unwrap().is_empty(),
            person.rights.any(),
            "{}",
            person.name
        );
    }
}

#[tokio::test]
async fn what_belongs_to_the_installation_is_its_administrators() {
    let world = world().await;
    let cast = cast(&world).await;
    let set = set(&world, &cast).await;
    let mut tried = 0;
    for route in routes::all().filter(|route| route.action == Action::Installation) {
        for person in &cast.everyone {
            let (status, answer) = call(
                &world,
                route,
                &path(route, &set, None),
                body(route, &set),
                &person.token,
            )
            .await;
            let is_admin = person.name == "installation-admin";
            let expected = match (is_admin, route.reply) {
                (true, Reply::Json(created, _)) => StatusCode::from_u16(created).unwrap(),
                (true, _) => StatusCode::OK,
                (false, _) => StatusCode::FORBIDDEN,
            };
            assert_eq!(
                status, expected,
                "{} {} as {}: {answer}",
                route.method, route.path, person.name
            );
        }
        tried += 1;
    }
    assert!(tried >= 3, "only {tried}");
}

/// What is read has a place in the log, from which on its changes are followed.
#[tokio::test]
async fn every_list_and_object_says_where_in_the_log_it_stands() {
    let world = world().await;
    let cast = cast(&world).await;
    let set = set(&world, &cast).await;
    let mut tried = 0;
    for route in routes::all() {
        let read = route.method == "GET" && matches!(route.reply, Reply::Json(..));
        if !read || route.action == Action::Public {
            continue;
        }
        let asker = match route.action {
            Action::Installation => &cast.everyone[0].token,
            _ => &cast.owner,
        };
        let path = path(route, &set, None);
        let answer = world.request(Method::GET, &path, asker).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let at = answer.headers().get("labyard-position");
        let at = at.unwrap_or_else(|| panic!("{path} does not say where it stands"));
        assert!(at.to_str().unwrap().parse::<Cursor>().is_ok(), "{path}");
        tried += 1;
    }
    assert!(tried > 20, "only {tried} routes");
}

/// CVE-2026-22806: a key of a scope got around it.
/// A token of an owner may what its scope says, route by route; one of another organization finds nothing.
#[tokio::test]
async fn a_token_may_what_its_scope_says_and_no_more() {
    let world = world().await;
    let cast = cast(&world).await;
    let mut now = set(&world, &cast).await;
    let mut cells = 0;
    let tokens = "/api/v1/auth/tokens";
    let elsewhere = json!({ "name": "Elsewhere" });
    let elsewhere = made(&world, "/api/v1/organizations", &cast.owner, elsewhere).await;
    // Like one's own, so that the sets leave its owner in it.
    let narrow = json!({ "level": "admin", "organization_id": elsewhere["id"] });
    let narrow = json!({ "name": "narrow", "scope": narrow });
    let narrow = text(&made(&world, tokens, &cast.owner, narrow).await["token"]);
    sql(
        &world.database,
        "update organization set personal = true where name = 'Elsewhere'",
    )
    .await;
    for level in ScopeLevel::ALL {
        let wanted = json!({ "name": level, "scope": { "level": level } });
        let token = text(&made(&world, tokens, &cast.owner, wanted).await["token"]);
        for route in routes::all().filter(|route| route.action != Action::Public) {
            let asked = path(route, &now, None);
            // What ends the token itself, or belongs to the installation, has tests of its own.
            if ["delete_session", "logout"].contains(&route.id)
                || route.action == Action::Installation
            {
                continue;
            }
            let answer = call(&world, route, &asked, body(route, &now), &token).await;
            let may = route.least_scope().is_some_and(|least| level >= least);
            let what = format!("{} with {level:?}: {}", route.id, answer.1);
            assert_ne!(answer.0, StatusCode::UNAUTHORIZED, "{what}");
            let beyond = answer.1.contains("This token's scope doesn't allow this");
            assert_eq!(beyond, !may, "{what}");
            assert_eq!(answer.0 == StatusCode::FORBIDDEN, !may, "{what}");
            if is_about_a_set(route) && may {
                let other = call(&world, route, &asked, body(route, &now), &narrow).await;
                assert_eq!(other.0, StatusCode::NOT_FOUND, "{what}: {}", other.1);
            }
            cells += 1;
            if may && route.method != "GET" {
                now = set(&world, &cast).await;
            }
        }
    }
    assert!(cells > 150, "only {cells} cells");
    for list in ["/api/v1/clusters", "/api/v1/tasks", "/api/v1/timeline"] {
        let (status, page) = world.get(list, &narrow).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(page["items"], json!([]), "{list}");
    }
    let (_, me) = world.get("/api/v1/auth/me", &narrow).await;
    assert_eq!(me["organizations"].as_array().unwrap().len(), 1, "{me}");
    let stream = "/api/v1/auth/stream-token";
    let (status, made) = world.post(stream, &narrow, &json!({})).await;
    assert_eq!(status, StatusCode::OK, "{made}");
}
