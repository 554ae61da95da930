//! What a server took: processor time and memory of its processes, as the kernel counts them.

use std::fs;

/// A process and its children.
fn family(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.unwrap_or_default();
    let children = children
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok());
    std::iter::once(pid).chain(children).collect()
}

/// Nanoseconds on a processor, in user and kernel, of all threads.
pub(crate) fn processor(pid: u32) -> u64 {
    let tasks = |pid: u32| {
        fs::read_dir(format!("/proc/{pid}/task"))
            .into_iter()
            .flatten()
    };
    let time = |task: fs::DirEntry| -> Option<u64> {
        let text = fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    family(pid)
        .into_iter()
        .flat_map(tasks)
        .flatten()
        .filter_map(time)
        .sum()
}

/// KiB of its own memory, a shared page counted by its share.
pub(crate) fn memory(pid: u32) -> f64 {
    family(pid).into_iter().map(pss).sum()
}

fn pss(pid: u32) -> f64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(0.0)
}
