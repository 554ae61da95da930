//! How work is handed out, held, turned, given up and told, with scripted hosts.

use api::bus::{LeaseRef, RenewRequest, StepOutcome, Verdict};
use domain::{Code, Goal, HostId, Reason, Step};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    gateway::{World, query, sql, world},
    host::{Host, assert_in_order, half, log, nothing},
};

pub(crate) async fn host(world: &World, name: &'static str, boot_id: u64) -> Host {
    Host {
        bus: world.bus(&format!("host-{name}")).await,
        name,
        boot_id,
    }
}

pub(crate) async fn task_of(world: &World, token: &str, id: &str) -> Value {
    let (_, tasks) = world
        .get(&format!("/api/v1/tasks?cluster_id={id}"), token)
        .await;
    tasks["items"][0].clone()
}

/// A cluster that runs on `host`.
pub(crate) async fn running(world: &World, host: &Host, token: &str, name: &str) -> String {
    let id = world.create(token, name).await;
    host.make(&host.take().await).await;
    id
}

#[tokio::test]
async fn a_delete_that_fails_goes_on_and_says_why() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    sql(
        &world.database,
        "update cluster set expires_at = now(); update due set at = now()",
    )
    .await;
    let lease = testkit::eventually(std::time::Duration::from_secs(10), || async {
        host.acquire(1).await.leases.pop()
    })
    .await;
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("DELETING"), &json!("expired")),
        "being handed out is no reason to forget why"
    );
    for retryable in [true, false] {
        let reason = Reason::new(Code::HostUnreachable, "The engine does not answer.");
        let failed = StepOutcome::Failed { reason, retryable };
        let verdict = host
            .report(
                &lease,
                lease.desired_rev,
                Some((Step::Remove, failed)),
                half(),
            )
            .await;
        assert!(matches!(verdict, Verdict::Continue { .. }), "{verdict:?}");
        let cluster = world.cluster(&ana, &id).await;
        assert_eq!(
            (&cluster["status"], &cluster["reason"]["code"]),
            (&json!("DELETING"), &json!("host_unreachable"))
        );
    }
    let ended = Some((Step::Remove, StepOutcome::Ended));
    let done = host
        .report(&lease, lease.desired_rev, ended, nothing())
        .await;
    assert_eq!(done, Verdict::Done);
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("DELETED"), &json!("expired"))
    );
}

#[tokio::test]
async fn nobody_takes_over_for_a_minute_when_many_leases_run_out_at_once() {
    let world = world().await;
    let ana = world.person("ana").await;
    for n in 0..6 {
        world.create(&ana, &format!("c{n}")).await;
    }
    let host = host(&world, "h1", 1).await;
    assert_eq!(host.acquire(6).await.leases.len(), 6);
    let ran_out = async |secs: u32| {
        let text = format!("update cluster set lease_until = now() - interval '{secs} seconds'");
        sql(&world.database, &text).await;
        host.acquire(6).await.leases.len()
    };
    for secs in [1, 29, 31, 55] {
        assert_eq!(ran_out(secs).await, 0, "after {secs} s");
    }
    assert_eq!(ran_out(61).await, 6);
    // One or two are a worker's end, and others go on with them at once.
    sql(
        &world.database,
        "update cluster set lease_until = now() - interval '1 second' where name in ('c0', 'c1')",
    )
    .await;
    assert_eq!(host.acquire(6).await.leases.len(), 2);
}

#[tokio::test]
async fn what_is_taken_up_eight_times_for_nothing_is_given_up() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    for boot_id in 1..=8 {
        host(&world, "h1", boot_id).await.take().await;
    }
    let ninth = host(&world, "h1", 9).await;
    assert!(ninth.acquire(1).await.leases.is_empty());
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(
        (&cluster["status"], &cluster["reason"]["code"]),
        (&json!("ERROR"), &json!("step_failed"))
    );
    assert_eq!(task_of(&world, &ana, &id).await["status"], "failed");
    let (status, _) = world.delete(&format!("/api/v1/clusters/{id}"), &ana).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(ninth.take().await.desired.goal, Goal::Deleted);
}

#[tokio::test]
async fn a_renewal_tells_each_holder_where_it_stands() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (kept, turned) = (
        world.create(&ana, "kept").await,
        world.create(&ana, "turned").await,
    );
    let host = host(&world, "h1", 1).await;
    let leases = host.acquire(2).await.leases;
    world
        .delete(&format!("/api/v1/clusters/{turned}"), &ana)
        .await;
    let mut held: Vec<LeaseRef> = leases
        .iter()
        .map(|lease| LeaseRef {
            cluster: lease.cluster,
            fence: lease.fence,
            desired_rev: lease.desired_rev,
        })
        .collect();
    let mut stale = held[0].clone();
    stale.fence -= 1;
    held.push(stale);
    let request = RenewRequest {
        worker: "w1".parse().unwrap(),
        boot_id: 1,
        leases: held,
    };
    let to: HostId = "h1".parse().unwrap();
    let reply = host.bus.request(&request, to).await.unwrap();
    for renewed in &reply.leases[..2] {
        let Verdict::Continue {
            desired,
            desired_rev,
            lease_secs,
        } = &renewed.verdict
        else {
            panic!("{:?}", renewed.verdict);
        };
        assert_eq!(*lease_secs, 60);
        if renewed.cluster.to_string() == kept {
            assert_eq!((desired, *desired_rev), (&None, 1));
        } else {
            assert_eq!(desired.as_ref().unwrap().goal, Goal::Deleted);
            assert_eq!(*desired_rev, 2);
        }
    }
    assert_eq!(reply.leases[2].verdict, Verdict::Fenced);
}

#[tokio::test]
async fn deletes_come_first_and_nobody_is_starved() {
    let world = world().await;
    let (ana, ben) = (world.person("ana").await, world.person("ben").await);
    let host = host(&world, "h1", 1).await;
    let old = running(&world, &host, &ana, "old").await;
    for n in 0..3 {
        world.create(&ana, &format!("a{n}")).await;
    }
    assert_eq!(host.acquire(1).await.leases.len(), 1);
    let late = world.create(&ben, "late").await;
    world.delete(&format!("/api/v1/clusters/{old}"), &ana).await;
    let first = host.take().await;
    assert_eq!(
        (first.cluster.to_string(), first.desired.goal),
        (old, Goal::Deleted)
    );
    assert_eq!(
        host.take().await.cluster.to_string(),
        late,
        "ana's others are older, and she has some under way"
    );
}

#[tokio::test]
async fn events_of_one_cluster_rise_when_a_delete_had_to_wait() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    host(&world, "h1", 1).await.take().await;
    // Somebody else ends the task while they hold the row that the delete waits for.
    let slow = "begin; select 1 from cluster for update;
        update task set status = 'failed', ended_at = now();
        update cluster set status = 'ERROR', lease_until = null, version = version + 1;
        select pg_sleep(1); commit";
    let path = format!("/api/v1/clusters/{id}");
    let (_, (status, asked)) = tokio::join!(sql(&world.database, slow), async {
        crate::race::row_is_held(&world.database, "cluster").await;
        world.delete(&path, &ana).await
    });
    assert_eq!(status, StatusCode::ACCEPTED, "{asked}");
    assert_eq!(asked["cluster"]["task_id"], asked["task"]["id"]);
    let events = world.bus("events-gateway").await;
    let told = testkit::eventually(std::time::Duration::from_secs(5), || async {
        let told = log(&events, 0).await.ok()?;
        let last = told.events.last()?;
        (last.event.status == Some(domain::ClusterStatus::Deleting)
            && last.position == told.head.position)
            .then_some(told)
    })
    .await;
    assert_in_order(&told.events, told.head.position);
}

#[tokio::test]
async fn a_zero_byte_finds_nobody_and_nothing() {
    let world = world().await;
    let ana = world.person("ana").await;
    let (status, found) = world.get("/api/v1/clusters?name=a%00b", &ana).await;
    assert_eq!((status, &found["items"]), (StatusCode::OK, &json!([])));
    let login = json!({ "email": "a\u{0}@example.org", "password": "correct horse" });
    let (status, body) = world.post("/api/v1/auth/token", "", &login).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{body}");
}

#[tokio::test]
async fn a_lease_whose_answer_was_lost_is_handed_out_with_the_next_ask_of_the_same_life() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    world.create(&ana, "demo").await;
    let lost = host.ask(1, 1, vec![]).await.leases.remove(0);
    let late = host.ask(1, 1, vec![]).await;
    assert_eq!(late.leases, vec![], "a doubled ask ends what it was given");
    let again = host.ask(1, 2, vec![]).await.leases.remove(0);
    assert_eq!(again.cluster, lost.cluster);
    assert!(again.fence > lost.fence);
    let verdict = host.report(&lost, 1, None, half()).await;
    assert_eq!(verdict, Verdict::Fenced);
    // What is said to be held stays.
    let held = host.ask(1, 3, vec![again.fence]).await;
    assert_eq!(held.leases, vec![]);
    host.make(&again).await;
}

#[tokio::test]
async fn a_step_told_late_is_not_written_to_the_next_task() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    let id = running(&world, &host, &ana, "demo").await;
    let ask = async |path: &str| {
        let (status, _) = world.post(path, &ana, &json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{path}");
    };
    ask(&format!("/api/v1/clusters/{id}/stop")).await;
    let stop = host.take().await;
    host.report(&stop, stop.desired_rev, None, half()).await;
    ask(&format!("/api/v1/clusters/{id}/start")).await;
    let start = host.take().await;
    let task = task_of(&world, &ana, &id).await["id"].clone();
    ask(&format!("/api/v1/tasks/{}/cancel", task.as_str().unwrap())).await;
    let began = Some((Step::Start, StepOutcome::Began));
    let verdict = host.report(&start, start.desired_rev, began, half()).await;
    assert!(matches!(
        verdict,
        Verdict::Continue {
            desired: Some(_),
            ..
        }
    ));
    let stopping = task_of(&world, &ana, &id).await;
    assert_eq!(
        (&stopping["kind"], &stopping["steps"]),
        (&json!("stop"), &json!([]))
    );
}

/// Changes a row as a later version might have left it, sees that nobody acts on it, and changes it back.
async fn is_not_understood(world: &World, token: &str, path: &str, (there, back): (&str, &str)) {
    sql(&world.database, there).await;
    let (status, answer) = world.get(path, token).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{answer}");
    if path.contains("/clusters/") {
        let (status, answer) = world.delete(path, token).await;
        assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR, "{answer}");
    }
    sql(&world.database, back).await;
    let (status, answer) = world.get(path, token).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

#[tokio::test]
async fn a_cluster_with_a_word_of_a_later_version_stops_whoever_reads_it() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let path = format!("/api/v1/clusters/{id}");
    let free = "alter table cluster drop constraint cluster_goal_check";
    sql(&world.database, free).await;
    for words in [
        (
            "update cluster set goal = 'resting'",
            "update cluster set goal = 'running'",
        ),
        (
            "update cluster set status = 'RESTING'",
            "update cluster set status = 'PROVISIONING'",
        ),
        (
            "update task set kind = 'rest'",
            "update task set kind = 'create'",
        ),
    ] {
        is_not_understood(&world, &ana, &path, words).await;
    }
    let cluster = world.cluster(&ana, &id).await;
    assert_eq!(cluster["status"], "PROVISIONING", "nothing was done to it");
}

#[tokio::test]
async fn a_task_with_a_word_of_a_later_version_stops_whoever_reads_it() {
    let world = world().await;
    let ana = world.person("ana").await;
    let id = world.create(&ana, "demo").await;
    let task = task_of(&world, &ana, &id).await;
    let path = format!("/api/v1/tasks/{}", task["id"].as_str().unwrap());
    for words in [
        (
            "update task set kind = 'rest'",
            "update task set kind = 'create'",
        ),
        (
            "update task set status = 'resting'",
            "update task set status = 'pending'",
        ),
        // As an earlier version wrote a step: without the instance it is of.
        (
            "insert into task_step (task_id, step) select id, 'rest' from task",
            "update task_step set step = 'prepare'",
        ),
    ] {
        is_not_understood(&world, &ana, &path, words).await;
    }
    let task = task_of(&world, &ana, &id).await;
    assert_eq!(task["steps"][0]["step"], "prepare");
}

#[tokio::test]
async fn a_step_is_kept_with_the_instance_that_it_is_of() {
    let world = world().await;
    let ana = world.person("ana").await;
    let host = host(&world, "h1", 1).await;
    running(&world, &host, &ana, "demo").await;
    let kept = "select string_agg(step || generation, ' ' order by started_at) from task_step";
    let kept = query(&world.database, kept).await;
    assert_eq!(kept, "prepare1 create1 start1 ready1");
}
