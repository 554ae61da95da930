//! What stands on a host and belongs to no cluster that lives: counted over complete listings, and
//! let go only when nothing speaks against it. Pure: the gateway keeps the entries in its database.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    cluster::ClusterStatus,
    id::{ClusterId, HostId},
};

/// Complete listings, one after the other, in which a thing must have been found.
pub const SEEN_MIN: u32 = 2;
/// Seconds since it was first found: of a cluster that nobody knows, and of one known to be DELETED.
pub const UNKNOWN_SECS: u64 = 300;
pub const DELETED_SECS: u64 = 30;
/// Clusters let go by one answer.
pub const REMOVED_AT_ONCE: usize = 10;
/// With more clusters than this, and more than this part of a host's, nothing is let go: then it is
/// likelier that the database is wrong than that the host is.
pub const BRAKE_CLUSTERS: usize = 3;
pub const BRAKE_PERCENT: usize = 20;

/// The role of what a cluster's generations share.
const NETWORK: &str = "network";
/// The role that keeps the generation which first filled it.
const DATA: &str = "data";

/// One thing of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    pub cluster: ClusterId,
    pub generation: u32,
    pub role: String,
    pub name: String,
}

/// What is known of the cluster that a thing names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub status: ClusterStatus,
    /// Where it is placed, if it is.
    pub host: Option<HostId>,
    pub generation: u32,
    pub data_generation: u32,
    /// Somebody is changing it.
    pub open: bool,
}

/// Whose a thing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A cluster's that lives here.
    Cluster,
    /// A living cluster's, and not where or what it should be: shown, never removed by itself,
    /// because what is removed is everything that bears the cluster's label.
    Astray,
    /// A cluster's that is DELETED.
    Deleted,
    /// Of a cluster that nobody knows.
    Unknown,
}

impl Owner {
    /// Nothing that lives loses anything by the removal.
    pub const fn is_nobody(self) -> bool {
        matches!(self, Self::Deleted | Self::Unknown)
    }
}

/// Whose a thing on a host is.
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

/// A thing that no living cluster owns, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub thing: Thing,
    pub owner: Owner,
    /// Complete listings it was found in, one after the other.
    pub seen: u32,
    /// Seconds since the first of them.
    pub age_secs: u64,
}

/// The ledger after one more complete listing. `before` gives how often each name was seen and how
/// long ago first; what the listing does not hold any more is forgotten.
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

/// What speaks for or against letting go of what the ledger holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scene {
    /// Clusters of which the listing holds anything.
    pub listed: usize,
    /// The database is older than its hosts.
    pub locked: bool,
    /// An administrator has looked and wants it gone, however much it is.
    pub allowed: bool,
}

/// What becomes of the ledger's clusters now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reaping {
    /// These go; none may be ripe yet.
    Remove(Vec<ClusterId>),
    /// Nothing goes while so many would.
    Braked { doomed: usize, listed: usize },
    /// Nothing goes while the database is doubted.
    Locked,
}

/// Decides what is let go.
pub fn reap(entries: &[Entry], scene: Scene) -> Reaping {
    if scene.locked {
        return Reaping::Locked;
    }
    let mut oldest: BTreeMap<ClusterId, u64> = BTreeMap::new();
    // What is not ripe yet counts too: many strangers at once are a sign whenever they came.
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
