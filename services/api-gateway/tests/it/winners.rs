//! A hundred at once want what one can have. `RACE_ROUNDS` says how often it is tried.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    gateway::{PASSWORD, World, sql, world, world_with},
    organizations::{invitation, organization},
};

const AT_ONCE: usize = 100;
/// Who hears that there is no room right now asks again, as every client does.
const TRIES_MAX: usize = 20;

fn rounds() -> usize {
    let wanted = std::env::var("RACE_ROUNDS").ok();
    wanted.map_or(2, |text| text.parse().unwrap())
}

/// The same request from everyone at once; gives how often each status came.
async fn race(
    world: &World,
    path: &str,
    requests: Vec<(&String, Value)>,
) -> BTreeMap<StatusCode, usize> {
    let answers = requests
        .iter()
        .map(|(token, body)| asked(move || world.post(path, token, body)));
    let mut seen = BTreeMap::new();
    for (status, _) in join_all(answers).await {
        *seen.entry(status).or_default() += 1;
    }
    seen
}

/// The answer that is not 503; a hundred requests can wait too long for a connection of the database.
pub(crate) async fn asked<F: Future<Output = (StatusCode, Value)>>(
    ask: impl Fn() -> F,
) -> (StatusCode, Value) {
    for _ in 1..TRIES_MAX {
        let (status, answer) = ask().await;
        if status != StatusCode::SERVICE_UNAVAILABLE {
            return (status, answer);
        }
    }
    ask().await
}

/// Many people, without a hundred password hashes: they are copied from the first.
async fn crowd(world: &World) -> Vec<String> {
    world.person("first").await;
    sql(
        &world.database,
        &format!(
            "insert into \"user\" (id, email, name, password_hash)
             select gen_random_uuid(), 'p' || n || '@example.org', 'p', (select password_hash from \"user\" limit 1)
             from generate_series(1, {AT_ONCE}) as n;
             insert into session (id, user_id, kind, secret_hash, expires_at, absolute_at)
             select gen_random_uuid(), id, 'browser', sha256(convert_to(email, 'UTF8')), now() + interval '1 hour', now() + interval '1 hour'
             from \"user\" where name = 'p'"
        ),
    )
    .await;
    (1..=AT_ONCE).map(|n| format!("p{n}@example.org")).collect()
}

/// As [`race`], each with the cookie that [`crowd`] made for them.
async fn race_by_cookie(
    world: &World,
    path: &str,
    people: &[String],
    body: &Value,
) -> BTreeMap<StatusCode, usize> {
    let answers = people.iter().map(|cookie| {
        asked(move || {
            let request = world
                .request(reqwest::Method::POST, path, "")
                .header("Cookie", format!("labyard={cookie}"))
                .header("Origin", "http://labyard.localhost:3000");
            world.read(request.json(body))
        })
    });
    let mut seen = BTreeMap::new();
    for (status, _) in join_all(answers).await {
        *seen.entry(status).or_default() += 1;
    }
    seen
}

#[tokio::test]
async fn the_last_use_of_an_invitation_and_of_a_link_has_one_winner() {
    let world = world().await;
    let people = crowd(&world).await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let cluster = world.create(&ana, "demo").await;
    let one = |status| BTreeMap::from([(status, 1), (StatusCode::NOT_FOUND, AT_ONCE - 1)]);
    for round in 0..rounds() {
        let made = invitation(&world, &ana, &physics, json!({ "role": "viewer" })).await;
        let body = json!({ "token": made["token"] });
        let seen = race_by_cookie(&world, "/api/v1/invitations/accept", &people, &body).await;
        assert_eq!(seen, one(StatusCode::OK), "invitation, round {round}");
        sql(&world.database, "delete from member where role = 'viewer'").await;

        let shares = format!("/api/v1/clusters/{cluster}/shares");
        let (_, link) = world
            .post(&shares, &ana, &json!({ "level": "viewer" }))
            .await;
        let body = json!({ "token": link["token"] });
        let seen = race_by_cookie(&world, "/api/v1/shares/redeem", &people, &body).await;
        assert_eq!(seen, one(StatusCode::OK), "link, round {round}");
    }
}

#[tokio::test]
async fn the_last_unit_of_a_quota_and_names_have_one_winner() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    for round in 0..rounds() {
        let wanted = json!({ "organization_id": physics, "name": format!("w{round}"), "quota": { "clusters": 1 } });
        let (_, workspace) = world.post("/api/v1/workspaces", &ana, &wanted).await;
        let create = |n: usize| {
            (
                &ana,
                json!({ "name": format!("c{n}"), "workspace_id": workspace["id"] }),
            )
        };
        let seen = race(
            &world,
            "/api/v1/clusters",
            (0..AT_ONCE).map(create).collect(),
        )
        .await;
        let expected = [
            (StatusCode::ACCEPTED, 1),
            (StatusCode::TOO_MANY_REQUESTS, AT_ONCE - 1),
        ];
        assert_eq!(seen, BTreeMap::from(expected), "quota, round {round}");

        let name = json!({ "organization_id": physics, "name": format!("n{round}") });
        let seen = race(&world, "/api/v1/workspaces", vec![(&ana, name); AT_ONCE]).await;
        let expected = [
            (StatusCode::CREATED, 1),
            (StatusCode::CONFLICT, AT_ONCE - 1),
        ];
        assert_eq!(seen, BTreeMap::from(expected), "name, round {round}");
        let wanted = json!({ "organization_id": physics, "name": format!("m{round}") });
        let (_, workspace) = world.post("/api/v1/workspaces", &ana, &wanted).await;
        let same = json!({ "name": "same", "workspace_id": workspace["id"] });
        let seen = race(&world, "/api/v1/clusters", vec![(&ana, same); AT_ONCE]).await;
        let expected = [
            (StatusCode::ACCEPTED, 1),
            (StatusCode::CONFLICT, AT_ONCE - 1),
        ];
        assert_eq!(seen, BTreeMap::from(expected), "cluster, round {round}");
        // An organization has room for so many only.
        sql(
            &world.database,
            "update workspace set deleted_at = now() where name <> 'default'",
        )
        .await;
    }
}

#[tokio::test]
async fn the_last_organization_and_workspace_that_one_may_make_have_one_winner() {
    let caps = [
        "--organizations-per-person=3",
        "--workspaces-per-organization=3",
    ];
    let world = world_with(&caps).await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    for round in 0..rounds() {
        let left = |made| {
            let expected = [
                (StatusCode::CREATED, made),
                (StatusCode::TOO_MANY_REQUESTS, AT_ONCE - made),
            ];
            BTreeMap::from(expected)
        };
        let body = json!({ "name": "more" });
        let seen = race(&world, "/api/v1/organizations", vec![(&ana, body); AT_ONCE]).await;
        assert_eq!(seen, left(2), "organizations, round {round}");

        let wanted = |n: usize| {
            let body = json!({ "organization_id": physics, "name": format!("w{n}") });
            (&ana, body)
        };
        let all = (0..AT_ONCE).map(wanted).collect();
        let seen = race(&world, "/api/v1/workspaces", all).await;
        assert_eq!(seen, left(2), "workspaces, round {round}");
        let again = "update workspace set deleted_at = now() where name <> 'default';
            delete from member m using organization o where o.id = m.organization_id and o.name = 'more'";
        sql(&world.database, again).await;
    }
}

#[tokio::test]
async fn a_refresh_token_has_one_successor() {
    let world = world().await;
    world.person("ana").await;
    let login = json!({ "email": "ana@example.org", "password": PASSWORD });
    let (_, mut tokens) = world.post("/api/v1/auth/token", "", &login).await;
    for round in 0..rounds() {
        let body = json!({ "refresh_token": tokens["refresh_token"] });
        let answers = (0..AT_ONCE).map(|_| asked(|| world.post("/api/v1/auth/refresh", "", &body)));
        let mut next = std::collections::BTreeSet::new();
        for (status, answer) in join_all(answers).await {
            // Whose answer was lost gets the same one again, and nobody a second.
            assert_eq!(status, StatusCode::OK, "round {round}: {answer}");
            next.insert(answer["refresh_token"].as_str().unwrap().to_owned());
            tokens = answer;
        }
        assert_eq!(next.len(), 1, "round {round}");
    }
}
