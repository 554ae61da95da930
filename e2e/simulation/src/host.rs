//! What is on a host, whoever made it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use domain::ClusterId;
use drivers::{Error, Role};
use tokio::time::{Instant, sleep_until};

use crate::{audit::Audit, chance::Chance, faults::Faults};

#[derive(Clone)]
pub(crate) struct Thing {
    pub(crate) cluster: ClusterId,
    pub(crate) role: Role,
    pub(crate) port: Option<u16>,
    /// Since when it runs, and when it answers.
    pub(crate) runs: Option<Instant>,
}

/// What is on one host, whoever asks.
pub(crate) struct Host {
    things: Mutex<BTreeMap<String, Thing>>,
    pub(crate) chance: Chance,
    pub(crate) faults: Arc<Faults>,
    pub(crate) audit: Audit,
}

impl Host {
    pub(crate) fn new(chance: Chance, faults: Arc<Faults>, audit: Audit) -> Self {
        Self {
            things: Mutex::default(),
            chance,
            faults,
            audit,
        }
    }

    pub(crate) fn things(&self) -> MutexGuard<'_, BTreeMap<String, Thing>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many things of a cluster are here.
    pub(crate) fn count(&self, cluster: ClusterId) -> usize {
        let things = self.things();
        things
            .values()
            .filter(|thing| thing.cluster == cluster)
            .count()
    }

    pub(crate) fn all(&self) -> Vec<String> {
        self.things().keys().cloned().collect()
    }

    pub(crate) fn runs(&self, cluster: ClusterId) -> bool {
        let things = self.things();
        things
            .values()
            .any(|thing| thing.cluster == cluster && thing.runs.is_some())
    }

    /// A node ends by itself.
    pub(crate) fn break_a_node(&self) {
        let mut things = self.things();
        let running: Vec<String> = things
            .iter()
            .filter(|(_, thing)| thing.runs.is_some())
            .map(|(name, _)| name.clone())
            .collect();
        let picked = running.get(
            usize::try_from(self.chance.below(u64::try_from(running.len()).unwrap_or(0)))
                .unwrap_or(0),
        );
        if let Some(thing) = picked.and_then(|name| things.get_mut(name)) {
            thing.runs = None;
            self.audit.say(format!("node of {} broke", thing.cluster));
        }
    }

    pub(crate) fn make(
        &self,
        cluster: ClusterId,
        name: &str,
        role: Role,
        port: Option<u16>,
    ) -> Result<(), Error> {
        let mut things = self.things();
        if !things.contains_key(name) {
            self.audit.say(format!("made {name}"));
            let thing = Thing {
                cluster,
                role,
                port,
                runs: None,
            };
            things.insert(name.to_owned(), thing);
        }
        Ok(())
    }

    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Thing)) -> Result<(), Error> {
        let mut things = self.things();
        let thing = things
            .get_mut(name)
            .ok_or_else(|| Error::Refused(format!("there is no {name}")))?;
        change(thing);
        Ok(())
    }
}

/// Waits for a time that may be over.
pub(crate) async fn until(at: Instant) {
    if at > Instant::now() {
        sleep_until(at).await;
    }
}
