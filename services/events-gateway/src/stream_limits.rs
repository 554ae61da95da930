//! How many streams there may be, counted over all threads. A place is held by a permit and freed
//! when that is dropped, whatever the reason.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::UserId;
use metrics::Gauge;

use crate::transport::Transport;

/// The numbers that people run this replica with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub per_user: usize,
    pub total: usize,
}

/// Why there is no place for another stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// The person has this many.
    PerUser(usize),
    /// The replica has this many.
    Total(usize),
    /// This replica stops.
    Draining,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    users: HashMap<UserId, usize>,
}

pub(crate) struct StreamLimits {
    open: Mutex<Open>,
    draining: AtomicBool,
    allowance: Allowance,
    connections: [Gauge; 2],
}

impl StreamLimits {
    pub(crate) fn new(allowance: Allowance, connections: [Gauge; 2]) -> Self {
        Self {
            open: Mutex::default(),
            draining: AtomicBool::new(false),
            allowance,
            connections,
        }
    }

    /// Whether anybody at all may open a stream.
    pub(crate) fn check(&self) -> Result<(), Full> {
        if self.draining.load(Ordering::Acquire) {
            return Err(Full::Draining);
        }
        let total = self.open().total;
        if total >= self.allowance.total {
            return Err(Full::Total(total));
        }
        Ok(())
    }

    pub(crate) fn acquire(
        self: &Arc<Self>,
        user: UserId,
        transport: Transport,
    ) -> Result<Permit, Full> {
        self.check()?;
        let mut open = self.open();
        if open.total >= self.allowance.total {
            return Err(Full::Total(open.total));
        }
        let mine = open.users.entry(user).or_default();
        if *mine >= self.allowance.per_user {
            return Err(Full::PerUser(*mine));
        }
        *mine += 1;
        open.total += 1;
        self.connections[transport as usize].increment(1);
        Ok(Permit {
            limits: self.clone(),
            user,
            transport,
        })
    }

    /// No new streams from here on.
    pub(crate) fn close(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Streams, and people who have them.
    pub(crate) fn open_streams(&self) -> (usize, usize) {
        let open = self.open();
        (open.total, open.users.len())
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One stream's place.
pub(crate) struct Permit {
    limits: Arc<StreamLimits>,
    user: UserId,
    transport: Transport,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.limits.open();
        open.total -= 1;
        if let Some(mine) = open.users.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                open.users.remove(&self.user);
            }
        }
        self.limits.connections[self.transport as usize].decrement(1);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn streams_are_counted_per_person_and_in_all() {
        let allowance = Allowance {
            per_user: 2,
            total: 3,
        };
        let limits = Arc::new(StreamLimits::new(allowance, [Gauge::noop(), Gauge::noop()]));
        let open =
            |number| limits.acquire(UserId::from_uuid(Uuid::from_u128(number)), Transport::Sse);
        let first = (open(1).unwrap(), open(1).unwrap());
        assert_eq!(open(1).err(), Some(Full::PerUser(2)));
        let _third = open(2).unwrap();
        assert_eq!(open(3).err(), Some(Full::Total(3)));
        drop(first);
        assert!(open(1).is_ok());
        assert_eq!(limits.open_streams(), (1, 1));
        limits.close();
        assert_eq!(open(1).err(), Some(Full::Draining));
    }
}
