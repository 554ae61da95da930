//! Who may see what, said by a model: people whose roles, shares and logins come and go, replicas that end and come
//! back, a bus that loses, doubles and reorders. Each event that reaches somebody is held against it.
//!
//! `MODEL_SEEDS` says how many lives are lived (200), `MODEL_SEED` lives one of them again.

mod life;
mod reading;
mod truth;

use std::time::Duration;

use crate::World;

/// Lives, if nothing else is wanted.
const SEEDS: u64 = 200;
/// They live side by side.
const WORLDS: u64 = 4;
/// Events that reach somebody in a life, on average at least.
const SEEN_MIN: u64 = 10;

/// The lives that one world of several lives, each from its seed.
async fn lives(seeds: Vec<u64>) -> usize {
    let mut seen = 0;
    let mut world = World::with(|config| {
        // So small that who comes back often reads what is in the ring no more.
        config.tuning.ring.frames = 64;
        config.tuning.prefill = 32;
        config.tuning.drain = Duration::from_millis(50);
    })
    .await;
    let mut other = world.another().await;
    for seed in seeds {
        let begun = Begun(seed);
        let (kept, in_it) = life::live(&mut world, other, seed).await;
        other = kept;
        seen += in_it;
        std::mem::forget(begun);
    }
    other.1.cancel();
    other.0.wait().await.unwrap();
    seen
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
    let mut seen = 0;
    let worlds = (0..WORLDS).map(|world| {
        tokio::spawn(lives(
            (0..seeds).filter(|seed| seed % WORLDS == world).collect(),
        ))
    });
    for ended in futures_util::future::join_all(worlds).await {
        seen += ended.unwrap();
    }
    assert!(
        seen as u64 > seeds * SEEN_MIN,
        "{seen} events in {seeds} lives"
    );
    eprintln!("{seen} events in {seeds} lives");
}
