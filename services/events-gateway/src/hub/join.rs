//! How a stream begins: limits, what the admission is worth by now, and where in the log.

use std::sync::{Arc, atomic::Ordering};

use api::bus::AdmitReply;
use domain::Cursor;
use feed::Reset;

use super::{Hub, Subscription, access::Access, client::Client, lock, registry::Registry};

/// How many streams there may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    pub per_user: usize,
    pub total: usize,
    /// Positions a reader may be behind and still be caught up.
    pub catch_up: u64,
}

/// Where a new stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Now,
    Since(Cursor),
    /// It named something that is no cursor.
    Unreadable,
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

impl Hub {
    /// Opens a stream for an admitted person.
    pub(crate) fn join(
        self: &Arc<Self>,
        admitted: AdmitReply,
        start: Start,
    ) -> Result<Subscription, Refused> {
        let mut registry = lock(&self.registry);
        let here = self.place().ok_or(Refused::Elsewhere)?;
        let access = self.admit(&registry, &admitted, here)?;
        let client = Arc::new(Client::new(admitted.session_id, admitted.expires_at));
        // The log was there when the admission was made, even if this replica is not yet.
        let now = Cursor {
            position: here.position.max(admitted.at.position),
            ..here
        };
        let (at, reset) = self.begin(start, now);
        if at.position < here.position {
            client.mark(at.position + 1);
        }
        let user = access.user;
        let (id, access) = registry.join(access, client.clone());
        self.metrics.connections.increment(1);
        Ok(Subscription::new(
            self.clone(),
            (user, id),
            client,
            access,
            (at, reset),
        ))
    }

    /// Checks limits and brings the admission up to what has been applied since it was made.
    fn admit(
        &self,
        registry: &Registry,
        admitted: &AdmitReply,
        here: Cursor,
    ) -> Result<Access, Refused> {
        if self.draining.load(Ordering::Acquire) {
            return Err(Refused::Draining);
        }
        if admitted.at.incarnation != here.incarnation {
            return Err(Refused::Elsewhere);
        }
        let (mine, all) = (registry.streams_of(admitted.user_id), registry.streams());
        if mine >= self.allowance.per_user {
            return Err(Refused::PerUser(mine));
        }
        if all >= self.allowance.total {
            return Err(Refused::Total(all));
        }
        let mut access = Access {
            user: admitted.user_id,
            grants: admitted.grants.clone(),
            at: admitted.at.position,
        };
        let changes = registry
            .changes_since(access.at, access.user)
            .ok_or(Refused::Elsewhere)?;
        for (position, change) in changes {
            if change.session_ended == Some(admitted.session_id) {
                return Err(Refused::SessionEnded);
            }
            if let Some(grants) = &change.grants {
                access.grants = grants.clone();
                access.at = *position;
            }
        }
        Ok(access)
    }

    /// Where a stream begins, and why not where it asked to.
    fn begin(&self, start: Start, now: Cursor) -> (Cursor, Option<Reset>) {
        let reset = match start {
            Start::Now => return (now, None),
            Start::Unreadable => Reset::Unreadable,
            Start::Since(since) if since.incarnation != now.incarnation => Reset::OtherIncarnation,
            // Nobody was ever there: the database it was seen in is not this one.
            Start::Since(since) if since.position > now.position => Reset::OtherIncarnation,
            Start::Since(since)
                if since.position.saturating_add(self.allowance.catch_up) < now.position =>
            {
                Reset::TooOld
            }
            Start::Since(since) => {
                let older = since.position + 1 < self.feed().first();
                let resumes = if older {
                    &self.metrics.resumes_older
                } else {
                    &self.metrics.resumes_ring
                };
                resumes.increment(1);
                return (since, None);
            }
        };
        (now, Some(reset))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use api::{
        bus::Logged,
        event::{AccessChanged, Audience, Event, Grants, OrganizationGrant, kind},
    };
    use bytes::Bytes;
    use chrono::{DateTime, Utc};
    use domain::{EventId, Incarnation, OrganizationId, Role, SessionId, UserId};
    use feed::Limits;
    use uuid::Uuid;

    use super::*;
    use crate::hub::{End, Next};

    const RING: Limits = Limits {
        frames: 100,
        bytes: 1 << 20,
    };
    const ALLOWANCE: Allowance = Allowance {
        per_user: 2,
        total: 3,
        catch_up: 100,
    };
    const HERE: Incarnation = Incarnation(1);

    fn hub() -> Arc<Hub> {
        let frame = |cursor: Cursor, _: &Event| Bytes::from(cursor.position.to_string());
        let hub = Arc::new(Hub::new(RING, ALLOWANCE, frame));
        hub.restart(HERE, 0);
        hub
    }

    fn ours() -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(1))
    }

    fn user(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn member() -> Grants {
        Grants {
            organizations: vec![OrganizationGrant {
                organization_id: ours(),
                role: Role::Member,
            }],
            clusters: vec![],
        }
    }

    fn admitted(number: u128, position: u64, grants: Grants) -> AdmitReply {
        AdmitReply {
            user_id: user(number),
            session_id: SessionId::from_uuid(Uuid::from_u128(number)),
            expires_at: DateTime::<Utc>::MAX_UTC.into(),
            grants,
            at: Cursor {
                incarnation: HERE,
                position,
            },
        }
    }

    fn happen(hub: &Hub, kind: &str, audience: Audience, data: Option<serde_json::Value>) {
        let event = Event {
            id: EventId::from_uuid(Uuid::nil()),
            kind: kind.into(),
            time: DateTime::<Utc>::UNIX_EPOCH.into(),
            organization_id: None,
            workspace_id: None,
            cluster_id: None,
            task_id: None,
            status: None,
            version: 0,
            data,
        };
        let position = hub.cursor().unwrap().position + 1;
        let logged = Logged {
            position,
            audience,
            event,
        };
        hub.apply(logged, DateTime::<Utc>::UNIX_EPOCH.into());
    }

    fn change(hub: &Hub) {
        let audience = Audience::Organization {
            organization_id: ours(),
            least_role: Role::Viewer,
        };
        happen(hub, kind::CLUSTER_CHANGED, audience, None);
    }

    fn access(hub: &Hub, number: u128, session_ended: bool, grants: Option<Grants>) {
        let session = SessionId::from_uuid(Uuid::from_u128(number));
        let data = serde_json::to_value(AccessChanged {
            user_id: user(number),
            session_ended: session_ended.then_some(session),
            grants,
        });
        happen(
            hub,
            kind::ACCESS_CHANGED,
            Audience::Hub,
            Some(data.unwrap()),
        );
    }

    fn poll(subscription: &mut Subscription) -> Poll<Next> {
        subscription.poll_next(&Context::from_waker(Waker::noop()))
    }

    fn assert_frames(subscription: &mut Subscription, expected: &str) {
        match poll(subscription) {
            Poll::Ready(Next::Frames(frames)) => assert_eq!(frames, expected),
            other => panic!("{other:?}, not {expected}"),
        }
    }

    #[test]
    fn what_was_revoked_during_an_admission_is_not_granted_by_it() {
        let hub = hub();
        access(&hub, 1, false, Some(Grants::default()));
        let mut late = hub.join(admitted(1, 0, member()), Start::Now).unwrap();
        change(&hub);
        assert!(poll(&mut late).is_pending());
        assert_eq!(hub.footprint().organizations, 0);
        drop(late);
        access(&hub, 1, true, None);
        let refused = hub.join(admitted(1, 0, member()), Start::Now).err();
        assert_eq!(refused, Some(Refused::SessionEnded));
        // An admission made after it knows what it says.
        assert!(hub.join(admitted(1, 3, member()), Start::Now).is_ok());
    }

    #[test]
    fn an_admission_from_ahead_is_not_undone_by_what_comes_before_it() {
        let hub = hub();
        let mut ahead = hub.join(admitted(1, 3, member()), Start::Now).unwrap();
        assert_eq!(ahead.cursor().position, 3, "from now, by the log's own end");
        access(&hub, 1, false, Some(Grants::default()));
        change(&hub);
        change(&hub);
        assert!(poll(&mut ahead).is_pending(), "before its beginning");
        change(&hub);
        assert_frames(&mut ahead, "4");
        // An older account of the same person's rights does not replace the newer one either.
        let _other = hub.join(admitted(1, 2, Grants::default()), Start::Now);
        change(&hub);
        assert_frames(&mut ahead, "5");
    }

    #[test]
    fn an_admission_made_in_another_incarnation_or_too_long_ago_is_asked_for_again() {
        let hub = hub();
        hub.restart(HERE, 10);
        let mut elsewhere = admitted(1, 10, member());
        elsewhere.at.incarnation = Incarnation(2);
        for admission in [elsewhere, admitted(1, 9, member())] {
            let refused = hub.join(admission, Start::Now).err();
            assert_eq!(refused, Some(Refused::Elsewhere));
        }
    }

    #[test]
    fn rights_of_another_incarnation_show_nothing() {
        let hub = hub();
        let mut before = hub.join(admitted(1, 50, member()), Start::Now).unwrap();
        hub.restart(Incarnation(2), 5);
        change(&hub);
        assert!(matches!(
            poll(&mut before),
            Poll::Ready(Next::Reset(Reset::OtherIncarnation, _))
        ));
        assert!(matches!(
            poll(&mut before),
            Poll::Ready(Next::End(End::Admission))
        ));
        let mut admission = admitted(1, 6, member());
        admission.at.incarnation = Incarnation(2);
        let mut after = hub.join(admission, Start::Now).unwrap();
        change(&hub);
        assert_frames(&mut after, "7");
    }

    #[test]
    fn frames_that_wait_go_out_in_one_write() {
        let hub = hub();
        let mut stream = hub.join(admitted(1, 0, member()), Start::Now).unwrap();
        for _ in 0..3 {
            change(&hub);
        }
        assert_frames(&mut stream, "123");
        assert!(poll(&mut stream).is_pending());
    }

    #[test]
    fn streams_are_counted_per_person_and_in_all() {
        let hub = hub();
        let open = |number| hub.join(admitted(number, 0, member()), Start::Now);
        let first = (open(1).unwrap(), open(1).unwrap());
        assert_eq!(open(1).err(), Some(Refused::PerUser(2)));
        let _third = open(2).unwrap();
        assert_eq!(open(3).err(), Some(Refused::Total(3)));
        drop(first);
        assert!(open(1).is_ok());
        hub.close_doors();
        assert_eq!(open(1).err(), Some(Refused::Draining));
    }
}
