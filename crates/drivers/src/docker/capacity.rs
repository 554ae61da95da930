//! What the host has: processors and memory as the engine says, free memory and disk as the system says.

use std::fs;

use super::engine::{Docker, unreachable};
use crate::provision::{Capacity, Error};

impl Docker {
    pub(super) async fn measure(&self) -> Result<Capacity, Error> {
        let info = self.engine.info().await.map_err(unreachable)?;
        let (disk_mib, disk_free_mib) = disk(&info.docker_root_dir.unwrap_or_else(|| "/".into()));
        let millis = info.ncpu.unwrap_or_default().saturating_mul(1000);
        let memory = info.mem_total.unwrap_or_default() >> 20;
        Ok(Capacity {
            cpu_millis: u32::try_from(millis).unwrap_or_default(),
            memory_mib: u32::try_from(memory).unwrap_or_default(),
            memory_free_mib: available_mib(
                &fs::read_to_string("/proc/meminfo").unwrap_or_default(),
            ),
            disk_mib,
            disk_free_mib,
            load_hundredths: load_hundredths(
                &fs::read_to_string("/proc/loadavg").unwrap_or_default(),
            ),
        })
    }
}

/// `MemAvailable` of /proc/meminfo.
fn available_mib(meminfo: &str) -> u32 {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    u32::try_from(kib.unwrap_or_default() >> 10).unwrap_or(u32::MAX)
}

/// The first number of /proc/loadavg, in hundredths.
fn load_hundredths(loadavg: &str) -> u32 {
    let Some((whole, rest)) = loadavg.split_once('.') else {
        return 0;
    };
    let hundredths: u32 = rest
        .get(..2)
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default();
    let whole: u32 = whole.trim().parse().unwrap_or_default();
    whole.saturating_mul(100).saturating_add(hundredths)
}

/// Size and free space of the file system that holds a folder; of the root where it cannot be seen.
fn disk(folder: &str) -> (u64, u64) {
    let stat = rustix::fs::statvfs(folder).or_else(|_| rustix::fs::statvfs("/"));
    stat.map_or((0, 0), |stat| {
        // What is kept back for root is nobody's: as `df` counts.
        let all = stat.f_blocks - stat.f_bfree + stat.f_bavail;
        (
            (all * stat.f_frsize) >> 20,
            (stat.f_bavail * stat.f_frsize) >> 20,
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn available_memory_is_read() {
        let meminfo = "MemTotal:       24576000 kB\nMemFree: 1 kB\nMemAvailable:   20480000 kB\n";
        assert_eq!(super::available_mib(meminfo), 20_000);
        assert_eq!(super::available_mib(""), 0);
    }

    #[test]
    fn the_load_is_read() {
        assert_eq!(super::load_hundredths("12.07 3.50 1.00 2/300 4000"), 1207);
        assert_eq!(super::load_hundredths("0.42 0.1 0.0 1/2 3"), 42);
        assert_eq!(super::load_hundredths(""), 0);
    }

    #[test]
    fn a_disk_has_a_size() {
        let (all, free) = super::disk("/");
        assert!(all > 0 && free <= all);
    }
}
