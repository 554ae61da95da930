//! The contract on the fake driver.

use domain::Goal;
use drivers::{Driver, Error, Provision, contract};

use crate::{installation, options, spec};

async fn driver(folder: &tempfile::TempDir) -> Driver {
    let folder = folder.path().to_str().unwrap();
    options(&[
        "--driver",
        "fake",
        "--fake-dir",
        folder,
        "--fake-step-ms",
        "0",
    ])
    .connect()
    .await
    .unwrap()
}

#[tokio::test]
async fn the_contract_holds() {
    let folder = tempfile::tempdir().unwrap();
    let driver = driver(&folder).await;
    let id = installation();
    let mut spec = spec(&id);
    let up = contract::reach(&driver, &mut spec).await;
    assert!(up.ready);
    contract::others_are_left_alone(&driver, &spec).await;
    spec.desired.goal = Goal::Stopped;
    contract::reach(&driver, &mut spec).await;
    spec.desired.goal = Goal::Running;
    assert!(contract::reach(&driver, &mut spec).await.ready);
    spec.desired.goal = Goal::Deleted;
    contract::nothing_is_left(&driver, &spec).await;
    contract::remove_from_every_state(&driver, || crate::spec(&id)).await;
    contract::what_undoes_a_step_does(&driver, || crate::spec(&id)).await;
    contract::a_late_create_makes_nothing_twice(&driver, &mut crate::spec(&id)).await;
}

#[tokio::test]
async fn a_step_fails_when_a_test_asks_for_it_and_once() {
    let folder = tempfile::tempdir().unwrap();
    let driver = driver(&folder).await;
    let mut spec = spec(&installation());
    std::fs::write(folder.path().join("failures"), "prepare").unwrap();
    assert!(matches!(
        driver.prepare(&spec).await,
        Err(Error::Refused(_))
    ));
    spec.desired.api_port = Some(driver.prepare(&spec).await.unwrap().port);
}

#[tokio::test]
async fn the_world_outlives_its_processes_and_has_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let mut spec = spec(&installation());
    contract::reach(&driver(&folder).await, &mut spec).await;
    let again = driver(&folder).await;
    assert!(again.observe(&spec).await.unwrap().ready);
    let journal = std::fs::read_to_string(folder.path().join("journal")).unwrap();
    let made = journal
        .lines()
        .filter(|line| line.contains("\"made\""))
        .count();
    assert_eq!(made, 6, "{journal}");
}
