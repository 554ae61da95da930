//! The contract every driver keeps: the same checks run against the fake and against real Docker.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::missing_panics_doc)]

use domain::{NodeState, Observed, Step, plan};

use crate::{
    driver::Driver,
    provision::{Error, Provision, Spec},
};

/// Does one step; the port that it chooses stays chosen.
async fn act(driver: &Driver, spec: &mut Spec, step: Step) -> Result<(), Error> {
    if let Some(endpoint) = driver.act(spec, step).await? {
        spec.desired.api_port = Some(endpoint.port);
    }
    Ok(())
}

/// Takes a cluster to its goal, each step twice: the second time changes nothing.
pub async fn reach(driver: &Driver, spec: &mut Spec) -> Observed {
    for _ in 0..8 {
        let observed = driver.observe(spec).await.unwrap();
        let Some(step) = plan(&spec.desired, &observed) else {
            return observed;
        };
        act(driver, spec, step).await.unwrap();
        let once = driver.observe(spec).await.unwrap();
        act_again(driver, spec, step).await;
        assert_eq!(
            driver.observe(spec).await.unwrap(),
            once,
            "{step:?} twice is not {step:?} once"
        );
    }
    panic!("the goal was not reached: {:?}", driver.observe(spec).await);
}

async fn act_again(driver: &Driver, spec: &mut Spec, step: Step) {
    let port = spec.desired.api_port;
    act(driver, spec, step)
        .await
        .unwrap_or_else(|error| panic!("{step:?} again: {error}"));
    assert_eq!(
        spec.desired.api_port, port,
        "{step:?} again chose another port"
    );
}

/// Nothing is left, however often one removes.
pub async fn nothing_is_left(driver: &Driver, spec: &Spec) {
    for _ in 0..2 {
        driver
            .remove(&spec.installation, spec.cluster)
            .await
            .unwrap();
    }
    assert_eq!(driver.observe(spec).await.unwrap().resources, 0);
    let inventory = driver.inventory(&spec.installation).await;
    assert!(inventory.complete);
    assert!(
        inventory
            .items
            .iter()
            .all(|item| item.cluster != spec.cluster),
        "{:?}",
        inventory.items
    );
}

/// Removing works in the middle of everything.
pub async fn remove_from_every_state(driver: &Driver, make: impl Fn() -> Spec) {
    let steps = [Step::Prepare, Step::Create, Step::Start];
    for taken in 0..=steps.len() {
        let mut spec = make();
        for step in &steps[..taken] {
            act(driver, &mut spec, *step).await.unwrap();
        }
        nothing_is_left(driver, &spec).await;
    }
}

/// What undoes a step, as its story says, leaves it to be done again.
pub async fn what_undoes_a_step_does(driver: &Driver, make: impl Fn() -> Spec) {
    let way = [Step::Prepare, Step::Create, Step::Start, Step::Stop];
    for (at, step) in way.into_iter().enumerate() {
        let mut spec = make();
        for taken in &way[..=at] {
            act(driver, &mut spec, *taken).await.unwrap();
        }
        let undo = step.story().undone_by.unwrap();
        act(driver, &mut spec, undo).await.unwrap();
        let observed = driver.observe(&spec).await.unwrap();
        assert!(
            !step.is_done(&spec.desired, &observed),
            "{step:?} stands after {undo:?}: {observed:?}"
        );
        nothing_is_left(driver, &spec).await;
    }
}

/// A late create of the same order is adopted; of another order it is refused.
pub async fn a_late_create_makes_nothing_twice(driver: &Driver, spec: &mut Spec) {
    act(driver, spec, Step::Prepare).await.unwrap();
    act(driver, spec, Step::Create).await.unwrap();
    let before = driver.observe(spec).await.unwrap();
    driver.create(spec).await.unwrap();
    assert_eq!(driver.observe(spec).await.unwrap(), before);
    let mut other = spec.clone();
    other.desired.resources.memory_mib += 1;
    assert!(matches!(
        driver.create(&other).await,
        Err(Error::Conflict(_))
    ));
    assert_eq!(driver.observe(spec).await.unwrap().node, NodeState::Stopped);
}

/// What bears another installation's label is not seen and not touched.
pub async fn others_are_left_alone(driver: &Driver, spec: &Spec) {
    let mut stranger = spec.clone();
    stranger.installation = "00000000000000000000000000000000".into();
    driver
        .remove(&stranger.installation, stranger.cluster)
        .await
        .unwrap();
    assert!(
        driver
            .inventory(&stranger.installation)
            .await
            .items
            .is_empty()
    );
    assert!(
        driver.observe(spec).await.unwrap().resources > 0,
        "a stranger removed it"
    );
}
