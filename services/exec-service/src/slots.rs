//! How many commands run at once: on this host, of one person, in one cluster. Who holds a [`Slot`] runs.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use api::bus::{Capability, Fault};
use domain::{ClusterId, Code, UserId};

/// At most so many.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    pub(crate) host: usize,
    pub(crate) person: usize,
    pub(crate) cluster: usize,
}

pub(crate) struct Slots {
    most: Most,
    open: Arc<Mutex<Open>>,
}

/// What runs; those of whom nothing runs are not in it.
#[derive(Default)]
struct Open {
    all: usize,
    people: HashMap<UserId, usize>,
    clusters: HashMap<ClusterId, usize>,
}

/// One command's place, until it is dropped.
pub(crate) struct Slot {
    open: Arc<Mutex<Open>>,
    user: UserId,
    cluster: ClusterId,
}

impl Slots {
    pub(crate) fn new(most: Most) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// # Errors
    /// A fault that says which of the three is full.
    pub(crate) fn take(&self, capability: &Capability) -> Result<Slot, Fault> {
        let (user, cluster) = (capability.user, capability.cluster);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Most {
            host,
            person,
            cluster: of_cluster,
        } = self.most;
        if count(&open.people, &user) >= person {
            return Err(full(&format!(
                "You have {person} commands running on this host, as many as one person may."
            )));
        }
        if count(&open.clusters, &cluster) >= of_cluster {
            return Err(full(&format!(
                "{of_cluster} commands run in this cluster, as many as there may be."
            )));
        }
        if open.all >= host {
            return Err(full("Too many commands run on this host at once."));
        }
        open.all += 1;
        *open.people.entry(user).or_default() += 1;
        *open.clusters.entry(cluster).or_default() += 1;
        Ok(Slot {
            open: self.open.clone(),
            user,
            cluster,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all = open.all.saturating_sub(1);
        one_less(&mut open.people, &self.user);
        one_less(&mut open.clusters, &self.cluster);
    }
}

fn count<K: Hash + Eq>(map: &HashMap<K, usize>, key: &K) -> usize {
    map.get(key).copied().unwrap_or_default()
}

fn one_less<K: Hash + Eq>(map: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = map.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            map.remove(key);
        }
    }
}

fn full(message: &str) -> Fault {
    Fault {
        code: Code::RateLimited,
        message: message.to_owned(),
        retryable: true,
    }
}
