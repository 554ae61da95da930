//! Who may see what, said by a model: people whose roles, shares and logins come and go, replicas that end and come
//! back, one of them killed, a bus that loses, doubles and reorders. Each event that reaches somebody, by an event stream
//! or a WebSocket, is held against it.
//!
//! `MODEL_SEEDS` says how many lives are lived (200), `MODEL_SEED` lives one of them again.

mod kept;
mod life;
mod replica;
mod rights;
mod socket;
mod sse;
mod stream;
mod truth;

use std::time::Duration;

use self::kept::{Kept, Tally};
use crate::World;

/// Lives, if nothing else is wanted.
const SEEDS: u64 = 200;
/// They live side by side.
const WORLDS: u64 = 4;
/// Events that reach somebody in a life by each transport, on average at least.
const SEEN_MIN: usize = 3;

/// The lives that one world of several lives, each from its seed.
async fn lives(seeds: Vec<u64>) -> Tally {
    let mut tally = Tally::default();
    let world = World::with(|config| {
        // So small that who comes back often reads what is in the ring no more.
        config.tuning.ring.frames = 16;
        config.tuning.prefill = 8;
        config.tuning.drain = Duration::from_millis(50);
    })
    .await;
    let mut kept = Kept::new(world);
    for seed in seeds {
        let begun = Begun(seed);
        tally += life::live(&mut kept, seed).await;
        std::mem::forget(begun);
    }
    let program = kept.program.take().unwrap();
    program.listens().await;
    program.kill().await;
    tally
}

/// Names the life in which a test failed.
struct Begun(u64);

impl Drop for Begun {
    fn drop(&mut self) {
        eprintln!("MODEL_SEED={} lives it again", self.0);
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_reaches_whom_it_is_for_and_nobody_from_whom_it_was_taken() {
    if let Some(seed) = number("MODEL_SEED") {
        lives(vec![seed]).await;
        return;
    }
    let seeds = number("MODEL_SEEDS").unwrap_or(SEEDS);
    let mut tally = Tally::default();
    let worlds = (0..WORLDS).map(|world| {
        tokio::spawn(lives(
            (0..seeds).filter(|seed| seed % WORLDS == world).collect(),
        ))
    });
    for ended in futures_util::future::join_all(worlds).await {
        tally += ended.unwrap();
    }
    let few = usize::try_from(seeds).unwrap();
    assert!(tally.by_sse > few * SEEN_MIN, "{tally:?} in {few} lives");
    assert!(tally.by_socket > few * SEEN_MIN, "{tally:?} in {few} lives");
    assert!(tally.to_program > few, "{tally:?} in {few} lives");
    assert!(tally.kills > few / 2, "{tally:?} in {few} lives");
    eprintln!("{tally:?} in {few} lives");
}
