//! What ends with a role: invitations, links and shares of who falls or leaves; what was allowed before a
//! wait for the organization's lock and is not after it.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, Database, TransactionTrait};
use serde_json::{Value, json};
use testkit::eventually;
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::{World, query, sql, start, world},
    organizations::{invitation, join, member, organization, user_id},
    shares::{redeem, sees, share},
};

/// An organization of ana's with an admin, ben, and a cluster of each.
struct Team {
    world: World,
    ana: String,
    ben: String,
    id: String,
    anas: String,
    bens: String,
}

async fn team() -> Team {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = organization(&world, &ana).await;
    let ben = member(&world, &ana, &id, "ben", "admin").await;
    let (_, workspaces) = world
        .get(&format!("/api/v1/workspaces?organization_id={id}"), &ana)
        .await;
    let workspace = &workspaces["items"][0]["id"];
    let cluster = async |of: &str, name: &str| {
        let wanted = json!({ "name": name, "workspace_id": workspace });
        let (status, made) = world.post("/api/v1/clusters", of, &wanted).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{made}");
        made["cluster"]["id"].as_str().unwrap().to_owned()
    };
    let (anas, bens) = (cluster(&ana, "anas").await, cluster(&ben, "bens").await);
    Team {
        world,
        ana,
        ben,
        id,
        anas,
        bens,
    }
}

impl Team {
    fn path(&self, more: &str) -> String {
        format!("/api/v1/organizations/{}{more}", self.id)
    }

    async fn place(&self, by: &str, of: &str, role: &str) -> (StatusCode, Value) {
        let path = self.path(&format!("/members/{}", user_id(&self.world, of).await));
        let request = self.world.request(Method::PATCH, &path, by);
        self.world
            .read(request.json(&json!({ "role": role })))
            .await
    }

    async fn take_out(&self, by: &str, of: &str) {
        let path = self.path(&format!("/members/{}", user_id(&self.world, of).await));
        assert_eq!(self.world.delete(&path, by).await.0, StatusCode::NO_CONTENT);
    }

    async fn shared(&self, by: &str, cluster: &str, wanted: Value) -> Value {
        let (status, made) = share(&self.world, by, cluster, wanted).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made
    }

    async fn link(&self, by: &str, cluster: &str) -> Value {
        let wanted = json!({ "level": "operator", "uses": 5 });
        self.shared(by, cluster, wanted).await
    }

    async fn give(&self, by: &str, cluster: &str, to: &str) -> Value {
        let wanted = json!({ "level": "operator", "email": format!("{to}@example.org") });
        self.shared(by, cluster, wanted).await
    }

    /// The answer to a request that waits for the organization's lock while `meanwhile` is done under it.
    async fn while_locked(
        &self,
        request: impl Future<Output = (StatusCode, Value)>,
        meanwhile: &str,
    ) -> (StatusCode, Value) {
        let database = Database::connect(&self.world.database).await.unwrap();
        let txn = database.begin().await.unwrap();
        let uuid = self.id.trim_start_matches("org_");
        let lock = format!("select 1 from organization where id = '{uuid}' for update");
        txn.execute_unprepared(&lock).await.unwrap();
        let change = async {
            let waits = "select count(*) from pg_stat_activity
                where wait_event_type = 'Lock' and datname = current_database()";
            eventually(Duration::from_secs(4), || async {
                (query(&self.world.database, waits).await != "0").then_some(())
            })
            .await;
            txn.execute_unprepared(meanwhile).await.unwrap();
            txn.commit().await.unwrap();
        };
        let (answer, ()) = tokio::join!(request, change);
        answer
    }

    /// SQL that makes of somebody what they are to be here.
    async fn becomes(&self, of: &str, role: &str) -> String {
        let (user, id) = (user_id(&self.world, of).await, &self.id);
        format!(
            "update member set role = '{role}' where user_id = '{}' and organization_id = '{}'",
            user.trim_start_matches("usr_"),
            id.trim_start_matches("org_")
        )
    }
}

#[tokio::test]
async fn who_is_taken_out_comes_back_by_nothing_of_their_own() {
    let team = team().await;
    let world = &team.world;
    let (cyd, dan) = (world.person("cyd").await, world.person("dan").await);
    let five = json!({ "role": "admin", "uses": 5 });
    let bens = invitation(world, &team.ben, &team.id, five.clone()).await;
    let anas = invitation(world, &team.ana, &team.id, five).await;
    let link = team.link(&team.ben, &team.anas).await;
    let own = team.link(&team.ben, &team.bens).await;
    assert_eq!(redeem(world, &cyd, &link).await.0, StatusCode::OK);
    team.give(&team.ana, &team.anas, "ben").await;
    team.give(&team.ben, &team.bens, "dan").await;

    team.take_out(&team.ana, &team.ben).await;
    assert!(!sees(world, &team.ben, &team.anas).await, "a share stayed");
    for person in [&team.ben, &dan] {
        assert_eq!(join(world, person, &bens).await.0, StatusCode::NOT_FOUND);
        for link in [&link, &own] {
            assert_eq!(redeem(world, person, link).await.0, StatusCode::NOT_FOUND);
        }
    }
    // What others came by, and what others gave, stays.
    assert!(sees(world, &cyd, &team.anas).await && sees(world, &dan, &team.bens).await);
    assert_eq!(join(world, &dan, &anas).await.0, StatusCode::OK);
    let bus = world.bus("events-gateway").await;
    let ben = user_id(world, &team.ben).await;
    eventually(Duration::from_secs(5), || async {
        let reply = crate::host::log(&bus, 0).await.ok()?;
        let data = reply
            .events
            .iter()
            .rev()
            .filter_map(|one| one.event.data.clone());
        let last = data.into_iter().find(|data| data["user_id"] == *ben)?;
        (last["grants"]["clusters"] == json!([])).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nobody_is_let_in_by_an_invitation_twice() {
    let team = team().await;
    let world = &team.world;
    let (cyd, dan) = (world.person("cyd").await, world.person("dan").await);
    let anas = json!({ "role": "admin", "uses": 5 });
    let anas = invitation(world, &team.ana, &team.id, anas).await;
    for person in [&cyd, &dan, &cyd] {
        let (status, joined) = join(world, person, &anas).await;
        assert_eq!(status, StatusCode::OK, "{joined}");
    }
    team.take_out(&team.ana, &cyd).await;
    assert_eq!(
        team.place(&team.ana, &dan, "viewer").await.0,
        StatusCode::OK
    );
    for person in [&cyd, &dan] {
        assert_eq!(join(world, person, &anas).await.0, StatusCode::NOT_FOUND);
    }
    let again = json!({ "role": "member" });
    let again = invitation(world, &team.ana, &team.id, again).await;
    let (status, joined) = join(world, &cyd, &again).await;
    assert_eq!(
        (status, &joined["role"]),
        (StatusCode::OK, &json!("member"))
    );
    // The uses of the two who came are all that it lost.
    let (_, page) = world.get(&team.path("/invitations"), &team.ana).await;
    assert_eq!(page["items"][0]["uses_left"], 3, "{page}");
}

#[tokio::test]
async fn pipelines_from_before_the_rule_govern_nothing_any_more() {
    let team = team().await;
    let world = &team.world;
    let cyd = world.person("cyd").await;
    let alone = organization(world, &cyd).await;
    let uuid = |id: &str| id.split_once('_').unwrap().1.to_owned();
    let (ben, cyd) = (user_id(world, &team.ben).await, user_id(world, &cyd).await);
    let mut old =
        "drop table invitation_taken; delete from migration where version = 14;".to_owned();
    for (user, of) in [(&ben, &team.id), (&cyd, &alone)] {
        let (user, of) = (uuid(user), uuid(of));
        old += &format!("update \"user\" set service_of = '{of}' where id = '{user}';");
    }
    sql(&world.database, &old).await;
    let nats = testkit::Nats::start();
    let _second = start(&nats, &world.database, &CancellationToken::new()).await;
    for (user, of, role) in [(&ben, &team.id, "member"), (&cyd, &alone, "owner")] {
        let (user, of) = (uuid(user), uuid(of));
        let now = format!(
            "select role from member where user_id = '{user}' and organization_id = '{of}'"
        );
        assert_eq!(query(&world.database, &now).await, role);
    }
}

#[tokio::test]
async fn who_leaves_comes_back_by_nothing_of_their_own() {
    let team = team().await;
    let world = &team.world;
    let back = invitation(world, &team.ben, &team.id, json!({ "role": "admin" })).await;
    let link = team.link(&team.ben, &team.anas).await;
    team.give(&team.ben, &team.anas, "ben").await;
    team.take_out(&team.ben, &team.ben).await;
    assert!(!sees(world, &team.ben, &team.anas).await);
    assert_eq!(join(world, &team.ben, &back).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        redeem(world, &team.ben, &link).await.0,
        StatusCode::NOT_FOUND
    );
}

/// Whoever takes somebody out looks through these: they are nobody's own.
#[tokio::test]
async fn an_organizations_own_stays_when_its_maker_leaves() {
    let team = team().await;
    let world = &team.world;
    let trust = json!({ "name": "shop", "issuer": "https://issuer.example.org", "level": "use",
        "claims": { "repository": "acme/shop" } });
    let workspaces = format!("/api/v1/workspaces?organization_id={}", team.id);
    let (_, found) = world.get(&workspaces, &team.ana).await;
    let workspace = found["items"][0]["id"].as_str().unwrap();
    let hooks = format!("/api/v1/workspaces/{workspace}/webhooks");
    let own = [
        (team.path("/trusts"), trust),
        (hooks, json!({ "url": "https://hooks.example.org/" })),
    ];
    for (path, wanted) in &own {
        let (status, made) = world.post(path, &team.ben, wanted).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
    }
    team.take_out(&team.ana, &team.ben).await;
    for (path, _) in &own {
        let (_, left) = world.get(path, &team.ana).await;
        assert_eq!(left["items"].as_array().unwrap().len(), 1, "{path}");
        assert_eq!(world.get(path, &team.ben).await.0, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn who_falls_keeps_what_they_might_still_make() {
    let team = team().await;
    let world = &team.world;
    let (cyd, dan) = (world.person("cyd").await, world.person("dan").await);
    let back = invitation(world, &team.ben, &team.id, json!({ "role": "admin" })).await;
    let (link, own) = (
        team.link(&team.ben, &team.anas).await,
        team.link(&team.ben, &team.bens).await,
    );
    team.give(&team.ben, &team.anas, "ben").await;
    let given = team.give(&team.ana, &team.anas, "ben").await;
    let ended = "select count(*) from share where ended_at is not null";

    assert_eq!(
        team.place(&team.ana, &team.ben, "member").await.0,
        StatusCode::OK
    );
    assert_eq!(
        join(world, &team.ben, &back).await.0,
        StatusCode::NOT_FOUND,
        "a demoted admin made themselves one again"
    );
    assert_eq!(redeem(world, &cyd, &link).await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        redeem(world, &cyd, &own).await.0,
        StatusCode::OK,
        "who made a cluster may still share it"
    );
    assert_eq!(
        query(&world.database, ended).await,
        "2",
        "a link, and what ben gave to himself"
    );

    assert_eq!(
        team.place(&team.ana, &team.ben, "viewer").await.0,
        StatusCode::OK
    );
    assert_eq!(redeem(world, &dan, &own).await.0, StatusCode::NOT_FOUND);
    assert!(sees(world, &cyd, &team.bens).await);
    let shares = format!("/api/v1/clusters/{}/shares", team.anas);
    let (_, left) = world.get(&shares, &team.ana).await;
    let left: Vec<&Value> = left["items"].as_array().unwrap().iter().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["id"], given["share"]["id"]);
}

#[tokio::test]
async fn who_gives_an_organization_away_makes_no_owner_any_more() {
    let team = team().await;
    let world = &team.world;
    let dan = world.person("dan").await;
    let owner = invitation(world, &team.ana, &team.id, json!({ "role": "owner" })).await;
    let admin = invitation(world, &team.ana, &team.id, json!({ "role": "admin" })).await;
    let link = team.link(&team.ana, &team.anas).await;
    let to = json!({ "user_id": user_id(world, &team.ben).await });
    let (status, _) = world.post(&team.path("/transfer"), &team.ana, &to).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        join(world, &team.ana, &owner).await.0,
        StatusCode::NOT_FOUND,
        "who gave it away took it back"
    );
    // An admin may still make these.
    assert_eq!(join(world, &dan, &admin).await.0, StatusCode::OK);
    assert_eq!(redeem(world, &dan, &link).await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_loses_an_organization_while_they_wait_gives_it_to_nobody() {
    let team = team().await;
    let world = &team.world;
    let ben = user_id(world, &team.ben).await;
    let to = json!({ "user_id": ben });
    let transfer = team.path("/transfer");
    let out = format!(
        "{}; delete from member where user_id = '{}' and organization_id = '{}'",
        team.becomes(&team.ben, "owner").await,
        user_id(world, &team.ana).await.trim_start_matches("usr_"),
        team.id.trim_start_matches("org_")
    );
    let (status, answer) = team
        .while_locked(world.post(&transfer, &team.ana, &to), &out)
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{answer}");
    let (_, members) = world.get(&team.path("/members"), &team.ben).await;
    let roles: Vec<&Value> = members["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["role"])
        .collect();
    assert_eq!(roles, ["owner"], "who was removed came back as an admin");

    for cluster in [&team.anas, &team.bens] {
        let path = format!("/api/v1/clusters/{cluster}");
        world.delete(&path, &team.ben).await;
    }
    let fallen = team.becomes(&team.ben, "admin").await;
    let path = team.path("");
    let (status, answer) = team
        .while_locked(world.delete(&path, &team.ben), &fallen)
        .await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{answer}");
    assert_eq!(world.get(&path, &team.ben).await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_falls_while_they_wait_gives_nothing_any_more() {
    let team = team().await;
    let world = &team.world;
    let shares = format!("/api/v1/clusters/{}/shares", team.anas);
    let trust = json!({ "name": "mine", "issuer": "https://issuer.example.org", "level": "change",
        "claims": { "repository": "eve/shop", "ref": "refs/heads/main", "environment": "live" } });
    for (path, body) in [
        (team.path("/invitations"), json!({ "role": "admin" })),
        (team.path("/trusts"), trust),
        (shares, json!({ "level": "operator" })),
    ] {
        crate::gateway::sql(&world.database, &team.becomes(&team.ben, "admin").await).await;
        let fallen = team.becomes(&team.ben, "viewer").await;
        let (status, answer) = team
            .while_locked(world.post(&path, &team.ben, &body), &fallen)
            .await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {answer}");
    }
    let given = "select (select count(*) from invitation where uses_left > 0)
        + (select count(*) from trust) + (select count(*) from share)";
    assert_eq!(query(&world.database, given).await, "0");
}
