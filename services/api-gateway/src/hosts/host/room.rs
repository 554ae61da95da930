//! How much room a host has for new clusters.

use domain::{Code, HostId, Reason};

use crate::hosts::host::sql::{HostRow, Kept};

/// A create waits while a host has less than this.
pub(crate) const KEPT: Kept = Kept {
    memory_mib: 1024,
    disk_percent: 15,
};
/// What a new cluster is counted with until the next inventory shows what it really uses.
const NEW_CLUSTER_MIB: i64 = 512;

/// How many new clusters a host may be given before its next inventory.
pub(crate) fn for_new(row: &HostRow, most: u32) -> i64 {
    if row.disk_mib == 0 {
        return most.into();
    }
    1 + (row.memory_free_mib - KEPT.memory_mib) / NEW_CLUSTER_MIB
}

/// Why a host takes no new clusters right now. A host that has not reported yet takes them.
pub(crate) fn shortage(host: &HostId, row: &HostRow) -> Option<Reason> {
    if row.disk_mib == 0 {
        return None;
    }
    let disk = 100 * row.disk_free_mib / row.disk_mib;
    let facts = if row.memory_free_mib < KEPT.memory_mib {
        format!(
            "{host} is low on memory: {} MiB free, {} MiB minimum.",
            row.memory_free_mib, KEPT.memory_mib
        )
    } else if disk < KEPT.disk_percent {
        format!(
            "{host} is low on disk: {disk}% free, {}% minimum.",
            KEPT.disk_percent
        )
    } else {
        return None;
    };
    Some(Reason::new(Code::Queued, facts))
}
