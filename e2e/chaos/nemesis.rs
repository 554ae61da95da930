//! Kills processes of the stack without warning, one after the other.

use std::{fs, process::Command, time::Duration};

use e2e::process;
use rand::{Rng, rngs::StdRng, seq::IndexedRandom};
use tokio_util::sync::CancellationToken;

const PROGRAMS: [&str; 5] = [
    "api-gateway",
    "provisioner-worker",
    "nats-server",
    "events-gateway",
    POSTGRES,
];
const POSTGRES: &str = "postgres";
/// Milliseconds between two kills.
const PAUSE: std::ops::Range<u64> = 500..4000;

/// Kills until `stop`; gives how often.
pub(crate) async fn run(mut random: StdRng, stop: CancellationToken) -> u32 {
    let mut kills = 0;
    loop {
        let pause = Duration::from_millis(random.random_range(PAUSE));
        if stop
            .run_until_cancelled(tokio::time::sleep(pause))
            .await
            .is_none()
        {
            return kills;
        }
        let program = *PROGRAMS.choose(&mut random).unwrap();
        // One that is down already is not killed again.
        let pids = if program == POSTGRES {
            postmaster()
        } else {
            process::pids(program)
        };
        for pid in pids {
            let _ = Command::new("kill")
                .args(["-KILL", &pid.to_string()])
                .status();
            kills += 1;
        }
    }
}

fn postmaster() -> Vec<u32> {
    let file = e2e::home().join("postgres/data/postmaster.pid");
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines()
        .next()
        .and_then(|pid| pid.parse().ok())
        .into_iter()
        .collect()
}
