//! What this machine can carry.

/// An idle lab's memory with some room, and what the machine keeps for everything else.
const LAB_MIB: u64 = 450;
const KEPT_MIB: u64 = 3072;

/// Labs that fit in memory beside each other.
pub fn labs_at_once() -> usize {
    usize::try_from(memory_available_mib().saturating_sub(KEPT_MIB) / LAB_MIB).unwrap_or(usize::MAX)
}

fn memory_available_mib() -> u64 {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib: u64 = line
        .unwrap()
        .trim()
        .trim_end_matches(" kB")
        .parse()
        .unwrap();
    kib / 1024
}
