//! What changes without an object of its own is told to those who may list it, and to nobody else.

use std::time::Duration;

use api::{
    bus::Logged,
    event::{Audience, kind},
};
use domain::Role;
use reqwest::{Method, StatusCode};
use serde_json::json;
use testkit::eventually;

use crate::{
    gateway::{World, sql, world, world_with},
    host::log,
    listing::Listing,
    organizations::{member, organization, user_id},
    work::host,
};

const SOON: Duration = Duration::from_secs(10);

/// Events of a type, once there are so many.
async fn told(world: &World, kind: &str, at_least: usize) -> Vec<Logged> {
    let hub = world.bus("events-gateway").await;
    eventually(SOON, || async {
        let mut after = 0;
        let mut found = Vec::new();
        loop {
            let reply = log(&hub, after).await.ok()?;
            let Some(last) = reply.events.last() else {
                break;
            };
            after = last.position;
            let of_kind = reply.events.into_iter();
            found.extend(of_kind.filter(|logged| logged.event.kind == kind));
        }
        (found.len() >= at_least).then_some(found)
    })
    .await
}

fn people(told: &[Logged]) -> Vec<String> {
    let mut people: Vec<String> = told
        .iter()
        .filter_map(|logged| match logged.audience {
            Audience::User { user_id } => Some(user_id.to_string()),
            _ => None,
        })
        .collect();
    people.sort();
    people
}

fn to_admins(logged: &Logged) -> bool {
    matches!(
        logged.audience,
        Audience::Organization {
            least_role: Role::Admin,
            ..
        }
    )
}

#[tokio::test]
async fn shares_are_told_to_who_may_list_them_and_to_whom_it_befell() {
    let world = world().await;
    let (ana, cyd) = (world.person("ana").await, world.person("cyd").await);
    let team = organization(&world, &ana).await;
    let ben = member(&world, &ana, &team, "ben", "member").await;
    let (_, workspaces) = world
        .get(&format!("/api/v1/workspaces?organization_id={team}"), &ana)
        .await;
    let wanted = json!({ "name": "demo", "workspace_id": workspaces["items"][0]["id"] });
    let (_, made) = world.post("/api/v1/clusters", &ben, &wanted).await;
    let cluster = made["cluster"]["id"].as_str().unwrap();
    let path = format!("/api/v1/clusters/{cluster}/shares");
    let wanted = json!({ "email": "cyd@example.org", "level": "viewer" });
    let (status, share) = world.post(&path, &ben, &wanted).await;
    assert_eq!(status, StatusCode::CREATED, "{share}");

    let told_of = told(&world, kind::SHARE_CHANGED, 3).await;
    assert_eq!(told_of.len(), 3, "{told_of:?}");
    let mut both = vec![user_id(&world, &ben).await, user_id(&world, &cyd).await];
    both.sort();
    assert_eq!(people(&told_of), both, "its maker, and whom it befell");
    assert!(to_admins(&told_of[0]));
    for logged in &told_of {
        assert_eq!(logged.event.data, Some(json!({ "cluster_id": cluster })));
        assert_eq!(
            (logged.event.workspace_id, logged.event.cluster_id),
            (None, None)
        );
    }
    let id = share["share"]["id"].as_str().unwrap();
    let (status, _) = world.delete(&format!("{path}/{id}"), &ben).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(told(&world, kind::SHARE_CHANGED, 6).await.len(), 6);

    // It is no news of the cluster or the organization.
    for who in [&ana, &ben, &cyd] {
        let (_, timeline) = world.get("/api/v1/timeline?limit=200", who).await;
        let items = timeline["items"].as_array().unwrap();
        assert!(items.iter().all(|event| event["type"] != "share.changed"));
    }
}

#[tokio::test]
async fn webhooks_are_told_to_admins_with_how_it_goes_and_are_not_sent_it() {
    let world = world_with(&["--outgoing-allow=127.0.0.0/8"]).await;
    let ana = world.person("ana").await;
    let (_, workspaces) = world.get("/api/v1/workspaces", &ana).await;
    let workspace = workspaces["items"][0]["id"].as_str().unwrap();
    // Nobody listens there.
    let wanted = json!({ "url": format!("http://127.0.0.1:{}/", testkit::free_port()) });
    let path = format!("/api/v1/workspaces/{workspace}/webhooks");
    let (status, made) = world.post(&path, &ana, &wanted).await;
    assert_eq!(status, StatusCode::CREATED);
    let hook = made["webhook"]["id"].as_str().unwrap();
    let events = told(&world, kind::WEBHOOK_CHANGED, 1).await;
    assert!(events.iter().all(to_admins));
    let named = json!({ "workspace_id": workspace, "webhook_id": hook });
    assert_eq!(events[0].event.data, Some(named));

    world.create(&ana, "demo").await;
    // The failure.
    assert_eq!(told(&world, kind::WEBHOOK_CHANGED, 2).await.len(), 2);
    let off = world
        .request(Method::PATCH, &format!("/api/v1/webhooks/{hook}"), &ana)
        .json(&json!({ "enabled": false }));
    assert_eq!(world.read(off).await.0, StatusCode::OK);
    assert_eq!(told(&world, kind::WEBHOOK_CHANGED, 3).await.len(), 3);
    let tried = format!("/api/v1/webhooks/{hook}/deliveries");
    let (_, deliveries) = world.get(&tried, &ana).await;
    for delivery in deliveries["items"].as_array().unwrap() {
        assert_ne!(delivery["type"], "webhook.changed");
    }
    let wanted = json!({ "url": "http://127.0.0.1:9/", "types": ["webhook.changed"] });
    let (status, _) = world.post(&path, &ana, &wanted).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn hosts_are_told_to_administrators_when_there_is_something_to_see() {
    let world = world().await;
    let (ana, _ben) = (world.person("ana").await, world.person("ben").await);
    let one = host(&world, "h1", 1).await;
    Listing::empty().send(&one).await;
    let events = told(&world, kind::HOST_CHANGED, 1).await;
    assert_eq!(people(&events), [user_id(&world, &ana).await]);
    assert_eq!(events[0].event.data, Some(json!({ "host": "h1" })));
    for memory_free_mib in [8192, 8300] {
        let same = Listing {
            memory_free_mib,
            ..Listing::empty()
        };
        same.send(&one).await;
    }
    let less = Listing {
        memory_free_mib: 2048,
        ..Listing::empty()
    };
    less.send(&one).await;
    assert_eq!(told(&world, kind::HOST_CHANGED, 2).await.len(), 2);
    let silence = "update host set last_seen_at = now() - interval '31 seconds' where id = 'h1';
         update due set at = now() where kind = 'silent' and key = 'h1'";
    sql(&world.database, silence).await;
    assert_eq!(told(&world, kind::HOST_CHANGED, 3).await.len(), 3);
    let pause = json!({ "paused": true });
    world.post("/api/v1/installation/pool", &ana, &pause).await;
    let events = told(&world, kind::HOST_CHANGED, 4).await;
    assert_eq!(events.last().unwrap().event.data, Some(json!({})));
}
