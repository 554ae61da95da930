//! A database that went back in time: it removes, repairs, ends and builds nothing until an
//! administrator has decided.

use std::time::Duration;

use api::bus::{AdmitRequest, Credential};
use domain::{ClusterId, Cursor, Goal};
use reqwest::StatusCode;
use serde_json::{Value, json};
use testkit::{Postgres, eventually};
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::{World, admin, dump, restore, sql, start, try_sql, world},
    host::{Host, log},
    listing::{Listing, age, strangers},
    work::{host, running},
};

async fn installation(world: &World, token: &str) -> Value {
    world.get("/api/v1/installation", token).await.1
}

async fn incarnation(world: &World) -> domain::Incarnation {
    let hub = world.bus("events-gateway").await;
    log(&hub, 0).await.unwrap().head.incarnation
}

async fn assert_locked(world: &World, token: &str) {
    let locked = installation(world, token).await["locked"].clone();
    assert_eq!(locked["code"], "reaper_locked", "{locked}");
    assert!(locked["fix"].as_str().unwrap().contains("admin adopt"));
    let (status, body) = world
        .post("/api/v1/clusters", token, &json!({ "name": "no" }))
        .await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::SERVICE_UNAVAILABLE, &json!("reaper_locked"))
    );
}

/// The gateway goes on with another database, as after a restore.
async fn move_to(world: &mut World, database: String) {
    world.stop.cancel();
    world.stop = CancellationToken::new();
    let next = start(&world.nats, &database, &world.stop).await;
    // The one before has ended: it says nothing more of its own database.
    std::mem::replace(&mut world.gateway, next)
        .joined()
        .await
        .unwrap();
    world.url = format!("http://{}", world.gateway.addr);
    world.database = database;
}

async fn status(world: &World, token: &str, id: ClusterId) -> Value {
    world.cluster(token, &id.to_string()).await["status"].clone()
}

async fn timed_things_are_looked_at(world: &World) {
    let all = "do $$ begin if exists (select 1 from due where kind = 'ttl' and at <= now()) then
        raise 'not yet'; end if; end $$";
    eventually(Duration::from_secs(10), || async {
        try_sql(&world.database, all).await.then_some(())
    })
    .await;
}

async fn make(world: &World, host: &Host, token: &str, names: &[&str]) -> Vec<ClusterId> {
    let mut made = vec![];
    for name in names {
        made.push(running(world, host, token, name).await.parse().unwrap());
    }
    made
}

#[tokio::test]
async fn an_empty_database_removes_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let made = make(&world, &host, &ana, &["a", "b", "c", "d", "e"]).await;
    let listing = Listing {
        highest_fence: 5,
        ..Listing::of(&made)
    };
    listing.send(&host).await;
    let life = incarnation(&world).await;
    let lost = "truncate cluster, host, due cascade; alter sequence fence restart";
    sql(&world.database, lost).await;

    // Even where no fence betrays it, so many do not go at once.
    let untold = Listing::of(&made);
    assert!(untold.send_for_an_hour(&world, &host).await.is_empty());
    assert_eq!(installation(&world, &ana).await.get("locked"), None);

    assert!(listing.send_for_an_hour(&world, &host).await.is_empty());
    assert_locked(&world, &ana).await;
    assert_ne!(incarnation(&world).await, life, "clients begin anew");
    let few = Listing {
        highest_fence: 5,
        ..Listing::of(&made[..2])
    };
    assert!(few.send_for_an_hour(&world, &host).await.is_empty());
}

#[tokio::test]
async fn an_old_copy_of_the_database_touches_nothing_until_it_is_adopted() {
    let mut world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let old = make(&world, &host, &ana, &["stays", "goes"]).await;
    let before = Listing {
        highest_fence: 2,
        ..Listing::of(&old)
    };
    before.send(&host).await;
    let copy = dump(&world.database).await;

    // One goes, two come; the host has seen fences that the copy has not given.
    let path = format!("/api/v1/clusters/{}", old[1]);
    world.delete(&path, &ana).await;
    let lease = host.take().await;
    let ended = Some((domain::Step::Remove, api::bus::StepOutcome::Ended));
    host.report(&lease, lease.desired_rev, ended, crate::host::nothing())
        .await;
    let new = make(&world, &host, &ana, &["new", "newer"]).await;
    let now = Listing {
        highest_fence: 5,
        ..Listing::of([old[0], new[0], new[1]].iter())
    };
    now.send(&host).await;
    let life = incarnation(&world).await;

    let restored = Postgres::database().await;
    restore(&restored, &copy).await;
    // In the copy one is past its end: it may have been extended since.
    sql(
        &restored,
        "update cluster set expires_at = now() where name = 'stays';
         update due set at = now() - interval '1 hour';
         update host set last_seen_at = now() - interval '1 hour';
         update task set ended_at = now() - interval '1 minute'",
    )
    .await;
    // A replica that takes over jumps ahead with its sequences: that hides nothing.
    sql(&restored, "select setval('fence', 40)").await;
    move_to(&mut world, restored).await;
    // Before the host has spoken nothing is known, so nothing befalls what is on it.
    timed_things_are_looked_at(&world).await;
    assert_eq!(status(&world, &ana, old[0]).await, "RUNNING");
    assert!(now.send_for_an_hour(&world, &host).await.is_empty());
    assert_locked(&world, &ana).await;
    assert_ne!(incarnation(&world).await, life, "clients begin anew");
    sql(&world.database, "update due set at = now()").await;
    assert!(now.send_for_an_hour(&world, &host).await.is_empty());
    timed_things_are_looked_at(&world).await;
    for id in &old {
        let status = status(&world, &ana, *id).await;
        assert_eq!(status, "RUNNING", "neither repaired nor ended");
    }
    let nothing = host.acquire(8).await.leases;
    assert!(nothing.is_empty(), "{nothing:?}");
    let stop = format!("/api/v1/clusters/{}/stop", old[0]);
    world.post(&stop, &ana, &json!({})).await;
    let lease = host.take().await;
    assert_eq!(
        lease.desired.goal,
        Goal::Stopped,
        "what a person asks is done"
    );
    assert!(lease.fence > 40);

    let said = admin(&world.database, &["adopt"]).await.unwrap();
    for cluster in [new[0], new[1], old[1]] {
        assert!(said.contains(&cluster.to_string()), "{said}");
    }
    assert!(said.contains("unlocked"), "{said}");
    assert_eq!(installation(&world, &ana).await.get("locked"), None);
    assert!(now.send(&host).await.remove.is_empty(), "counted anew");
    age(&world, 290).await;
    assert!(now.send(&host).await.remove.is_empty(), "counted anew");
    age(&world, 11).await;
    let mut gone = now.send(&host).await.remove;
    gone.sort_unstable();
    assert_eq!(gone, new, "and then what has no row goes");
    assert_eq!(
        installation(&world, &ana).await.get("locked"),
        None,
        "what was adopted is not doubted again"
    );
    world.create(&ana, "again").await;
    let again = admin(&world.database, &["adopt"]).await.unwrap();
    assert!(again.contains("nothing was changed"), "{again}");
}

#[tokio::test]
async fn a_hub_that_has_seen_later_events_locks_too() {
    let world = world().await;
    let ana = world.person("ana").await;
    world.create(&ana, "demo").await;
    let hub = world.bus("events-gateway").await;
    let at = log(&hub, 0).await.unwrap().head;
    let seal = world.gateway.keys().seal;
    let admit = async |incarnation, position| {
        let credential = serde_json::to_vec(&Credential::Bearer(ana.clone())).unwrap();
        let request = AdmitRequest {
            credential: seal.seal(&credential).unwrap(),
            seen: Some(Cursor {
                incarnation,
                position,
            }),
            heeds_only: true,
        };
        hub.request(&request, ()).await.unwrap()
    };
    let other = domain::Incarnation(at.incarnation.0.wrapping_add(1));
    admit(at.incarnation, at.position).await;
    admit(other, at.position + 1000).await;
    assert_eq!(installation(&world, &ana).await.get("locked"), None);
    admit(at.incarnation, at.position + 1000).await;
    assert_locked(&world, &ana).await;
    assert_ne!(log(&hub, 0).await.unwrap().head.incarnation, at.incarnation);
    let host = host(&world, "h1", 1).await;
    let strays = Listing::of(&strangers(2));
    assert!(strays.send_for_an_hour(&world, &host).await.is_empty());
    assert!(host.acquire(1).await.leases.is_empty(), "nothing is built");
    let (_, page) = world.get("/api/v1/clusters", &ana).await;
    let reason = &page["items"][0]["reason"];
    assert_eq!(reason["code"], "queued", "{reason}");
    assert!(reason["fix"].as_str().unwrap().contains("admin adopt"));
    admin(&world.database, &["adopt"]).await.unwrap();
    let lease = host.take().await;
    assert_eq!(lease.desired.goal, Goal::Running);
}

#[tokio::test]
async fn a_host_that_was_silent_speaks_before_it_is_given_anything() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    world.create(&ana, "demo").await;
    Listing::empty().send(&host).await;
    let silent = "update host set last_seen_at = now() - interval '31 seconds'";
    sql(&world.database, silent).await;
    assert!(host.acquire(1).await.leases.is_empty());
    Listing::empty().send(&host).await;
    host.take().await;
}

/// A worker's folder that served another database before this one was made.
#[tokio::test]
async fn only_a_fence_of_this_installation_locks_it() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let made = make(&world, &host, &ana, &["a"]).await;
    let of = |installation: String| Listing {
        highest_fence: 1000,
        fence_of: Some(installation),
        ..Listing::of(&made)
    };
    let another = "0".repeat(32);
    let ours = of(another).send(&host).await.installation;
    assert_eq!(installation(&world, &ana).await.get("locked"), None);
    of(ours).send(&host).await;
    assert_locked(&world, &ana).await;
}
