//! A person inside a cluster's container: a uid of their own, a place there (`home.rs`), a kubeconfig with a certificate
//! in their name. Made on first use and remembered for the instance's life.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::bus::Capability;
use domain::Group;
use drivers::{Driver, Endpoint, Instance, Reach, ReachError};
use tokio::{
    sync::Mutex as AsyncMutex,
    time::{Instant, timeout},
};
use uuid::Uuid;

use crate::{
    bindings,
    certificate::{self, Admin, Certificate},
    guard, home, kubeconfig, open,
};

/// The first person's uid; everyone else's follows by their number in the cluster.
const FIRST_UID: u32 = 20_000;
/// A certificate is replaced so long before its end.
const RENEW_BEFORE: Duration = Duration::from_secs(600);
/// People remembered at once; the one used longest ago goes first.
const REMEMBERED_MAX: usize = 4096;
/// How long letting somebody in may take, whatever the cluster does. Longer than who asks waits: a slow cluster is
/// prepared for the next try.
const ENTER: Duration = Duration::from_secs(10);

/// Why a person could not be let in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("the instance could not be reached")]
    Reach(#[from] ReachError),
    #[error("the cluster's API did not answer as it should")]
    Api(#[from] kube::Error),
    #[error("the cluster did not answer in time")]
    Slow,
    #[error("the cluster signed no certificate")]
    Certificate,
    #[error("the cluster did not put its policies in force in time")]
    Unguarded,
    #[error("this driver's clusters have no API")]
    NoApi,
    #[error("a key or its signing request could not be made")]
    Key,
    #[error("a home inside the container could not be made: {0}")]
    Inside(String),
}

/// Someone inside an instance.
pub(crate) struct Person {
    who: Who,
    uid: u32,
    life: String,
    /// Whether commands run under the image's program here.
    pub(crate) guest: bool,
    pub(crate) endpoint: Endpoint,
    /// `None` where the driver's clusters have no API.
    pub(crate) certificate: Option<Certificate>,
    fresh_until: Instant,
}

impl Person {
    /// Whether what is there is for this one as they are now: other groups are another certificate.
    fn is(&self, who: &Who, life: &str, now: Instant) -> bool {
        self.who == *who && self.life == life && self.fresh_until > now
    }

    pub(crate) fn home(&self) -> String {
        home::home(self.uid)
    }

    pub(crate) fn kubeconfig(&self) -> String {
        home::kubeconfig(self.uid)
    }

    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }

    pub(crate) fn user(&self) -> String {
        format!("{0}:{0}", self.uid)
    }

    pub(crate) fn is_owner(&self) -> bool {
        self.who.groups.contains(&Group::Owner)
    }

    /// A name that no other command ever has: what is noted of one is true of no other.
    pub(crate) fn next_mark(&self) -> String {
        format!("{}-{}", self.uid, Uuid::now_v7().simple())
    }
}

/// Where somebody's home is: one for each person and instance, whatever they hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    instance: Instance,
    user_number: u32,
}

impl Key {
    fn of(capability: &Capability) -> Self {
        Self {
            instance: open::instance(capability),
            user_number: capability.user_number,
        }
    }
}

/// Who they are there, as the capability says: what their certificate is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Who {
    user_name: String,
    groups: Vec<Group>,
}

impl Who {
    fn of(capability: &Capability) -> Self {
        Self {
            user_name: capability.user_name.clone(),
            groups: capability.groups.clone(),
        }
    }
}

/// What is bound in one life of an instance.
struct Bound {
    life: String,
    namespaces: HashSet<String>,
    /// Whether its policies were seen to be in force.
    guarded: bool,
}

/// A place for one person, so that two first commands make one home.
#[derive(Default)]
struct Place {
    person: AsyncMutex<Option<Arc<Person>>>,
}

pub(crate) struct People {
    driver: Driver,
    places: Mutex<HashMap<Key, (Arc<Place>, Instant)>>,
    /// Instances whose bindings were made in this process's life.
    bound: Mutex<HashMap<Instance, Bound>>,
}

impl People {
    pub(crate) fn new(driver: Driver) -> Self {
        Self {
            driver,
            places: Mutex::default(),
            bound: Mutex::default(),
        }
    }

    /// The capability's person, ready inside the instance, or a refusal in [`ENTER`].
    pub(crate) async fn inside(&self, capability: &Capability) -> Result<Arc<Person>, Error> {
        timeout(ENTER, self.enter(capability))
            .await
            .unwrap_or(Err(Error::Slow))
    }

    async fn enter(&self, capability: &Capability) -> Result<Arc<Person>, Error> {
        let (key, who) = (Key::of(capability), Who::of(capability));
        let place = self.place(&key);
        let mut held = place.person.lock().await;
        let endpoint = self.driver.endpoint(key.instance).await?;
        if let Some(person) = held.as_ref()
            && person.is(&who, &endpoint.life, Instant::now())
        {
            return Ok(person.clone());
        }
        let person = Arc::new(self.make(&key, who, endpoint).await?);
        *held = Some(person.clone());
        Ok(person)
    }

    /// The next use makes everything anew.
    pub(crate) fn forget(&self, capability: &Capability) {
        lock(&self.places).remove(&Key::of(capability));
    }

    fn place(&self, key: &Key) -> Arc<Place> {
        let mut places = lock(&self.places);
        if places.len() >= REMEMBERED_MAX
            && !places.contains_key(key)
            && let Some(oldest) = places
                .iter()
                .min_by_key(|(_, (_, used))| *used)
                .map(|(key, _)| key.clone())
        {
            places.remove(&oldest);
        }
        let (place, used) = places
            .entry(key.clone())
            .or_insert_with(|| (Arc::default(), Instant::now()));
        *used = Instant::now();
        place.clone()
    }

    async fn make(&self, key: &Key, who: Who, endpoint: Endpoint) -> Result<Person, Error> {
        let uid = FIRST_UID + key.user_number;
        let certificate = match endpoint.api_port {
            Some(port) => Some(self.certify(key, &who, &endpoint, port).await?),
            None => None,
        };
        let config = certificate
            .as_ref()
            .map_or_else(String::new, kubeconfig::inside);
        let guest = home::make(&self.driver, key.instance, uid, config).await?;
        Ok(Person {
            who,
            uid,
            guest,
            life: endpoint.life.clone(),
            endpoint,
            certificate,
            fresh_until: Instant::now() + certificate::LIFE.saturating_sub(RENEW_BEFORE),
        })
    }

    async fn certify(
        &self,
        key: &Key,
        who: &Who,
        endpoint: &Endpoint,
        port: u16,
    ) -> Result<Certificate, Error> {
        let credential = self.driver.credential(key.instance).await?;
        let admin = Admin::new(credential, port)?;
        self.bind(key, who, &endpoint.life, &admin).await?;
        let groups: Vec<String> = who.groups.iter().map(ToString::to_string).collect();
        admin.certify(&who.user_name, &groups).await
    }

    /// What the person's groups need is bound, and what guests may not is refused, before they come in.
    async fn bind(&self, key: &Key, who: &Who, life: &str, admin: &Admin) -> Result<(), Error> {
        let client = admin.client();
        let known = |what: &dyn Fn(&Bound) -> bool| {
            let bound = lock(&self.bound);
            let bound = bound.get(&key.instance);
            bound.is_some_and(|bound| bound.life == life && what(bound))
        };
        if !known(&|_| true) {
            tokio::try_join!(bindings::ensure(client), guard::ensure(client))?;
            let bound = Bound {
                life: life.to_owned(),
                namespaces: HashSet::new(),
                guarded: false,
            };
            lock(&self.bound).insert(key.instance, bound);
        }
        for namespace in who.groups.iter().filter_map(Group::namespace) {
            if !known(&|bound| bound.namespaces.contains(namespace)) {
                bindings::ensure_namespace(client, namespace).await?;
                if let Some(bound) = lock(&self.bound).get_mut(&key.instance) {
                    bound.namespaces.insert(namespace.to_owned());
                }
            }
        }
        if !who.groups.contains(&Group::Owner) && !known(&|bound| bound.guarded) {
            guard::in_force(&admin.as_guest()?).await?;
            if let Some(bound) = lock(&self.bound).get_mut(&key.instance) {
                bound.guarded = true;
            }
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(groups: &[Group]) -> Who {
        Who {
            user_name: "usr_1".into(),
            groups: groups.to_vec(),
        }
    }

    #[test]
    fn whose_groups_are_others_is_let_in_anew() {
        let now = Instant::now();
        let there = Person {
            who: who(&[Group::Operator, Group::Viewer]),
            uid: FIRST_UID,
            guest: true,
            life: "first".into(),
            endpoint: Endpoint {
                life: "first".into(),
                api_port: None,
            },
            certificate: None,
            fresh_until: now + RENEW_BEFORE,
        };
        let same = who(&[Group::Operator, Group::Viewer]);
        assert!(there.is(&same, "first", now));
        for groups in [&[Group::Viewer] as &[Group], &[Group::Operator], &[]] {
            assert!(!there.is(&who(groups), "first", now), "{groups:?}");
        }
        assert!(!there.is(&same, "second", now), "it was started anew");
        assert!(!there.is(&same, "first", now + RENEW_BEFORE));
    }
}
