//! Start, stop, cancel and retry: what each does, when it is refused, and that saying it twice is
//! saying it once.

use api::bus::{StepOutcome, Verdict};
use domain::{Code, Goal, NodeState, Observed, Reason, Step};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    gateway::{World, world},
    host::{Host, half, nothing, up},
    work::{host, running, task_of},
};

pub(crate) fn down() -> Observed {
    Observed {
        node: NodeState::Stopped,
        ready: false,
        ..up()
    }
}

async fn ask(world: &World, token: &str, path: &str) -> (StatusCode, Value) {
    world
        .post(&format!("/api/v1/{path}"), token, &json!({}))
        .await
}

async fn status(world: &World, token: &str, id: &str) -> String {
    world.cluster(token, id).await["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn end(host: &Host, step: Step, observed: Observed) {
    let lease = host.take().await;
    let ended = Some((step, StepOutcome::Ended));
    let done = host
        .report(&lease, lease.desired_rev, ended, observed)
        .await;
    assert_eq!(done, Verdict::Done);
}

#[tokio::test]
async fn a_cluster_stops_and_starts_and_each_may_be_said_twice() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    for (verb, during, after, step, observed) in [
        ("stop", "STOPPING", "STOPPED", Step::Stop, down()),
        ("start", "STARTING", "RUNNING", Step::Ready, up()),
    ] {
        let path = format!("clusters/{id}/{verb}");
        let (code, first) = ask(&world, &ana, &path).await;
        assert_eq!(code, StatusCode::ACCEPTED, "{first}");
        assert_eq!(first["cluster"]["status"], during);
        assert_eq!(first["task"]["kind"], verb);
        let (code, second) = ask(&world, &ana, &path).await;
        assert_eq!(code, StatusCode::ACCEPTED);
        assert_eq!(second["task"]["id"], first["task"]["id"], "one task");
        end(&host, step, observed).await;
        assert_eq!(status(&world, &ana, &id).await, after);
        let (code, third) = ask(&world, &ana, &path).await;
        assert_eq!(code, StatusCode::ACCEPTED);
        assert_eq!(third["cluster"]["status"], after);
        assert_eq!(third["task"]["id"], first["task"]["id"]);
        assert_eq!(third["task"]["status"], "completed");
    }
    let lease = host.acquire(4).await.leases;
    assert!(lease.is_empty(), "nothing more to do: {lease:?}");
}

#[tokio::test]
async fn only_what_can_be_is_started_and_stopped() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    for verb in ["start", "stop"] {
        let (code, body) = ask(&world, &ana, &format!("clusters/{id}/{verb}")).await;
        assert_eq!(
            (code, &body["code"]),
            (StatusCode::CONFLICT, &json!("wrong_status"))
        );
        assert!(body["detail"].as_str().unwrap().contains("task_"), "{body}");
    }
    let other = world.person("bob").await;
    let theirs = ask(&world, &other, &format!("clusters/{id}/stop")).await;
    let missing = "clusters/clu_01930000000070008000000000000001/stop";
    let missing = ask(&world, &other, missing).await;
    assert_eq!(theirs.0, StatusCode::NOT_FOUND);
    assert_eq!(theirs.1["detail"], missing.1["detail"]);
}

#[tokio::test]
async fn an_expected_status_guards_against_what_happened_meanwhile() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let path = |expected: &str| format!("clusters/{id}/stop?expect_status={expected}");
    let (code, body) = ask(&world, &ana, &path("STOPPED")).await;
    assert_eq!(
        (code, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status"))
    );
    let (code, body) = ask(&world, &ana, &path("SLEEPING")).await;
    assert_eq!(
        (code, &body["code"]),
        (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid"))
    );
    let (code, _) = ask(&world, &ana, &path("RUNNING")).await;
    assert_eq!(code, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn a_cancelled_create_is_removed_by_whoever_holds_it() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = world.create(&ana, "demo").await;
    let lease = host.take().await;
    let began = Some((Step::Prepare, StepOutcome::Began));
    host.report(&lease, lease.desired_rev, began, nothing())
        .await;
    let task = task_of(&world, &ana, &id).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (code, body) = ask(
        &world,
        &ana,
        &format!("tasks/{task}/cancel?expect_status=in_progress"),
    )
    .await;
    assert_eq!(code, StatusCode::ACCEPTED, "{body}");
    assert_eq!(
        (&body["cluster"]["status"], &body["task"]["kind"]),
        (&json!("DELETING"), &json!("delete"))
    );
    let ended = Some((Step::Prepare, StepOutcome::Ended));
    let verdict = host.report(&lease, lease.desired_rev, ended, half()).await;
    let Verdict::Continue {
        desired: Some(desired),
        desired_rev,
        ..
    } = verdict
    else {
        panic!("{verdict:?}");
    };
    assert_eq!(desired.goal, Goal::Deleted);
    let removed = Some((Step::Remove, StepOutcome::Ended));
    assert_eq!(
        host.report(&lease, desired_rev, removed, nothing()).await,
        Verdict::Done
    );
    assert_eq!(status(&world, &ana, &id).await, "DELETED");
    let (_, cancelled) = world.get(&format!("/api/v1/tasks/{task}"), &ana).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["reason"]["code"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    let (code, body) = ask(&world, &ana, &format!("tasks/{task}/cancel")).await;
    assert_eq!(
        (code, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status")),
        "{body}"
    );
}

#[tokio::test]
async fn a_cancelled_start_is_a_stop_and_a_stop_is_not_cancelled() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    ask(&world, &ana, &format!("clusters/{id}/stop")).await;
    let stopping = task_of(&world, &ana, &id).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (code, _) = ask(&world, &ana, &format!("tasks/{stopping}/cancel")).await;
    assert_eq!(code, StatusCode::CONFLICT);
    end(&host, Step::Stop, down()).await;
    ask(&world, &ana, &format!("clusters/{id}/start")).await;
    let starting = task_of(&world, &ana, &id).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let (code, body) = ask(&world, &ana, &format!("tasks/{starting}/cancel")).await;
    assert_eq!(code, StatusCode::ACCEPTED, "{body}");
    assert_eq!(body["cluster"]["status"], "STOPPING");
    end(&host, Step::Stop, down()).await;
    assert_eq!(status(&world, &ana, &id).await, "STOPPED");
}

async fn fail(host: &Host) {
    let lease = host.take().await;
    let began = Some((Step::Prepare, StepOutcome::Began));
    host.report(&lease, lease.desired_rev, began, nothing())
        .await;
    let reason = Reason::new(Code::ImageMissing, "The node image is missing.");
    let failed = StepOutcome::Failed {
        reason,
        retryable: false,
    };
    let verdict = host
        .report(
            &lease,
            lease.desired_rev,
            Some((Step::Prepare, failed)),
            nothing(),
        )
        .await;
    assert_eq!(verdict, Verdict::Done);
}

#[tokio::test]
async fn what_failed_says_who_can_fix_it_and_is_tried_again_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = world.create(&ana, "demo").await;
    fail(&host).await;
    assert_eq!(status(&world, &ana, &id).await, "ERROR");
    let task = task_of(&world, &ana, &id).await;
    assert_eq!(
        task["failure"],
        json!({ "by": "platform", "retryable": true })
    );
    assert_eq!(task["steps"][0]["worker"], "w1");
    let path = format!("tasks/{}/retry", task["id"].as_str().unwrap());
    let (code, first) = ask(&world, &ana, &path).await;
    assert_eq!(code, StatusCode::ACCEPTED, "{first}");
    assert_eq!(first["cluster"]["status"], "PROVISIONING");
    assert_eq!(first["task"]["retry_of"], task["id"]);
    let (code, second) = ask(&world, &ana, &path).await;
    assert_eq!(
        (code, &second["task"]["id"]),
        (StatusCode::ACCEPTED, &first["task"]["id"])
    );
    host.make(&host.take().await).await;
    assert_eq!(status(&world, &ana, &id).await, "RUNNING");
    let done = first["task"]["id"].as_str().unwrap();
    let (code, body) = ask(&world, &ana, &format!("tasks/{done}/retry")).await;
    assert_eq!(
        (code, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status"))
    );
}

#[tokio::test]
async fn a_failure_that_something_newer_followed_is_not_tried_again() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = world.create(&ana, "demo").await;
    fail(&host).await;
    let task = task_of(&world, &ana, &id).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    let (code, body) = ask(&world, &ana, &format!("tasks/{task}/retry")).await;
    assert_eq!(
        (code, &body["code"]),
        (StatusCode::CONFLICT, &json!("wrong_status")),
        "{body}"
    );
}

#[tokio::test]
async fn a_worker_that_ends_hands_over_at_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    world.create(&ana, "demo").await;
    let before = host.take().await;
    assert!(host.acquire(1).await.leases.is_empty(), "it is held");
    let release = api::bus::ReleaseRequest {
        worker: "w1".parse().unwrap(),
        boot_id: 1,
    };
    let reply = host
        .bus
        .request(&release, "h1".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(reply.released, 1);
    let after = host.take().await;
    assert!(after.fence > before.fence);
    let began = Some((Step::Prepare, StepOutcome::Began));
    let verdict = host
        .report(&before, before.desired_rev, began, nothing())
        .await;
    assert_eq!(verdict, Verdict::Fenced, "the old hand is fenced");
}

#[tokio::test]
async fn a_report_made_towards_an_earlier_goal_settles_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    ask(&world, &ana, &format!("clusters/{id}/stop")).await;
    end(&host, Step::Stop, down()).await;
    ask(&world, &ana, &format!("clusters/{id}/start")).await;
    let lease = host.take().await;
    let task = task_of(&world, &ana, &id).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    ask(&world, &ana, &format!("tasks/{task}/cancel")).await;
    // Sent before the cancel and heard after it: the node was still down, and is being started.
    let reason = Reason::new(Code::NotReady, "The cluster did not become ready.");
    let failed = StepOutcome::Failed {
        reason,
        retryable: false,
    };
    for late in [StepOutcome::Began, failed] {
        let step = Some((Step::Start, late));
        let verdict = host.report(&lease, lease.desired_rev, step, down()).await;
        assert!(matches!(verdict, Verdict::Continue { .. }), "{verdict:?}");
        assert_eq!(status(&world, &ana, &id).await, "STOPPING");
    }
    let ended = Some((Step::Stop, StepOutcome::Ended));
    let done = host
        .report(&lease, lease.desired_rev + 1, ended, down())
        .await;
    assert_eq!(done, Verdict::Done);
    assert_eq!(status(&world, &ana, &id).await, "STOPPED");
}
