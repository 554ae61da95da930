//! NATS is away: people are still answered, and the gateway still ends when it is asked to.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use testkit::within;
use tokio_util::sync::CancellationToken;

use crate::{
    gateway::{start, world},
    work::{host, running},
};

const SOON: Duration = Duration::from_secs(8);

#[tokio::test]
async fn people_are_answered_and_the_gateway_ends_while_nats_is_away() {
    let mut world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let stop = CancellationToken::new();
    let second = start(&world.nats, &world.database, &stop).await;
    world.nats.stop();

    within(SOON, world.create(&ana, "later"))
        .await
        .expect("a create needs no bus");
    let path = format!("/api/v1/clusters/{id}/exec");
    let (status, body) = within(SOON, world.post(&path, &ana, &json!({ "command": "true" })))
        .await
        .expect("an exec without a bus is refused, not held");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");

    stop.cancel();
    within(Duration::from_secs(15), second.joined())
        .await
        .expect("it ends without a bus too")
        .unwrap();
}
