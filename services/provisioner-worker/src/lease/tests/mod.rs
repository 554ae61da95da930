//! One lease against a scripted gateway and the fake driver.

use std::{collections::VecDeque, time::Duration};

use api::bus::Verdict;
use bus::seal::OpenKey;
use domain::{Desired, Goal, Step};
use drivers::{Provision, Spec, notes::Notes};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::fixture::{desired, failed_with, lease, world, world_with_steps_of};
use super::{holding::Holding, step_loop::TRIES_MAX};
use crate::held::{LeaseState, SELF_STOP};

mod fault_matrix;
mod fixture;

#[tokio::test]
async fn a_create_takes_its_steps_in_order_and_seals_the_credential() {
    let world = world().await;
    world.work().await;
    let expected: Vec<(Step, bool)> = [Step::Prepare, Step::Create, Step::Start, Step::Ready]
        .into_iter()
        .flat_map(|step| [(step, false), (step, true)])
        .collect();
    assert_eq!(world.steps(), expected);
    let reports = world.script.reports.lock().unwrap();
    let sealed = reports
        .last()
        .unwrap()
        .admin
        .clone()
        .expect("sealed with the ready report");
    assert!(
        OpenKey::from_seed([7; 32])
            .open(&sealed)
            .unwrap()
            .starts_with(b"apiVersion")
    );
}

#[tokio::test]
async fn a_delete_in_the_middle_turns_the_holder_and_leaves_nothing() {
    let world = world().await;
    let turn = Verdict::Continue {
        lease_secs: 60,
        desired_rev: 2,
        desired: Some(desired(Goal::Deleted)),
    };
    // Prepare began, ended; create began: here the gateway has something new.
    *world.script.verdicts.lock().unwrap() = VecDeque::from([None, None, Some(turn)]);
    *world.script.desired.lock().unwrap() = Some((desired(Goal::Running), 1));
    let script = world.script.clone();
    let later = async move {
        loop {
            if script.reports.lock().unwrap().len() >= 3 {
                *script.desired.lock().unwrap() = Some((desired(Goal::Deleted), 2));
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(world.work(), later);
    assert_eq!(world.things().await, 0);
    assert_eq!(world.steps().last(), Some(&(Step::Remove, true)));
}

#[tokio::test]
async fn a_fenced_worker_touches_nothing_more() {
    let world = world().await;
    *world.script.verdicts.lock().unwrap() = VecDeque::from([Some(Verdict::Fenced)]);
    let held = world.work().await;
    assert!(held.state().lost);
    assert_eq!(world.things().await, 0);
    assert_eq!(world.script.reports.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_fails_is_tried_again_and_goes_on_where_it_was() {
    let world = world().await;
    world.fail(&["create", "create", "ready"]);
    let held = world.work().await;
    assert!(held.state().done);
    assert!(
        world
            .context
            .driver
            .observe(&held.spec())
            .await
            .unwrap()
            .ready
    );
    let failed = world
        .script
        .reports
        .lock()
        .unwrap()
        .iter()
        .filter(|report| failed_with(report, true))
        .count();
    assert_eq!(failed, 3);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_always_fails_is_given_up() {
    let world = world().await;
    world.fail(&["start"; 9]);
    // Renewals would come from the renewer: here the reports themselves renew.
    let held = world.work().await;
    assert!(held.state().done);
    let reports = world.script.reports.lock().unwrap();
    assert!(failed_with(reports.last().unwrap(), false));
    assert_eq!(
        reports
            .iter()
            .filter(|report| failed_with(report, true))
            .count(),
        TRIES_MAX as usize - 1
    );
}

#[tokio::test(start_paused = true)]
async fn a_removal_is_never_given_up() {
    let mut world = world().await;
    world.work().await;
    world.script.reports.lock().unwrap().clear();
    world.fail(&["remove"; 12]);
    world.lease.desired = desired(Goal::Deleted);
    *world.script.desired.lock().unwrap() = Some((desired(Goal::Deleted), 1));
    world.work().await;
    assert_eq!(world.things().await, 0);
    assert!(
        world
            .script
            .reports
            .lock()
            .unwrap()
            .iter()
            .all(|report| !failed_with(report, false))
    );
}

#[tokio::test]
async fn whoever_comes_after_a_crash_goes_on_from_what_is_there() {
    let mut world = world().await;
    // The first worker died after the start: its last verdict never came.
    let spec = Spec {
        installation: "test".into(),
        cluster: world.lease.cluster,
        desired: desired(Goal::Running),
    };
    let driver = world.context.driver.clone();
    let endpoint = driver.prepare(&spec).await.unwrap();
    let placed = Spec {
        desired: Desired {
            api_port: Some(endpoint.port),
            ..spec.desired.clone()
        },
        ..spec
    };
    driver.create(&placed).await.unwrap();
    driver.start(&placed).await.unwrap();
    world.lease.fence = 2;
    world.work().await;
    assert_eq!(world.steps(), [(Step::Ready, false), (Step::Ready, true)]);
    assert_eq!(world.things().await, 6);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_outlasts_its_lease_is_left_at_the_instant_of_the_self_stop() {
    let world = world_with_steps_of(100_000).await;
    let began = Instant::now();
    // Its first report is the last that is heard: nobody renews.
    let held = world.work().await;
    assert!(held.over() && !held.state().done);
    assert_eq!(began.elapsed().as_secs(), SELF_STOP.as_secs());
}

#[tokio::test(start_paused = true)]
async fn an_answer_read_late_renews_only_from_when_it_was_asked_for() {
    let held = LeaseState::new(lease(), "test".into(), Instant::now());
    let asked = Instant::now();
    // The worker was stopped for longer than a lease; the answer lay in its socket meanwhile.
    tokio::time::advance(Duration::from_secs(70)).await;
    held.on_verdict(
        &Verdict::Continue {
            lease_secs: 60,
            desired_rev: 1,
            desired: None,
        },
        asked,
    );
    assert!(held.over(), "a lease that ran out was taken for a good one");
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_once_when_the_goal_turns() {
    let world = world_with_steps_of(10_000).await;
    let began = Instant::now();
    let held = LeaseState::new(world.lease.clone(), "test".into(), Instant::now());
    let stop = CancellationToken::new();
    let holding = Holding {
        context: &world.context,
        lease: &held,
        stop: &stop,
        notes: Notes::default(),
    };
    let cancel = async {
        while !world.script.began(Step::Ready) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        *world.script.desired.lock().unwrap() = Some((desired(Goal::Stopped), 2));
        held.on_verdict(
            &Verdict::Continue {
                lease_secs: 60,
                desired_rev: 2,
                desired: Some(desired(Goal::Stopped)),
            },
            Instant::now(),
        );
    };
    tokio::join!(holding.run(), cancel);
    // Three steps up and the stop, ten seconds each; nothing of the wait.
    assert!(began.elapsed() < Duration::from_secs(42));
    assert!(held.state().done);
}

#[tokio::test(start_paused = true)]
async fn a_failed_try_is_told_in_the_steps_log() {
    let world = world().await;
    world.fail(&["create"]);
    world.work().await;
    let reports = world.script.reports.lock().unwrap();
    let failed = reports
        .iter()
        .find(|report| failed_with(report, true))
        .unwrap();
    let log = &failed.step.as_ref().unwrap().log;
    assert!(
        log.iter()
            .any(|line| line.starts_with("try 1 failed") && line.contains("told to fail")),
        "{log:?}"
    );
}
