//! How many of a kind are under way at once, before anything is done inside a cluster. Everybody has a share that others
//! cannot eat: each cluster on its host, each person in a cluster and over clusters. Who holds a [`Slot`] has a place.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use api::bus::{Capability, Fault};
use domain::{ClusterId, Code, StreamLimits, UserId};

/// A person has so many times their places of one cluster on a whole host; the first in each cluster is theirs anyway.
const CLUSTERS_AT_ONCE: usize = 4;

pub(crate) struct Slots {
    most: StreamLimits,
    open: Arc<Mutex<Open>>,
}

/// What is under way; those of whom nothing is are not in it.
#[derive(Default)]
struct Open {
    /// Beyond what each cluster has of its own.
    shared: usize,
    people: HashMap<UserId, usize>,
    clusters: HashMap<ClusterId, usize>,
    inside: HashMap<(UserId, ClusterId), usize>,
}

/// One place, until it is dropped.
pub(crate) struct Slot {
    open: Arc<Mutex<Open>>,
    own: usize,
    user: UserId,
    cluster: ClusterId,
}

impl Slots {
    pub(crate) fn new(most: StreamLimits) -> Self {
        Self {
            most,
            open: Arc::default(),
        }
    }

    /// # Errors
    /// A fault that says which share is full.
    pub(crate) fn claim(&self, capability: &Capability) -> Result<Slot, Fault> {
        let (user, cluster) = (capability.user, capability.cluster);
        let StreamLimits { what, own, .. } = self.most;
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let inside = count(&open.inside, &(user, cluster));
        if inside >= self.most.person {
            return Err(full(&format!(
                "You have {inside} {what} running in this cluster, the most one person can have."
            )));
        }
        let everywhere = count(&open.people, &user);
        if inside > 0 && everywhere >= self.most.person * CLUSTERS_AT_ONCE {
            return Err(full(&format!(
                "You have {everywhere} {what} running on this host, the most one person can have."
            )));
        }
        let of_cluster = count(&open.clusters, &cluster);
        let kept = if inside > 0 { self.most.cluster / 3 } else { 0 };
        if of_cluster + kept >= self.most.cluster {
            return Err(full(&format!(
                "{of_cluster} {what} are running in this cluster, the most it can have now."
            )));
        }
        let shared = usize::from(of_cluster >= own);
        if shared > 0 && open.shared >= self.most.host {
            return Err(full(&format!("Too many {what} are running on this host.")));
        }
        open.shared += shared;
        *open.people.entry(user).or_default() += 1;
        *open.clusters.entry(cluster).or_default() += 1;
        *open.inside.entry((user, cluster)).or_default() += 1;
        Ok(Slot {
            open: self.open.clone(),
            own,
            user,
            cluster,
        })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if count(&open.clusters, &self.cluster) > self.own {
            open.shared = open.shared.saturating_sub(1);
        }
        one_less(&mut open.people, &self.user);
        one_less(&mut open.clusters, &self.cluster);
        one_less(&mut open.inside, &(self.user, self.cluster));
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use domain::{SessionId, StreamKind};
    use uuid::Uuid;

    use super::*;

    fn slots(host: usize) -> Slots {
        Slots::new(StreamLimits {
            what: "commands",
            host,
            own: 2,
            cluster: 9,
            person: 4,
        })
    }

    fn of(user: UserId, cluster: ClusterId) -> Capability {
        Capability {
            jti: String::new(),
            host: "h1".parse().unwrap(),
            cluster,
            generation: 1,
            kind: StreamKind::Exec,
            session: SessionId::from_uuid(Uuid::now_v7()),
            user,
            user_name: String::new(),
            user_number: 0,
            groups: Vec::new(),
            secs_max: 0,
            output_max: 0,
            exp: 0,
        }
    }

    fn user() -> UserId {
        UserId::from_uuid(Uuid::now_v7())
    }

    fn cluster() -> ClusterId {
        ClusterId::from_uuid(Uuid::now_v7())
    }

    /// As many as there are.
    fn fill(slots: &Slots, mut who: impl FnMut() -> Capability) -> Vec<Slot> {
        std::iter::from_fn(|| slots.claim(&who()).ok())
            .take(1000)
            .collect()
    }

    #[test]
    fn hostile_clusters_eat_nothing_of_anothers_own() {
        let slots = slots(10);
        let hostile: Vec<ClusterId> = (0..8).map(|_| cluster()).collect();
        let mut held: Vec<Slot> = Vec::new();
        for at in &hostile {
            held.extend(fill(&slots, || of(user(), *at)));
        }
        assert_eq!(held.len(), 10 + 8 * 2, "the host is full");
        let good = cluster();
        assert_eq!(fill(&slots, || of(user(), good)).len(), 2);
        drop(held);
        assert_eq!(fill(&slots, || of(user(), good)).len(), 9);
        assert_eq!(slots.open.lock().unwrap().shared, 0);
        assert!(slots.open.lock().unwrap().inside.is_empty());
    }

    #[test]
    fn who_is_held_up_in_one_cluster_works_in_another() {
        let slots = slots(100);
        let (ana, ben) = (user(), user());
        let traps: Vec<ClusterId> = (0..6).map(|_| cluster()).collect();
        let held: Vec<Vec<Slot>> = traps
            .iter()
            .map(|at| fill(&slots, || of(ana, *at)))
            .collect();
        assert_eq!(held[0].len(), 4);
        let all: usize = held.iter().map(Vec::len).sum();
        assert_eq!(all, 4 * 4 + 2, "and no more, but for the first of each");
        assert!(slots.claim(&of(ana, cluster())).is_ok());
        let there = fill(&slots, || of(ben, traps[0]));
        assert_eq!(there.len(), 2);
    }

    #[test]
    fn guests_leave_a_place_to_who_has_none() {
        let slots = slots(100);
        let at = cluster();
        let mut greedy: Vec<Slot> = Vec::new();
        for guest in [user(), user()] {
            greedy.extend(fill(&slots, || of(guest, at)));
        }
        assert_eq!(greedy.len(), 6);
        assert_eq!(fill(&slots, || of(user(), at)).len(), 3);
    }
}
