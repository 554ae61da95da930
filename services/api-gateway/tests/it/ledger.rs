//! What is left over on a host: counted, shown, and removed only when nothing speaks against it.

use api::bus::Item;
use clap::Parser;
use domain::{ClusterId, Step};
use drivers::Provision;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    gateway::{World, admin, world},
    host::{Host, nothing},
    listing::{Listing, age, node, strangers},
    work::{host, running},
};

/// A host as an administrator sees it.
async fn shown(world: &World, token: &str) -> Value {
    let (status, page) = world.get("/api/v1/hosts", token).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page["items"][0].clone()
}

fn ledger_check(host: &Value) -> Value {
    let checks = host["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "ledger");
    check.unwrap().clone()
}

async fn many(world: &World, host: &Host, token: &str, count: usize) -> Vec<ClusterId> {
    let mut clusters = vec![];
    for n in 0..count {
        let id = running(world, host, token, &format!("c{n}")).await;
        clusters.push(id.parse().unwrap());
    }
    clusters
}

#[tokio::test]
async fn what_no_cluster_owns_goes_after_five_minutes_and_two_listings() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let lives = many(&world, &host, &ana, 1).await;
    let stray = strangers(1)[0];
    let listing = Listing::of(lives.iter().chain([&stray]));

    assert!(listing.send(&host).await.remove.is_empty());
    age(&world, 299).await;
    assert!(
        listing.send(&host).await.remove.is_empty(),
        "not yet five minutes"
    );
    let seen = shown(&world, &ana).await;
    assert_eq!(seen["ledger"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(
        (&seen["ledger"][0]["cluster_id"], &seen["ledger"][0]["seen"]),
        (&json!(stray), &json!(2))
    );
    age(&world, 2).await;
    // A listing without it begins the count anew.
    Listing::of(&lives).send(&host).await;
    assert_eq!(shown(&world, &ana).await["ledger"], json!([]));
    assert!(listing.send(&host).await.remove.is_empty());
    age(&world, 300).await;
    assert_eq!(listing.send(&host).await.remove, [stray]);
    let gone = Listing::of(&lives).send_for_an_hour(&world, &host).await;
    assert!(gone.is_empty());
    let empty = shown(&world, &ana).await;
    assert_eq!(empty["ledger"], json!([]));
    assert_eq!(ledger_check(&empty)["message"], "empty");
}

#[tokio::test]
async fn what_a_deleted_cluster_left_goes_after_thirty_seconds() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let cluster: ClusterId = id.parse().unwrap();
    world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let listing = Listing::of([&cluster]);
    // While it is on its way, nothing of it is left over.
    assert!(listing.send_for_an_hour(&world, &host).await.is_empty());
    assert_eq!(shown(&world, &ana).await["ledger"], json!([]));
    let lease = host.take().await;
    let ended = Some((Step::Remove, api::bus::StepOutcome::Ended));
    host.report(&lease, lease.desired_rev, ended, nothing())
        .await;
    assert_eq!(world.cluster(&ana, &id).await["status"], "DELETED");

    assert!(listing.send(&host).await.remove.is_empty());
    assert!(listing.send(&host).await.remove.is_empty());
    age(&world, 31).await;
    assert_eq!(listing.send(&host).await.remove, [cluster]);
}

#[tokio::test]
async fn half_a_listing_leads_to_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let lives = many(&world, &host, &ana, 2).await;
    let stray = strangers(1)[0];
    let half = Listing {
        complete: false,
        ..Listing::of([&lives[0], &stray])
    };
    assert!(half.send_for_an_hour(&world, &host).await.is_empty());
    let seen = shown(&world, &ana).await;
    assert_eq!(
        seen["ledger"],
        json!([]),
        "what is half seen is not counted"
    );
    let check = ledger_check(&seen);
    assert_eq!(check["ok"], false, "{check}");
    for id in lives {
        let cluster = world.cluster(&ana, &id.to_string()).await;
        assert_eq!(cluster["status"], "RUNNING", "{cluster}");
    }
}

#[tokio::test]
async fn when_too_many_would_go_nothing_goes_until_an_administrator_decides() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let lives = many(&world, &host, &ana, 8).await;
    let strays = strangers(4);
    let listing = Listing::of(lives.iter().chain(&strays));
    assert!(listing.send_for_an_hour(&world, &host).await.is_empty());
    let check = ledger_check(&shown(&world, &ana).await);
    let message = check["message"].as_str().unwrap();
    assert_eq!(check["ok"], false);
    assert!(
        message.contains("4 of 12 clusters") && message.contains("admin reap h1"),
        "{message}"
    );

    // The number falls by itself: what is left goes.
    let fewer = Listing::of(lives.iter().chain(&strays[..3]));
    let mut gone = fewer.send(&host).await.remove;
    gone.sort_unstable();
    assert_eq!(gone, strays[..3]);

    let all = strangers(12);
    let listing = Listing::of(lives.iter().chain(&all));
    assert!(listing.send_for_an_hour(&world, &host).await.is_empty());
    let said = admin(&world.database, &["reap", "h1"]).await.unwrap();
    assert!(said.contains("h1"), "{said}");
    let first = listing.send(&host).await.remove;
    assert_eq!(first.len(), 10, "ten at a time");
    assert!(first.iter().all(|gone| all.contains(gone)));
    assert!(admin(&world.database, &["reap", "h7"]).await.is_err());
}

#[tokio::test]
async fn what_belongs_to_a_living_cluster_is_shown_and_never_removed() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (one, two) = (host(&world, "h1", 1).await, host(&world, "h2", 1).await);
    let lives = many(&world, &one, &ana, 1).await;
    let text = "update cluster set generation = 2";
    crate::gateway::sql(&world.database, text).await;
    let current = Item {
        generation: 2,
        name: "labyard-current".into(),
        ..node(lives[0])
    };
    let mut here = Listing::of(&lives);
    here.items.push(current);
    assert!(here.send_for_an_hour(&world, &one).await.is_empty());
    let ledger = shown(&world, &ana).await["ledger"].clone();
    assert_eq!(ledger.as_array().unwrap().len(), 1, "the older generation");
    let there = Listing::of(&lives);
    assert!(there.send_for_an_hour(&world, &two).await.is_empty());
    let (_, page) = world.get("/api/v1/hosts?cursor=h1", &ana).await;
    assert_eq!(page["items"][0]["ledger"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_another_installation_made_is_never_listed_counted_or_removed() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let folder = tempfile::tempdir().unwrap();
    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        driver: drivers::Options,
    }
    let folder_name = folder.path().to_str().unwrap();
    let arguments = ["", "--driver", "fake", "--fake-dir", folder_name];
    let driver = Arguments::parse_from(arguments)
        .driver
        .connect()
        .await
        .unwrap();
    let ours = Listing::empty().send(&host).await.installation;
    let made = strangers(8);
    for (n, cluster) in made.iter().enumerate() {
        let installation = if n < 1 {
            ours.clone()
        } else {
            "another".into()
        };
        let spec = drivers::Spec {
            installation,
            cluster: *cluster,
            desired: domain::Desired {
                goal: domain::Goal::Running,
                generation: 1,
                data_generation: 1,
                k8s_version: "v1.34.4".into(),
                resources: domain::Resources::default(),
                api_port: Some(20_000),
            },
        };
        driver.prepare(&spec).await.unwrap();
    }
    let found = driver.inventory(&ours).await;
    let items: Vec<Item> = found
        .items
        .into_iter()
        .map(|found| Item {
            cluster: found.cluster,
            generation: found.generation,
            role: found.role.as_str().to_owned(),
            name: found.name,
            running: found.running,
        })
        .collect();
    assert!(!items.is_empty() && items.iter().all(|item| item.cluster == made[0]));
    let listing = Listing {
        items,
        ..Listing::empty()
    };
    let mut gone = listing.send_for_an_hour(&world, &host).await;
    gone.dedup();
    assert_eq!(gone, [made[0]]);
    for cluster in gone {
        driver.remove(&ours, cluster).await.unwrap();
    }
    assert!(driver.inventory(&ours).await.items.is_empty());
    let others = driver.inventory("another").await.items;
    let mut left: Vec<ClusterId> = others.iter().map(|found| found.cluster).collect();
    left.sort_unstable();
    left.dedup();
    assert_eq!(left, made[1..], "all of the other's is there");
    assert_eq!(
        Listing::empty().send(&host).await.remove,
        Vec::<ClusterId>::new()
    );
    assert_eq!(shown(&world, &ana).await["ledger"], json!([]));
}
