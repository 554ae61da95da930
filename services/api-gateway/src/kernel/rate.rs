//! How often somebody may ask: a request of an address, a request of a person, a login. Each replica
//! counts for itself (GCRA); nothing is kept of who has not asked for a while.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use domain::{UserId, limits};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::DefaultKeyedStateStore,
};
use tokio::time::interval;
use tokio_util::sync::CancellationToken;

use crate::{
    config::Rates,
    kernel::{error::Error, left::Left},
};

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;

/// Seconds' worth of requests that may come at once.
const BURST_SECS: u32 = 4;
/// Several people's logins come from one address.
const ACCOUNTS_PER_ADDRESS: u32 = 10;
/// Lines about one person's refusals, at once and a minute.
const REFUSALS_PER_MINUTE: u32 = 120;
const FORGET_EVERY: Duration = Duration::from_secs(60);

pub(crate) struct Limits {
    addresses: Keyed<IpAddr>,
    people: Keyed<UserId>,
    /// From one address, whoever is tried.
    logins: Keyed<IpAddr>,
    /// From one address as one person: nobody can lock somebody else out from elsewhere.
    accounts: Keyed<(IpAddr, String)>,
    /// Codes that a person types.
    codes: Keyed<UserId>,
    /// Refusals that are written down.
    refusals: Keyed<UserId>,
}

fn some(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

fn keyed<K: std::hash::Hash + Eq + Clone>(quota: Quota) -> Keyed<K> {
    RateLimiter::keyed(quota).with_middleware()
}

fn per_second(number: u32) -> Quota {
    Quota::per_second(some(number)).allow_burst(some(number.saturating_mul(BURST_SECS)))
}

impl Limits {
    pub(crate) fn new(rates: &Rates) -> Self {
        Self {
            addresses: keyed(per_second(rates.requests_per_address)),
            people: keyed(per_second(rates.requests_per_user)),
            logins: keyed(Quota::per_minute(some(
                rates.logins_per_minute.saturating_mul(ACCOUNTS_PER_ADDRESS),
            ))),
            accounts: keyed(Quota::per_minute(some(rates.logins_per_minute))),
            codes: keyed(Quota::per_minute(some(rates.logins_per_minute))),
            refusals: keyed(Quota::per_minute(some(REFUSALS_PER_MINUTE))),
        }
    }

    /// A request from an address, whoever sends it.
    pub(crate) fn address(&self, address: Option<IpAddr>) -> Result<(), Error> {
        check("address", &self.addresses, &network(address)).map(drop)
    }

    /// A request of a person.
    pub(crate) fn person(&self, user: UserId) -> Result<Left, Error> {
        check("user", &self.people, &user)
    }

    /// A try to log in, before the password is looked at.
    pub(crate) fn login(&self, address: Option<IpAddr>, email: &str) -> Result<(), Error> {
        let from = network(address);
        check("logins", &self.logins, &from)?;
        // Nobody has a longer address, and what is kept of who tries is bounded.
        let email: String = email.chars().take(limits::EMAIL_MAX).collect();
        check("login", &self.accounts, &(from, email)).map(drop)
    }

    /// A code that somebody typed, before it is looked up.
    pub(crate) fn guess(&self, user: UserId) -> Result<(), Error> {
        check("code", &self.codes, &user).map(drop)
    }

    /// A refusal, before it is written down.
    pub(crate) fn refusal(&self, user: UserId) -> Result<Left, Error> {
        check("refusals", &self.refusals, &user)
    }

    fn forget(&self) {
        self.refusals.retain_recent();
        self.codes.retain_recent();
        self.addresses.retain_recent();
        self.people.retain_recent();
        self.logins.retain_recent();
        self.accounts.retain_recent();
    }
}

/// Whoever has one address of an IPv6 network has all of its 2^64.
fn network(address: Option<IpAddr>) -> IpAddr {
    match address {
        Some(IpAddr::V6(address)) => {
            let network = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        Some(address) => address,
        None => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    }
}

fn check<K: std::hash::Hash + Eq + Clone>(
    policy: &'static str,
    limiter: &Keyed<K>,
    key: &K,
) -> Result<Left, Error> {
    let left = |quota: Quota, remaining| Left {
        policy,
        most: quota.burst_size().get(),
        remaining,
        window_secs: quota.burst_size_replenished_in().as_secs().max(1),
    };
    match limiter.check_key(key) {
        Ok(state) => Ok(left(state.quota(), state.remaining_burst_capacity())),
        Err(not_until) => {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Err(Error::RateLimited {
                left: left(not_until.quota(), 0),
                retry_after_secs: wait.as_secs() + 1,
            })
        }
    }
}

/// Forgets who has not asked for a while, until `stop`.
pub(crate) async fn forget(limits: Arc<Limits>, stop: CancellationToken) {
    let mut tick = interval(FORGET_EVERY);
    while stop.run_until_cancelled(tick.tick()).await.is_some() {
        limits.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits::new(&Rates {
            requests_per_user: 1,
            requests_per_address: 2,
            logins_per_minute: 3,
        })
    }

    fn address(text: &str) -> Option<IpAddr> {
        text.parse().ok()
    }

    #[test]
    fn a_burst_is_let_through_and_then_a_time_is_named() {
        let limits = limits();
        let user = UserId::from_uuid(uuid::Uuid::nil());
        let left: Vec<u32> = (0..BURST_SECS)
            .filter_map(|_| limits.person(user).ok())
            .map(|left| left.remaining)
            .collect();
        assert_eq!(left, [3, 2, 1, 0]);
        assert!(matches!(
            limits.person(user),
            Err(Error::RateLimited {
                left: Left {
                    policy: "user",
                    most: 4,
                    remaining: 0,
                    window_secs: 4
                },
                retry_after_secs: 1
            })
        ));
        let other = UserId::from_uuid(uuid::Uuid::max());
        assert!(limits.person(other).is_ok(), "somebody else is not held up");
    }

    #[test]
    fn a_network_is_one_asker() {
        let limits = limits();
        for n in 0..2 * BURST_SECS {
            assert!(limits.address(address(&format!("2001:db8::{n:x}"))).is_ok());
        }
        assert!(limits.address(address("2001:db8::ffff")).is_err());
        assert!(limits.address(address("2001:db8:0:1::1")).is_ok());
        assert!(limits.address(address("192.0.2.1")).is_ok());
    }

    #[test]
    fn nobody_is_locked_out_from_elsewhere() {
        let limits = limits();
        let (here, there) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..3 {
            assert!(limits.login(there, "ana@example.org").is_ok());
        }
        assert!(limits.login(there, "ana@example.org").is_err());
        assert!(limits.login(here, "ana@example.org").is_ok());
        assert!(limits.login(there, "ben@example.org").is_ok());
    }

    #[test]
    fn of_an_endless_address_no_more_is_kept_than_anybody_has() {
        let limits = limits();
        let from = address("192.0.2.1");
        let begin = "a".repeat(domain::limits::EMAIL_MAX);
        for n in 0..3 {
            assert!(limits.login(from, &format!("{begin}{n}")).is_ok());
        }
        assert!(limits.login(from, &begin).is_err(), "they are one");
    }

    #[test]
    fn many_accounts_from_one_address_are_held_up_too() {
        let limits = limits();
        let refused = (0..100)
            .filter(|n| {
                limits
                    .login(address("192.0.2.1"), &format!("p{n}"))
                    .is_err()
            })
            .count();
        assert_eq!(refused, 70);
    }
}
