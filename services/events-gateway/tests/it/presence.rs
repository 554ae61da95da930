//! Who is here: told on each change, over all replicas, and forgotten by the server.

use std::time::Duration;

use api::event::AccessChanged;
use domain::{Role, WorkspaceId};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::{World, gateway::grants, organization, socket::Socket, user};

fn here(page: &str) -> Value {
    json!({
        "organization_id": organization(1),
        "workspace_id": WorkspaceId::from_uuid(uuid::Uuid::from_u128(1)),
        "page": page,
    })
}

async fn enter(socket: &mut Socket, page: &str) {
    let data = here(page);
    socket
        .send(json!({ "type": "presence:enter", "data": data }))
        .await;
}

/// A replica that went without a word is forgotten well before.
const SEEN_WITHIN: Duration = Duration::from_secs(60);

/// Reads on until these pages are here, in this order.
async fn sees(socket: &mut Socket, pages: &[&str]) {
    let seen = timeout(SEEN_WITHIN, reads(socket, pages)).await;
    assert!(seen.is_ok(), "{pages:?} were not seen");
}

async fn reads(socket: &mut Socket, pages: &[&str]) {
    loop {
        let presence = socket.said("presence").await;
        let here = presence["data"]["here"].as_array().unwrap().clone();
        if here
            .iter()
            .map(|here| here["page"].as_str().unwrap())
            .eq(pages.iter().copied())
        {
            return;
        }
    }
}

async fn world() -> World {
    let world = World::new().await;
    for (number, token) in [(1, "anna"), (2, "ben"), (3, "cleo")] {
        world.gateway.person(token, number, &[organization(1)]);
    }
    world.gateway.person("stranger", 4, &[organization(2)]);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_goes_or_turns_a_page_is_seen_on_every_replica() {
    let world = world().await;
    let (other, stop) = world.another().await;
    let mut anna = Socket::open(&world, "anna").await;
    let mut ben = Socket::open_at(other.address(), "ben").await;
    enter(&mut anna, "/one").await;
    sees(&mut anna, &["/one"]).await;
    enter(&mut ben, "/two").await;
    sees(&mut anna, &["/one", "/two"]).await;
    sees(&mut ben, &["/one", "/two"]).await;
    enter(&mut anna, "/three").await;
    sees(&mut ben, &["/three", "/two"]).await;
    drop(anna);
    sees(&mut ben, &["/two"]).await;
    let mut cleo = Socket::open(&world, "cleo").await;
    enter(&mut cleo, "/four").await;
    sees(&mut cleo, &["/two", "/four"]).await;
    // A replica that stops says that nobody is there any more.
    stop.cancel();
    other.wait().await.unwrap();
    sees(&mut cleo, &["/four"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_be_there_is_told_and_shown() {
    let world = world().await;
    let mut stranger = Socket::open(&world, "stranger").await;
    enter(&mut stranger, "/").await;
    let error = stranger.said("error").await;
    assert_eq!(error["data"]["code"], "not_found");
    let mut anna = Socket::open(&world, "anna").await;
    let mut ben = Socket::open(&world, "ben").await;
    enter(&mut anna, "/one").await;
    // Two sockets have no order among them.
    sees(&mut anna, &["/one"]).await;
    enter(&mut ben, "/two").await;
    sees(&mut anna, &["/one", "/two"]).await;
    let taken = AccessChanged {
        user_id: user(2),
        session_ended: None,
        grants: Some(grants(&[], Role::Member)),
    };
    world.gateway.access(taken).await;
    // The next change finds that he may not be there any more.
    enter(&mut anna, "/three").await;
    sees(&mut anna, &["/three"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_sent_away_is_shown_no_longer() {
    let world = world().await;
    let mut anna = Socket::open(&world, "anna").await;
    enter(&mut anna, "/one").await;
    sees(&mut anna, &["/one"]).await;
    let mut ben = Socket::open(&world, "ben").await;
    enter(&mut ben, "/two").await;
    sees(&mut anna, &["/one", "/two"]).await;
    ben.send(json!("x".repeat(8 << 10))).await;
    assert_eq!(ben.closed().await, 4200);
    // As a browser does, it answers the close frame before it goes.
    ben.ended().await;
    sees(&mut anna, &["/one"]).await;
}
