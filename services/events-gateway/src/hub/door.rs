//! How many streams there may be, counted over all shards. A place is held by a ticket and freed
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

use crate::transport::frame::Transport;

/// How many streams there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub per_user: usize,
    pub total: usize,
}

/// Why a stream cannot begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// The person has this many.
    PerUser(usize),
    /// The replica has this many.
    Total(usize),
    /// The session ended while it was being admitted.
    SessionEnded,
    /// The log is not where the admission was made: ask for admission again.
    Elsewhere,
    Draining,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    people: HashMap<UserId, usize>,
}

pub(crate) struct Door {
    open: Mutex<Open>,
    draining: AtomicBool,
    allowance: Allowance,
    connections: [Gauge; 2],
}

impl Door {
    pub(crate) fn new(allowance: Allowance, connections: [Gauge; 2]) -> Self {
        Self {
            open: Mutex::default(),
            draining: AtomicBool::new(false),
            allowance,
            connections,
        }
    }

    /// Whether anybody at all may come in.
    pub(crate) fn full(&self) -> Result<(), Refused> {
        if self.draining.load(Ordering::Acquire) {
            return Err(Refused::Draining);
        }
        let total = self.open().total;
        if total >= self.allowance.total {
            return Err(Refused::Total(total));
        }
        Ok(())
    }

    pub(crate) fn enter(
        self: &Arc<Self>,
        user: UserId,
        transport: Transport,
    ) -> Result<Ticket, Refused> {
        self.full()?;
        let mut open = self.open();
        if open.total >= self.allowance.total {
            return Err(Refused::Total(open.total));
        }
        let mine = open.people.entry(user).or_default();
        if *mine >= self.allowance.per_user {
            return Err(Refused::PerUser(*mine));
        }
        *mine += 1;
        open.total += 1;
        self.connections[transport as usize].increment(1);
        Ok(Ticket {
            door: self.clone(),
            user,
            transport,
        })
    }

    /// No new streams from here on.
    pub(crate) fn close(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Streams, and people who have them.
    pub(crate) fn inside(&self) -> (usize, usize) {
        let open = self.open();
        (open.total, open.people.len())
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One stream's place.
pub(crate) struct Ticket {
    door: Arc<Door>,
    user: UserId,
    transport: Transport,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut open = self.door.open();
        open.total -= 1;
        if let Some(mine) = open.people.get_mut(&self.user) {
            *mine -= 1;
            if *mine == 0 {
                open.people.remove(&self.user);
            }
        }
        self.door.connections[self.transport as usize].decrement(1);
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
        let door = Arc::new(Door::new(allowance, [Gauge::noop(), Gauge::noop()]));
        let open = |number| door.enter(UserId::from_uuid(Uuid::from_u128(number)), Transport::Sse);
        let first = (open(1).unwrap(), open(1).unwrap());
        assert_eq!(open(1).err(), Some(Refused::PerUser(2)));
        let _third = open(2).unwrap();
        assert_eq!(open(3).err(), Some(Refused::Total(3)));
        drop(first);
        assert!(open(1).is_ok());
        assert_eq!(door.inside(), (1, 1));
        door.close();
        assert_eq!(open(1).err(), Some(Refused::Draining));
    }
}
