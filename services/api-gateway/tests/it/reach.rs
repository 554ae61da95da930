//! Reaching into a cluster, with a scripted exec-service on the bus.

use std::{sync::Arc, time::Duration};

use api::bus::{Capability, Fault, Open, OpenReply, OpenRequest};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use bus::{Bus, Direction, StreamSender};
use domain::{Code, HostId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    gateway::{World, query, world},
    organizations::{member, organization, user_id},
    work::{host, running},
};

const STDOUT: u8 = 1;
const STDERR: u8 = 2;

/// What the scripted exec-service does with a command, by its first word.
async fn act(mut sender: StreamSender, argv: Vec<String>, left: UnboundedSender<()>) {
    match argv[0].as_str() {
        "both" => {
            sender.send(STDOUT, argv.join("|").into()).await.unwrap();
            sender.send(STDERR, "oh \u{fffd}".into()).await.unwrap();
            sender.exit(3, false).await.unwrap();
        }
        "zero" => {
            sender.send(STDOUT, "a\0b".into()).await.unwrap();
            sender.exit(0, false).await.unwrap();
        }
        "latin" => {
            sender
                .send(STDOUT, b"caf\xe9".to_vec().into())
                .await
                .unwrap();
            sender.send(STDERR, "all text".into()).await.unwrap();
            sender.exit(0, false).await.unwrap();
        }
        "flood" => {
            let megabyte = vec![b'x'; 1 << 20];
            sender.send(STDOUT, megabyte.into()).await.unwrap();
            sender.send(STDOUT, "more".into()).await.unwrap();
            sender.send(STDERR, "little".into()).await.unwrap();
            sender.exit(0, false).await.unwrap();
        }
        "broken" => {
            let fault = Fault {
                code: Code::WrongStatus,
                message: "The node is not there.".into(),
                retryable: false,
            };
            sender.close(Some(fault)).await;
        }
        "busy" => {
            let fault = Fault {
                code: Code::RateLimited,
                message: "You have 5 commands running.".into(),
                retryable: true,
            };
            sender.close(Some(fault)).await;
        }
        _ => {
            sender.closed().await;
            left.send(()).unwrap();
        }
    }
}

/// As an exec-service makes it.
const KUBECONFIG: &str = r#"{ "apiVersion": "v1", "kind": "Config", "current-context": "c",
    "clusters": [{ "name": "c", "cluster": { "server": "https://127.0.0.1:20001", "certificate-authority-data": "QQ==" } }],
    "users": [{ "name": "u", "user": { "client-certificate-data": "Qw==", "client-key-data": "Sw==" } }],
    "contexts": [{ "name": "c", "context": { "cluster": "c", "user": "u" } }] }"#;

/// Serves `open` as the host's exec-service; gives the capabilities it was shown.
pub(crate) fn serve(
    bus: &Bus,
    seal: bus::seal::SealKey,
) -> (
    tokio::sync::mpsc::UnboundedReceiver<String>,
    tokio::sync::mpsc::UnboundedReceiver<()>,
    DropGuard,
) {
    let stop = CancellationToken::new();
    let (shown, capabilities) = unbounded_channel();
    let (left, leavers) = unbounded_channel();
    let (bus, seal, guard) = (bus.clone(), Arc::new(seal), stop.clone().drop_guard());
    tokio::spawn(async move {
        let host: HostId = "h1".parse().unwrap();
        let inner = (bus.clone(), host.clone());
        bus.serve(host, 8, stop, move |request: OpenRequest, _| {
            shown.send(request.capability.clone()).unwrap();
            let sealed = matches!(request.open, Open::Kubeconfig)
                .then(|| seal.seal(KUBECONFIG.as_bytes()).unwrap());
            let ((bus, host), left) = (inner.clone(), left.clone());
            async move {
                // As the real one: it listens before it answers.
                if let Open::Exec { argv, .. } = request.open {
                    let stream = bus.send_stream(&host, &request.stream, Direction::Down);
                    tokio::spawn(act(stream.await.unwrap(), argv, left));
                }
                Ok(OpenReply { sealed })
            }
        })
        .await
        .unwrap();
    });
    (capabilities, leavers, guard)
}

fn claims(token: &str) -> Capability {
    let middle = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(middle).unwrap()).unwrap()
}

async fn exec(world: &World, token: &str, id: &str, command: &str) -> (StatusCode, Value) {
    let path = format!("/api/v1/clusters/{id}/exec");
    world
        .post(&path, token, &json!({ "command": command }))
        .await
}

#[tokio::test]
async fn a_command_runs_where_the_cluster_is_and_its_end_comes_back() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;

    let (status, nobody) = exec(&world, &ana, &id, "both").await;
    assert_eq!(
        (status, nobody["code"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("unavailable"))
    );
    assert!(nobody.to_string().contains("exec-service"), "{nobody}");

    let (mut shown, _leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    // Whoever asks before the subscription is there gets the 503 above.
    testkit::eventually(Duration::from_secs(5), || async {
        (exec(&world, &ana, &id, "both").await.0 == StatusCode::OK).then_some(())
    })
    .await;
    let (_, body) = exec(&world, &ana, &id, "both 'a b' c").await;
    assert_eq!(
        body,
        json!({ "output": "both|a b|c", "error": "oh \u{fffd}", "encoding": "utf-8", "exit_code": 3,
            "truncated": false })
    );
    let (first, second) = (
        claims(&shown.recv().await.unwrap()),
        claims(&shown.recv().await.unwrap()),
    );
    assert_ne!(first.jti, second.jti);
    assert_eq!((first.user_number, second.user_number), (0, 0));
    assert_eq!(
        (first.cluster.to_string(), first.kind.as_str()),
        (id.clone(), "exec")
    );
    assert!(first.exp <= jsonwebtoken::get_current_timestamp() + 30);

    let (status, body) = exec(&world, &ana, &id, "flood").await;
    assert_eq!((status, &body["truncated"]), (StatusCode::OK, &json!(true)));
    assert_eq!(body["output"].as_str().unwrap().len(), 1 << 20);
    assert_eq!(body["error"], "little");

    let (status, body) = exec(&world, &ana, &id, "broken").await;
    assert_eq!(
        (status, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status"))
    );

    let path = format!("/api/v1/clusters/{id}/exec");
    let request = world.request(reqwest::Method::POST, &path, &ana);
    let request = request.json(&json!({ "command": "busy" }));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.headers()["retry-after"], "5");
    let body: Value = answer.json().await.unwrap();
    let said = body["detail"].as_str().unwrap();
    assert!(said.starts_with("You have 5 commands running."), "{body}");
    assert!(said.contains("or wait"), "{body}");

    each_has_ended(&world).await;
    let codes = "select string_agg(detail ->> 'exit_code', ' ' order by number) from audit where detail ? 'exit_code'";
    assert!(query(&world.database, codes).await.ends_with("3 0"));
    let failed =
        "select count(*) from audit where detail ->> 'failed' in ('unavailable', 'wrong_status')";
    assert_ne!(query(&world.database, failed).await, "0");

    let answer = world
        .request(
            reqwest::Method::GET,
            &format!("/api/v1/clusters/{id}/kubeconfig"),
            &ana,
        )
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let text = answer.text().await.unwrap();
    let given: Value = serde_json::from_str(&text).unwrap();
    let demo = "labyard-demo";
    for pointer in [
        "/current-context",
        "/clusters/0/name",
        "/users/0/name",
        "/contexts/0/context/user",
    ] {
        assert_eq!(
            given.pointer(pointer),
            Some(&json!(demo)),
            "{pointer}: {given}"
        );
    }
    let made: Value = serde_json::from_str(KUBECONFIG).unwrap();
    let user = "/users/0/user";
    assert_eq!(given.pointer(user), made.pointer(user));
}

#[tokio::test]
async fn what_a_command_says_comes_whole_whatever_its_bytes_are() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (_shown, _leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    testkit::eventually(Duration::from_secs(5), || async {
        (exec(&world, &ana, &id, "both").await.0 == StatusCode::OK).then_some(())
    })
    .await;
    let said = |command: &'static str, encoding: &'static str, key: &'static str| {
        let path = format!("/api/v1/clusters/{id}/exec");
        let request = world.request(reqwest::Method::POST, &path, &ana);
        let request = request.header("Idempotency-Key", key);
        world.read(request.json(&json!({ "command": command, "encoding": encoding })))
    };
    for (command, encoding, key, output, marked) in [
        ("zero", "utf-8", "k1", "a\0b", "utf-8"),
        ("zero", "base64", "k2", "YQBi", "base64"),
        ("latin", "utf-8", "k3", "caf\u{fffd}", "utf-8, lossy"),
        ("latin", "base64", "k4", "Y2Fm6Q==", "base64"),
    ] {
        // The second time it is the answer that was kept.
        for _ in 0..2 {
            let (status, body) = said(command, encoding, key).await;
            assert_eq!(status, StatusCode::OK, "{body}");
            assert_eq!(
                (&body["output"], &body["encoding"]),
                (&json!(output), &json!(marked))
            );
        }
    }
    let (status, body) = said("zero", "latin-1", "k5").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
}

#[tokio::test]
async fn a_command_ends_when_its_caller_leaves() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (mut shown, mut leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    testkit::eventually(Duration::from_secs(5), || async {
        (exec(&world, &ana, &id, "both").await.0 == StatusCode::OK).then_some(())
    })
    .await;
    while shown.try_recv().is_ok() {}

    let calling = tokio::spawn({
        let path = format!("/api/v1/clusters/{id}/exec");
        let body = json!({ "command": "forever" });
        let request = world
            .request(reqwest::Method::POST, &path, &ana)
            .json(&body);
        async move { request.send().await.map(drop) }
    });
    shown.recv().await.unwrap();
    calling.abort();
    // Before a stream is taken for silent.
    tokio::time::timeout(Duration::from_secs(12), leavers.recv())
        .await
        .expect("the command goes on for nobody")
        .unwrap();
    each_has_ended(&world).await;
    let left = "select count(*) from audit where detail ->> 'failed' = 'caller_left'";
    assert_eq!(query(&world.database, left).await, "1");
}

/// Every command that was allowed to begin has its end in the audit, by the same person in the same cluster.
async fn each_has_ended(world: &World) {
    let open = "select count(*) filter (where action = 'exec_cluster') - count(*) filter (where action = 'exec_cluster.ended')
        from audit where allowed group by user_id, cluster_id having count(*) > 0";
    testkit::eventually(Duration::from_secs(5), || async {
        (query(&world.database, open)
            .await
            .lines()
            .all(|count| count == "0"))
        .then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_command_ends_with_the_right_to_it() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let (_shown, mut leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    testkit::eventually(Duration::from_secs(5), || async {
        (exec(&world, &ana, &id, "both").await.0 == StatusCode::OK).then_some(())
    })
    .await;
    let shares = format!("/api/v1/clusters/{id}/shares");
    let wanted = json!({ "email": "ben@example.org", "level": "operator" });
    let (_, made) = world.post(&shares, &ana, &wanted).await;
    let share = made["share"]["id"].as_str().unwrap().to_owned();
    let less = json!({ "email": "ben@example.org", "level": "viewer" });
    assert_eq!(
        world.post(&shares, &ana, &less).await.0,
        StatusCode::CREATED
    );

    // One share less: they may still look, but not with what this began with.
    let end = async {
        begun(&world, 1).await;
        world.delete(&format!("{shares}/{share}"), &ana).await.0
    };
    let ((status, refused), ended) = tokio::join!(exec(&world, &ben, &id, "wait"), end);
    assert_eq!(ended, StatusCode::NO_CONTENT);
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::FORBIDDEN, &json!("forbidden")),
        "{refused}"
    );
    leavers.recv().await.unwrap();

    let out = async {
        begun(&world, 2).await;
        world.post("/api/v1/auth/logout", &ben, &json!({})).await.0
    };
    let ((status, refused), ended) = tokio::join!(exec(&world, &ben, &id, "wait"), out);
    assert_eq!(ended, StatusCode::NO_CONTENT);
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::UNAUTHORIZED, &json!("unauthenticated"))
    );
    leavers.recv().await.unwrap();
    let ends = "select count(*) from audit where action = 'exec_cluster.ended' and email = 'ben@example.org' and detail ? 'failed'";
    assert_eq!(query(&world.database, ends).await, "2");
}

/// Whoever makes a cluster is its administrator only while they may make clusters.
#[tokio::test]
async fn a_maker_who_is_lowered_is_no_administrator() {
    let world = world().await;
    let ana = world.person("ana").await;
    let physics = organization(&world, &ana).await;
    let ben = member(&world, &ana, &physics, "ben", "member").await;
    let (_, found) = world
        .get(
            &format!("/api/v1/workspaces?organization_id={physics}"),
            &ana,
        )
        .await;
    let wanted = json!({ "name": "demo", "workspace_id": found["items"][0]["id"] });
    let host = host(&world, "h1", 1).await;
    let (_, made) = world.post("/api/v1/clusters", &ben, &wanted).await;
    let id = made["cluster"]["id"].as_str().unwrap().to_owned();
    host.make(&host.take().await).await;
    let (mut shown, mut leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    testkit::eventually(Duration::from_secs(5), || async {
        (exec(&world, &ana, &id, "both").await.0 == StatusCode::OK).then_some(())
    })
    .await;
    while shown.try_recv().is_ok() {}
    let of_ben = format!(
        "/api/v1/organizations/{physics}/members/{}",
        user_id(&world, &ben).await
    );
    let place = async |role: &str| {
        let request = world.request(reqwest::Method::PATCH, &of_ben, &ana);
        let (status, _) = world.read(request.json(&json!({ "role": role }))).await;
        assert_eq!(status, StatusCode::OK, "{role}");
    };
    let kubeconfig = format!("/api/v1/clusters/{id}/kubeconfig");
    let access = format!("/api/v1/clusters/{id}/access");
    let shares = format!("/api/v1/clusters/{id}/shares");
    // By a command, by a kubeconfig, and as the page says.
    let mut inside = async |groups: Value, because: Value, may_share: bool| {
        while shown.try_recv().is_ok() {}
        assert_eq!(exec(&world, &ben, &id, "both").await.0, StatusCode::OK);
        assert_eq!(world.get(&kubeconfig, &ben).await.0, StatusCode::OK);
        for kind in domain::StreamKind::ALL {
            let claims = claims(&shown.recv().await.unwrap());
            assert_eq!(claims.kind, kind);
            assert_eq!(json!(claims.groups), groups, "{kind:?}");
        }
        let (_, said) = world.get(&access, &ben).await;
        let mine = &said["people"][0];
        assert_eq!((&mine["groups"], &mine["because"]), (&groups, &because));
        let status = world.get(&shares, &ben).await.0;
        assert_eq!(status == StatusCode::OK, may_share, "{status}");
    };
    let role = |role: &str| json!({ "by": "role", "role": role });
    let made_it = json!({ "by": "made_it" });
    let owner = json!(["labyard:owner"]);
    inside(owner.clone(), json!([role("member"), made_it]), true).await;

    // What runs as an administrator does not outlive it.
    let lowered = async {
        begun(&world, 2).await;
        place("viewer").await;
    };
    let ((status, refused), ()) = tokio::join!(exec(&world, &ben, &id, "wait"), lowered);
    assert_eq!(
        (status, &refused["code"]),
        (StatusCode::FORBIDDEN, &json!("forbidden")),
        "{refused}"
    );
    leavers.recv().await.unwrap();
    let viewer = json!(["labyard:viewer"]);
    inside(viewer.clone(), json!([role("viewer")]), false).await;
    place("member").await;
    inside(owner, json!([role("member"), made_it]), true).await;

    assert_eq!(world.delete(&of_ben, &ana).await.0, StatusCode::NO_CONTENT);
    assert_eq!(
        exec(&world, &ben, &id, "both").await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(world.get(&kubeconfig, &ben).await.0, StatusCode::NOT_FOUND);
    let wanted = json!({ "email": "ben@example.org", "level": "viewer" });
    let (status, _) = world.post(&shares, &ana, &wanted).await;
    assert_eq!(status, StatusCode::CREATED);
    let (_, said) = world.get(&access, &ben).await;
    assert_eq!(said["people"][0]["groups"], viewer);
    assert_eq!(said["people"][0]["because"][0]["by"], "share");
    assert_eq!(exec(&world, &ben, &id, "both").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_command_ends_when_its_cluster_is_asked_to() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let host = host(&world, "h1", 1).await;
    let (stopped, deleted) = (
        running(&world, &host, &ana, "stopped").await,
        running(&world, &host, &ana, "deleted").await,
    );
    let (mut shown, mut leavers, _serving) = serve(&host.bus, world.gateway.keys().seal);
    testkit::eventually(Duration::from_secs(5), || async {
        (exec(&world, &ana, &stopped, "both").await.0 == StatusCode::OK).then_some(())
    })
    .await;
    for id in [&stopped, &deleted] {
        let wanted = json!({ "email": "ben@example.org", "level": "operator" });
        let shares = format!("/api/v1/clusters/{id}/shares");
        world.post(&shares, &ana, &wanted).await;
    }
    let keyed = |id: &str| {
        let path = format!("/api/v1/clusters/{id}/exec");
        let request = world.request(reqwest::Method::POST, &path, &ben);
        let request = request.header("Idempotency-Key", "once");
        world.read(request.json(&json!({ "command": "wait" })))
    };
    let stop = async {
        begun(&world, 1).await;
        let path = format!("/api/v1/clusters/{stopped}/stop");
        world.post(&path, &ana, &json!({})).await.0
    };
    let delete = async {
        begun(&world, 2).await;
        let path = format!("/api/v1/clusters/{deleted}");
        world.delete(&path, &ana).await.0
    };
    let soon = Duration::from_secs(10);
    let first = testkit::within(soon, async { tokio::join!(keyed(&stopped), stop) });
    let second = async { tokio::join!(exec(&world, &ben, &deleted, "wait"), delete) };
    let ends = [
        first.await.expect("it outlives the stop"),
        testkit::within(soon, second)
            .await
            .expect("it outlives the delete"),
    ];
    for ((status, refused), asked) in ends {
        assert_eq!(asked, StatusCode::ACCEPTED);
        assert_eq!(
            (status, &refused["code"]),
            (StatusCode::CONFLICT, &json!("wrong_status")),
            "{refused}"
        );
        leavers.recv().await.unwrap();
    }
    // It had begun: with its key it is not begun once more, whatever the cluster does now.
    while shown.try_recv().is_ok() {}
    let (status, again) = keyed(&stopped).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert!(
        again.to_string().contains("its result is unknown"),
        "{again}"
    );
    assert!(shown.try_recv().is_err());
}

/// So many commands of ben's have begun.
async fn begun(world: &World, count: usize) {
    let text = "select count(*) from audit where action = 'exec_cluster' and allowed and email = 'ben@example.org'";
    testkit::eventually(Duration::from_secs(5), || async {
        (query(&world.database, text).await == count.to_string()).then_some(())
    })
    .await;
}
