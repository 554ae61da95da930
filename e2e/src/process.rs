//! The stack's own processes, found by the program they run from `bin/`, never by a name alone.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use testkit::eventually;

/// How soon the supervisor has a killed program back.
const BACK: Duration = Duration::from_secs(10);

/// The process IDs of one of the stack's programs.
pub fn pids(program: &str) -> Vec<u32> {
    let path = program_path(program);
    let mut pids: Vec<u32> = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| fs::read_link(format!("/proc/{pid}/exe")).is_ok_and(|exe| exe == path))
        .collect();
    pids.sort_unstable();
    pids
}

/// Kills every process of a program without warning.
pub fn kill(program: &str) {
    let pids = pids(program);
    assert!(!pids.is_empty(), "{program} does not run");
    for pid in pids {
        signal("-KILL", pid);
    }
}

/// Waits until other processes than these run the program.
pub async fn replaced(program: &str, old: &[u32]) {
    eventually(BACK, || async {
        pids(program)
            .iter()
            .any(|pid| !old.contains(pid))
            .then_some(())
    })
    .await;
}

pub(crate) fn signal(signal: &str, pid: u32) {
    let sent = Command::new("kill")
        .arg(signal)
        .arg(pid.to_string())
        .status()
        .unwrap();
    assert!(sent.success(), "kill {signal} {pid}");
}

fn program_path(program: &str) -> PathBuf {
    let path = crate::home().join("bin").join(program);
    fs::canonicalize(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
