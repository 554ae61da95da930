//! Things on a host that belong to no living cluster: counted over complete listings, and removed only when nothing speaks
//! against it. Pure: the gateway keeps the entries in its database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    cluster::ClusterStatus,
    id::{ClusterId, HostId},
};

/// Consecutive complete listings that must contain a thing before it is removed.
pub const SEEN_MIN: u32 = 2;
/// Seconds between first finding a thing and removing it, if the database doesn't have its cluster.
pub const UNKNOWN_SECS: u64 = 300;
/// The same if its cluster is known to be DELETED.
pub const DELETED_SECS: u64 = 30;
/// Clusters removed by one answer at most.
pub const REMOVED_AT_ONCE: usize = 10;
/// The brake: nothing is removed while more clusters than this, and more than [`BRAKE_PERCENT`] of a host's, would
/// be. Then the database is more likely to be wrong than the host.
pub const BRAKE_CLUSTERS: usize = 3;
/// Percentage of a host's clusters; see [`BRAKE_CLUSTERS`].
pub const BRAKE_PERCENT: usize = 20;

/// The role of what all generations of a cluster share.
const NETWORK: &str = "network";
/// The role whose generation is the one that first filled it.
const DATA: &str = "data";

/// One labeled thing of a host's listing: a container, a volume or a network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// Cluster named by its label.
    pub cluster: ClusterId,
    /// Generation named by its label.
    pub generation: u32,
    /// What it is for: `node`, `network`, `state`, `data`, `cache`, `kubelet` or `home`.
    pub role: String,
    /// Its name on the host, where it is unique.
    pub name: String,
}

/// What the database has of the cluster that a thing names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Status of the cluster.
    pub status: ClusterStatus,
    /// Host the cluster is placed on; `None` before one has taken it.
    pub host: Option<HostId>,
    /// Generation the cluster is at.
    pub generation: u32,
    /// Generation that first filled the cluster's data volume.
    pub data_generation: u32,
    /// Whether the cluster has an open task, so that older generations may still be in use.
    pub open: bool,
}

/// Who a thing on a host belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A living cluster on this host.
    Cluster,
    /// A living cluster, but one placed on another host or past this generation. It is shown and never removed
    /// automatically, because a removal takes everything with the cluster's label.
    Astray,
    /// A cluster that is DELETED.
    Deleted,
    /// A cluster that the database doesn't have.
    Unknown,
}

impl Owner {
    /// Whether removing the thing takes nothing from a living cluster.
    pub const fn is_nobody(self) -> bool {
        matches!(self, Self::Deleted | Self::Unknown)
    }
}

/// Finds out who a thing on a host belongs to; `known` is what the database has of its cluster, if anything.
pub fn owner(thing: &Thing, host: &HostId, known: Option<&Known>) -> Owner {
    let Some(known) = known else {
        return Owner::Unknown;
    };
    if known.status == ClusterStatus::Deleted {
        return Owner::Deleted;
    }
    let placed_elsewhere = known.host.as_ref().is_some_and(|placed| placed != host);
    let current = match thing.role.as_str() {
        NETWORK => true,
        DATA => thing.generation >= known.data_generation,
        _ => thing.generation >= known.generation,
    };
    if placed_elsewhere || !current && !known.open {
        Owner::Astray
    } else {
        Owner::Cluster
    }
}

/// A thing that belongs to no living cluster, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The thing, as the last listing had it.
    pub thing: Thing,
    /// Why it is in the ledger; never `Owner::Cluster`.
    pub owner: Owner,
    /// Consecutive complete listings that contained it.
    pub seen: u32,
    /// Seconds since the first of them.
    pub age_secs: u64,
}

/// The ledger after one more complete listing. `before` gives, by name, how often a thing was seen and how many
/// seconds ago it was first seen; what the listing lacks is forgotten.
pub fn count(
    things: impl IntoIterator<Item = Thing>,
    host: &HostId,
    known: &HashMap<ClusterId, Known>,
    before: &HashMap<String, (u32, u64)>,
) -> Vec<Entry> {
    let entry = |thing: Thing| {
        let owner = owner(&thing, host, known.get(&thing.cluster));
        let (seen, age_secs) = before.get(&thing.name).copied().unwrap_or_default();
        (owner != Owner::Cluster).then_some(Entry {
            thing,
            owner,
            seen: seen.saturating_add(1),
            age_secs,
        })
    };
    things.into_iter().filter_map(entry).collect()
}

/// What, besides the ledger, decides about a removal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// Clusters that the listing has anything of.
    pub listed: usize,
    /// The database is older than its hosts.
    pub locked: bool,
    /// An administrator has looked and allowed the removal, however much it is.
    pub allowed: bool,
}

/// The decision about the ledger's clusters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaping {
    /// Everything with the label of these clusters is removed, the longest known first. May be empty.
    Remove(Vec<ClusterId>),
    /// Nothing is removed, because too much would be.
    Braked {
        /// Clusters that would be removed, now or later.
        doomed: usize,
        /// Clusters that the listing has anything of.
        listed: usize,
    },
    /// Nothing is removed while the database is in doubt.
    Locked,
}

/// Decides what is removed now.
pub fn reap(entries: &[Entry], scene: Scene) -> Reaping {
    if scene.locked {
        return Reaping::Locked;
    }
    let mut oldest: BTreeMap<ClusterId, u64> = BTreeMap::new();
    // Those that aren't ripe yet count too: many unknown clusters at once are a warning, whenever they appeared.
    let mut doomed = BTreeSet::new();
    for entry in entries.iter().filter(|entry| entry.owner.is_nobody()) {
        doomed.insert(entry.thing.cluster);
        let ripe = match entry.owner {
            Owner::Deleted => DELETED_SECS,
            _ => UNKNOWN_SECS,
        };
        if entry.seen >= SEEN_MIN && entry.age_secs >= ripe {
            let age = oldest.entry(entry.thing.cluster).or_default();
            *age = (*age).max(entry.age_secs);
        }
    }
    let (doomed, listed) = (doomed.len(), scene.listed);
    let many = doomed > BRAKE_CLUSTERS && doomed * 100 > listed * BRAKE_PERCENT;
    if many && !scene.allowed {
        return Reaping::Braked { doomed, listed };
    }
    let mut ripe: Vec<(ClusterId, u64)> = oldest.into_iter().collect();
    ripe.sort_by_key(|(_, age)| std::cmp::Reverse(*age));
    ripe.truncate(REMOVED_AT_ONCE);
    Reaping::Remove(ripe.into_iter().map(|(cluster, _)| cluster).collect())
}

#[cfg(test)]
mod tests;
