//! A person inside a cluster's container: a uid of their own, a place there (`home.rs`), a kubeconfig with a certificate
//! in their name. Made on first use and remembered for the instance's life.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use api::bus::Capability;
use domain::{Endpoint, Group};
use drivers::{Driver, Inspected, Instance, Reach};
use kube::Client;
use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::{
    sync::Mutex as AsyncMutex,
    time::{Instant, timeout},
};
use uuid::Uuid;

use crate::{
    bindings,
    certificate::{self, Admin, Certificate},
    error::Error,
    guard,
    guest::Class,
    home, kubeconfig,
};

/// The first person's uid; everyone else's follows by their number in the cluster.
const FIRST_UID: u32 = 20_000;
/// A certificate is replaced so long before its end.
const RENEW_BEFORE: Duration = Duration::from_secs(600);
/// People remembered at once, and instances; the one used longest ago goes first. Who is forgotten is let in anew.
const REMEMBERED_MAX: u64 = 4096;
/// How long letting somebody in may take, whatever the cluster does. Longer than who asks waits: a slow cluster is
/// prepared for the next try.
const ENTER: Duration = Duration::from_secs(10);

/// Someone inside an instance.
pub(crate) struct Person {
    who: Who,
    pub(crate) instance: Instance,
    pub(crate) uid: u32,
    boot_id: String,
    /// Whether commands run under the image's program here.
    pub(crate) guest: bool,
    /// `None` where the driver's clusters have no API.
    pub(crate) login: Option<(Certificate, Endpoint)>,
    /// An operator's, for what is bound at each of their visits.
    binds: Option<Client>,
    fresh_until: Instant,
}

impl Person {
    /// Whether what is there is for this one as they are now: other groups are another certificate.
    fn is(&self, who: &Who, boot_id: &str, now: Instant) -> bool {
        self.who == *who && self.boot_id == boot_id && self.fresh_until > now
    }

    pub(crate) fn home(&self) -> String {
        home::home(self.uid)
    }

    pub(crate) fn kubeconfig(&self) -> String {
        home::kubeconfig(self.uid)
    }

    pub(crate) fn user(&self) -> String {
        format!("{0}:{0}", self.uid)
    }

    pub(crate) fn class(&self) -> Class {
        match self.who.groups.contains(&Group::Owner) {
            true => Class::Owner,
            false => Class::Guest,
        }
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
            instance: Instance {
                cluster: capability.cluster,
                generation: capability.generation,
            },
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

/// What is bound in an instance since it started.
#[derive(Default)]
struct Bound {
    boot_id: String,
    namespaces: HashSet<String>,
    /// Namespaces in which operators read Secrets, by UID.
    with_secrets: HashSet<String>,
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
    places: Cache<Key, Arc<Place>>,
    bound: Cache<Instance, Arc<Mutex<Bound>>>,
}

impl People {
    pub(crate) fn new(driver: Driver) -> Self {
        Self {
            driver,
            // A login is kept for no longer than it is good.
            places: Cache::builder()
                .max_capacity(REMEMBERED_MAX)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(certificate::LIFE)
                .build(),
            bound: Cache::builder()
                .max_capacity(REMEMBERED_MAX)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
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
        let place = self.places.get_with(key.clone(), Arc::default);
        let mut held = place.person.lock().await;
        let inspected = self.driver.inspect(key.instance).await?;
        if let Some(person) = held.as_ref()
            && person.is(&who, &inspected.boot_id, Instant::now())
        {
            self.keep_secrets_bound(&key, person).await;
            return Ok(person.clone());
        }
        let person = Arc::new(self.make(&key, who, inspected).await?);
        *held = Some(person.clone());
        Ok(person)
    }

    /// An operator reads Secrets in namespaces made since their last visit too. That they can't is no reason to stay out.
    async fn keep_secrets_bound(&self, key: &Key, person: &Person) {
        let Some(client) = &person.binds else {
            return;
        };
        let bound = self.bound.get_with(key.instance, Arc::default);
        if let Err(error) = bind_secrets(client, &bound).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "Secrets of new namespaces stay unread"
            );
        }
    }

    /// The next use makes everything anew.
    pub(crate) fn forget(&self, capability: &Capability) {
        self.places.invalidate(&Key::of(capability));
    }

    async fn make(&self, key: &Key, who: Who, inspected: Inspected) -> Result<Person, Error> {
        let Inspected { boot_id, api } = inspected;
        let uid = FIRST_UID + key.user_number;
        let login = match api {
            Some(endpoint) => {
                let (certificate, client) =
                    self.certify(key, &who, &boot_id, endpoint.clone()).await?;
                Some((certificate, endpoint, client))
            }
            None => None,
        };
        let (login, client) = match login {
            Some((certificate, endpoint, client)) => (Some((certificate, endpoint)), Some(client)),
            None => (None, None),
        };
        let binds = client.filter(|_| who.groups.contains(&Group::Operator));
        let config = login.as_ref().map_or_else(String::new, |(certificate, _)| {
            kubeconfig::inside(certificate)
        });
        let guest = home::make(&self.driver, key.instance, uid, config).await?;
        Ok(Person {
            who,
            instance: key.instance,
            uid,
            boot_id,
            guest,
            login,
            binds,
            fresh_until: Instant::now() + certificate::LIFE.saturating_sub(RENEW_BEFORE),
        })
    }

    async fn certify(
        &self,
        key: &Key,
        who: &Who,
        boot_id: &str,
        endpoint: Endpoint,
    ) -> Result<(Certificate, Client), Error> {
        let credential = self.driver.credential(key.instance).await?;
        let admin = Admin::new(credential, endpoint)?;
        self.bind(key, who, boot_id, &admin).await?;
        let groups: Vec<String> = who.groups.iter().map(ToString::to_string).collect();
        let certificate = admin.certify(&who.user_name, &groups).await?;
        Ok((certificate, admin.client().clone()))
    }

    /// What the person's groups need is bound, and what guests may not is refused, before they come in.
    async fn bind(&self, key: &Key, who: &Who, boot_id: &str, admin: &Admin) -> Result<(), Error> {
        let client = admin.client();
        let bound = self.bound.get_with(key.instance, Arc::default);
        let known = |what: &dyn Fn(&Bound) -> bool| {
            let bound = lock(&bound);
            bound.boot_id == boot_id && what(&bound)
        };
        if !known(&|_| true) {
            tokio::try_join!(bindings::ensure(client), guard::ensure(client))?;
            *lock(&bound) = Bound {
                boot_id: boot_id.to_owned(),
                ..Bound::default()
            };
        }
        for namespace in who.groups.iter().filter_map(Group::namespace) {
            if !known(&|bound| bound.namespaces.contains(namespace)) {
                bindings::ensure_namespace(client, namespace).await?;
                lock(&bound).namespaces.insert(namespace.to_owned());
            }
        }
        if who.groups.contains(&Group::Operator) {
            bind_secrets(client, &bound).await?;
        }
        if !who.groups.contains(&Group::Owner) && !known(&|bound| bound.guarded) {
            guard::in_force(&admin.as_guest()?).await?;
            lock(&bound).guarded = true;
        }
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Each namespace is remembered at once: a visit that takes too long goes on with the next.
async fn bind_secrets(client: &Client, bound: &Mutex<Bound>) -> Result<(), kube::Error> {
    for (uid, namespace) in bindings::guests_namespaces(client).await? {
        let known = lock(bound).with_secrets.contains(&uid);
        if !known && bindings::ensure_secrets(client, &namespace).await? {
            lock(bound).with_secrets.insert(uid);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::ClusterId;

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
            instance: Instance {
                cluster: ClusterId::from_uuid(Uuid::nil()),
                generation: 1,
            },
            uid: FIRST_UID,
            boot_id: "first".into(),
            guest: true,
            login: None,
            binds: None,
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
