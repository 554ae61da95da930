//! A workspace's status is that of its clusters, and its quota says when it is full.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gateway::{World, sql, world},
    work::{host, running},
};

async fn workspace(world: &World, token: &str) -> Value {
    let (_, page) = world.get("/api/v1/workspaces", token).await;
    let listed = page["items"][0].clone();
    let path = format!("/api/v1/workspaces/{}", listed["id"].as_str().unwrap());
    let (status, shown) = world.get(&path, token).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(shown, listed, "the list and the object say the same");
    shown
}

#[tokio::test]
async fn a_workspace_follows_its_clusters_and_says_when_it_is_full() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let first = workspace(&world, &ana).await;
    assert_eq!(
        (&first["status"], &first["full"]),
        (&json!("EMPTY"), &Value::Null)
    );
    let one = world.create(&ana, "one").await;
    assert_eq!(workspace(&world, &ana).await["status"], "PROVISIONING");
    host.make(&host.take().await).await;
    running(&world, &host, &ana, "two").await;
    assert_eq!(workspace(&world, &ana).await["status"], "RUNNING");

    let path = format!("/api/v1/workspaces/{}", first["id"].as_str().unwrap());
    let quota = |clusters: u32| {
        let body = json!({ "quota": { "clusters": clusters } });
        world.request(Method::PATCH, &path, &ana).json(&body)
    };
    let (status, full) = world.read(quota(2)).await;
    assert_eq!(
        (status, &full["full"]["code"]),
        (StatusCode::OK, &json!("quota_exceeded"))
    );
    let said = full["full"]["message"].as_str().unwrap();
    assert!(said.contains("2 live clusters; 2 are allowed"), "{said}");
    assert_eq!(full["status"], "RUNNING");
    assert_eq!(world.read(quota(3)).await.1.get("full"), None);

    let failed = "update cluster set status = 'ERROR' where name = 'one'";
    sql(&world.database, failed).await;
    assert_eq!(workspace(&world, &ana).await["status"], "ERROR");
    let (status, _) = world.delete(&format!("/api/v1/clusters/{one}"), &ana).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(workspace(&world, &ana).await["status"], "RUNNING");
}
