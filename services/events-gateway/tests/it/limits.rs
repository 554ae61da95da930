//! How many streams there may be, and that each gives back what it took.

use std::time::Duration;

use api::event::{Audience, Event};
use reqwest::Response;
use testkit::eventually;

use crate::{SOON, World, cluster, gateway::changed, organization};

async fn assert_too_many(response: Response) {
    assert_eq!(response.status(), 429);
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "application/problem+json");
    let secs = headers["retry-after"].to_str().unwrap();
    assert!(secs.parse::<u32>().unwrap() > 0);
    let left = format!("\"streams\";r=0;t={secs}");
    assert_eq!(headers["ratelimit"], left.as_str());
    let problem: api::Problem = response.json().await.unwrap();
    assert_eq!(problem.code, domain::Code::RateLimited);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_has_so_many_streams_and_a_closed_one_makes_room() {
    let world = World::with(|config| config.streams_per_user = 3).await;
    world.gateway.person("anna", 1, &[organization(1)]);
    world.gateway.person("ben", 2, &[organization(1)]);
    let mut open = vec![];
    for _ in 0..3 {
        open.push(world.connect("anna").await);
    }
    assert_too_many(world.request("anna").send().await.unwrap()).await;
    world.connect("ben").await;
    open.pop();
    eventually(SOON, || async {
        let response = world.request("anna").send().await.unwrap();
        (response.status() == 200).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_has_so_many_streams_and_answers_before_it_asks_who_it_is() {
    let world = World::with(|config| config.streams_max = 2).await;
    world.gateway.person("anna", 1, &[organization(1)]);
    let _open = (world.connect("anna").await, world.connect("anna").await);
    let asked = world.gateway.state().seen.len();
    assert_too_many(world.request("anna").send().await.unwrap()).await;
    assert_too_many(world.request("nobody").send().await.unwrap()).await;
    assert_eq!(world.gateway.state().seen.len(), asked);
    let health = reqwest::get(world.url("/readyz")).await.unwrap();
    assert_eq!(health.status(), 503, "a full replica gets no more clients");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_frees_everything() {
    // At once: not when the next keep-alive finds nobody there.
    let world = World::with(|config| config.tuning.keep_alive = Duration::from_secs(3_600)).await;
    for (number, token) in [(1, "anna"), (2, "ben"), (3, "cleo")] {
        let organizations = [organization(number), organization(9)];
        world.gateway.person(token, number, &organizations);
    }
    let mut open = vec![];
    for token in ["anna", "ben", "cleo", "anna", "ben", "anna"] {
        open.push(world.connect(token).await);
    }
    let footprint = world.service().footprint();
    assert_eq!(
        (footprint.streams, footprint.people, footprint.topics > 3),
        (6, 3, true)
    );
    drop(open);
    eventually(SOON, || async {
        let footprint = world.service().footprint();
        (footprint == Default::default()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_stops_reading_holds_nobody_up() {
    let world = World::with(|config| config.tuning.ring.frames = 64).await;
    let ours = organization(1);
    world.gateway.person("anna", 1, &[ours]);
    let mut stalled = world.connect("anna").await;
    let mut reading = world.connect("anna").await;
    for version in 1..=2_000 {
        let mut event = changed(ours, cluster(1), version);
        event.data = Some("x".repeat(8 << 10).into());
        let audience = Audience::Organization {
            organization_id: ours,
            least_role: domain::Role::Viewer,
        };
        let position = world.gateway.commit(audience, event);
        world.gateway.publish(position).await;
        if version % 50 == 0 {
            let expected: Vec<i64> = (version - 49..=version).collect();
            assert_eq!(reading.versions(50).await, expected);
        }
    }
    // It fell out of the ring long ago: it is told so, comes back where it was, and misses nothing.
    let (mut versions, mut ends): (Vec<i64>, Vec<String>) = (vec![], vec![]);
    while versions.len() < 2_000 {
        match stalled.frame().await {
            Some(frame) => {
                if let (None, Some(data)) = (&frame.name, &frame.data) {
                    let event: Event = serde_json::from_str(data).unwrap();
                    versions.push(event.version);
                }
                ends.extend(frame.comment.filter(|comment| comment.starts_with("end")));
            }
            None => stalled = world.resume("anna", &stalled.last_id).await,
        }
    }
    let expected: Vec<i64> = (1..=2_000).collect();
    assert_eq!(versions, expected);
    assert_eq!(ends, ["end 4001 behind"]);
}
