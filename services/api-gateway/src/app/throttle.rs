//! How often something may be asked: logins from an address and to an account, requests of a person.
//! Each gateway counts for itself, in memory.

use std::{
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
};

use domain::UserId;
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};

use super::Error;
use crate::config::Options;

/// After so many questions what was not asked about for a while is forgotten.
const TIDY_EVERY: u32 = 1024;
/// The bits of an IPv6 address that one customer of a provider has to themselves.
const OWN_BITS: u32 = 64;

/// How much of a limit is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// The limit's name.
    pub(crate) policy: &'static str,
    /// In a minute, and at once.
    pub(crate) quota: u32,
    pub(crate) left: u32,
    /// Seconds until there is one more, or until all are there again.
    pub(crate) reset_secs: u64,
}

struct Limit<K: Hash + Eq + Clone> {
    policy: &'static str,
    quota: NonZeroU32,
    limiter:
        RateLimiter<K, HashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    asked: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn per_minute(policy: &'static str, quota: NonZeroU32) -> Self {
        Self {
            policy,
            quota,
            limiter: RateLimiter::hashmap_with_clock(
                Quota::per_minute(quota),
                DefaultClock::default(),
            )
            .with_middleware(),
            asked: AtomicU32::new(1),
        }
    }

    /// Takes one of what is left.
    fn take(&self, key: &K) -> Result<Allowance, Error> {
        if self.asked.fetch_add(1, Ordering::Relaxed).is_multiple_of(TIDY_EVERY) {
            self.limiter.retain_recent();
        }
        match self.limiter.check_key(key) {
            Ok(state) => {
                let left = state.remaining_burst_capacity();
                let used = u64::from(self.quota.get().saturating_sub(left));
                Ok(self.allowance(left, (used * 60).div_ceil(self.quota.get().into())))
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.limiter.clock().now());
                let secs = wait.as_secs() + 1;
                Err(Error::OverLimit(self.allowance(0, secs)))
            }
        }
    }

    fn allowance(&self, left: u32, reset_secs: u64) -> Allowance {
        Allowance {
            policy: self.policy,
            quota: self.quota.get(),
            left,
            reset_secs,
        }
    }
}

pub(crate) struct Throttle {
    addresses: Limit<Option<IpAddr>>,
    accounts: Limit<String>,
    people: Limit<UserId>,
}

impl Throttle {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            addresses: Limit::per_minute("logins-from-address", options.logins_per_address),
            accounts: Limit::per_minute("logins-to-account", options.logins_per_account),
            people: Limit::per_minute("requests", options.requests_per_user),
        }
    }

    /// Somebody from there wants to log in, to register or to choose a password.
    pub(crate) fn address(&self, from: Option<IpAddr>) -> Result<(), Error> {
        self.addresses.take(&from.map(network)).map(drop)
    }

    /// Somebody gives a password for this account, which need not be there.
    pub(crate) fn account(&self, email: &str) -> Result<(), Error> {
        self.accounts.take(&email.to_owned()).map(drop)
    }

    /// Somebody asks for anything.
    pub(crate) fn request(&self, user: UserId) -> Result<Allowance, Error> {
        self.people.take(&user)
    }
}

/// What one caller can be told from another by.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let kept = address.to_bits() >> OWN_BITS << OWN_BITS;
            IpAddr::V6(Ipv6Addr::from_bits(kept))
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_its_own_and_a_refusal_says_when() {
        let limit = Limit::per_minute("some", NonZeroU32::new(3).unwrap());
        let left: Vec<u32> = (0..3).map(|_| limit.take(&"a").unwrap().left).collect();
        assert_eq!(left, [2, 1, 0]);
        let Err(Error::OverLimit(refused)) = limit.take(&"a") else {
            panic!("a fourth was allowed");
        };
        assert!((1..=21).contains(&refused.reset_secs), "{refused:?}");
        assert_eq!((refused.quota, refused.left), (3, 0));
        assert!(limit.take(&"b").is_ok());
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        let [a, b, c]: [IpAddr; 3] = ["2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1"]
            .map(|text| text.parse().unwrap());
        assert_eq!(network(a), network(b));
        assert_ne!(network(a), network(c));
        let [mapped, plain]: [IpAddr; 2] =
            ["::ffff:192.0.2.7", "192.0.2.7"].map(|text| text.parse().unwrap());
        assert_eq!(network(mapped), plain);
    }
}
