//! What the four services hold in memory when nothing happens.

use std::fs;

use e2e::process::pids;

use crate::figure::Figure;

const SERVICES: [&str; 4] = [
    "api-gateway",
    "events-gateway",
    "provisioner-worker",
    "exec-service",
];

/// Their proportional set sizes together, in MiB.
pub(crate) fn idle() -> Option<Figure> {
    let runs: Vec<f64> = SERVICES
        .iter()
        .flat_map(|service| pids(service))
        .map(pss_mib)
        .collect();
    Some(Figure::plain(
        "memory",
        "MiB",
        runs.iter().sum(),
        160.0,
        80.0,
        runs,
    ))
}

fn pss_mib(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss:"))
        .unwrap();
    let kib: f64 = line.split_whitespace().next().unwrap().parse().unwrap();
    kib / 1024.0
}
