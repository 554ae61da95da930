//! A shard with events that have no body: who is sent what, from where on, and not from where rights were taken.

use std::sync::Arc;

use api::{
    Timestamp,
    bus::{AdmitReply, Logged},
    event::{AccessChanged, Audience, ClusterGrant, Event, Grants, OrganizationGrant, kind},
};
use chrono::{DateTime, Utc};
use domain::{
    ClusterId, Cursor, EventId, Incarnation, OrganizationId, Role, SessionId, TaskId, UserId,
    WorkspaceId,
};
use feed::{Limits, Reset};
use proptest::prelude::*;
use uuid::Uuid;

use super::{
    entry::{Body, Entry},
    join::{Began, Refused, Start},
    kinds::Kinds,
    page::Page,
    reading::Next,
    room::PresenceRoom,
    stream_key::StreamKey,
    subscribe::NotSubscribed,
    topic::Topic,
    wants::{Subscriptions, Wants},
};
use crate::end::End;

/// Who is sent what does not hang on what is sent.
impl Body for () {
    fn size(&self) -> usize {
        0
    }
}

type Shard = super::shard::Shard<()>;

const RING: Limits = Limits {
    frames: 100,
    bytes: 1 << 20,
};
const HERE: Incarnation = Incarnation(1);

fn shard() -> Shard {
    let mut shard = Shard::new(RING, 1_000);
    shard.restart(HERE, 0);
    shard
}

fn epoch() -> Timestamp {
    DateTime::<Utc>::UNIX_EPOCH.into()
}

fn id<T>(make: fn(Uuid) -> T, number: u128) -> T {
    make(Uuid::from_u128(number))
}

fn user(number: u128) -> UserId {
    id(UserId::from_uuid, number)
}

fn organization(number: u128) -> OrganizationId {
    id(OrganizationId::from_uuid, number)
}

fn member(organizations: &[u128]) -> Grants {
    let organizations = organizations.iter().map(|number| OrganizationGrant {
        organization_id: organization(*number),
        role: Role::Member,
    });
    Grants {
        organizations: organizations.collect(),
        clusters: vec![],
    }
}

fn admitted(number: u128, position: u64, grants: Grants) -> AdmitReply {
    AdmitReply {
        user_id: user(number),
        session_id: id(SessionId::from_uuid, number),
        expires_at: DateTime::<Utc>::MAX_UTC.into(),
        grants,
        only: None,
        at: Cursor {
            incarnation: HERE,
            position,
        },
    }
}

fn event(organization_number: u128) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::nil()),
        kind: kind::CLUSTER_CHANGED.into(),
        time: epoch(),
        organization_id: Some(organization(organization_number)),
        workspace_id: None,
        cluster_id: None,
        task_id: None,
        status: None,
        version: 0,
        data: None,
    }
}

fn happen(shard: &mut Shard, audience: Audience, event: Event) -> u64 {
    let here = shard.here().unwrap();
    let logged = Logged {
        position: here.position + 1,
        audience,
        event,
        trace: None,
    };
    shard.apply(&Arc::new(Entry::new(logged, |_| ())), epoch());
    here.position + 1
}

fn to(number: u128) -> Audience {
    Audience::Organization {
        organization_id: organization(number),
        least_role: Role::Viewer,
    }
}

fn change(shard: &mut Shard, number: u128) -> u64 {
    happen(shard, to(number), event(number))
}

fn access(shard: &mut Shard, number: u128, session_ended: bool, grants: Option<Grants>) -> u64 {
    let data = serde_json::to_value(AccessChanged {
        user_id: user(number),
        session_ended: session_ended.then(|| id(SessionId::from_uuid, number)),
        grants,
    });
    let event = Event {
        kind: kind::ACCESS_CHANGED.into(),
        data: Some(data.unwrap()),
        ..event(0)
    };
    happen(shard, Audience::Hub, event)
}

fn open(shard: &mut Shard, admitted: &AdmitReply, start: Start) -> Result<StreamKey, Refused> {
    let wants = Wants::Everything(Kinds::ALL);
    let joined = shard.join(admitted, wants, start);
    joined.map(|(key, _)| key)
}

/// Everything a stream is sent now, and what stopped it if not the lack of more.
fn read(shard: &mut Shard, key: StreamKey) -> (Vec<u64>, Option<Next>) {
    let mut read = vec![];
    loop {
        let gather = |entry: &Entry<()>| {
            read.push(entry.position);
            0
        };
        match shard.next(key, epoch(), gather) {
            Next::Write { upto, level } => shard.wrote(key, upto, level),
            Next::Again => {}
            Next::Level => return (read, None),
            other => return (read, Some(other)),
        }
    }
}

fn sent(shard: &mut Shard, key: StreamKey) -> Vec<u64> {
    let (positions, stopped) = read(shard, key);
    assert!(stopped.is_none(), "{stopped:?}");
    positions
}

#[test]
fn what_was_revoked_during_an_admission_is_not_granted_by_it() {
    let mut shard = shard();
    access(&mut shard, 1, false, Some(Grants::default()));
    let late = open(&mut shard, &admitted(1, 0, member(&[1])), Start::Now).unwrap();
    change(&mut shard, 1);
    assert!(sent(&mut shard, late).is_empty());
    assert_eq!(shard.topics(), 0);
    shard.leave(late);
    access(&mut shard, 1, true, None);
    let refused = open(&mut shard, &admitted(1, 0, member(&[1])), Start::Now).err();
    assert_eq!(refused, Some(Refused::SessionEnded));
    // An admission made after it knows what it says.
    assert!(open(&mut shard, &admitted(1, 3, member(&[1])), Start::Now).is_ok());
}

#[test]
fn a_stream_of_one_organization_shows_nothing_else_whatever_else_its_person_may_see() {
    let mut shard = shard();
    let mut narrow = admitted(1, 0, member(&[1, 2]));
    narrow.only = Some(organization(1));
    let limited = open(&mut shard, &narrow, Start::Now).unwrap();
    let whole = open(&mut shard, &admitted(1, 0, member(&[1, 2])), Start::Now).unwrap();
    let own = Audience::User { user_id: user(1) };
    let (ours, theirs) = (change(&mut shard, 1), change(&mut shard, 2));
    let mine = happen(&mut shard, own, event(1));
    assert_eq!(sent(&mut shard, limited), [ours]);
    assert_eq!(sent(&mut shard, whole), [ours, theirs, mine]);
    // More rights for the person widen one and not the other.
    let more = access(&mut shard, 1, false, Some(member(&[1, 2, 3])));
    let (other, ours) = (change(&mut shard, 3), change(&mut shard, 1));
    assert_eq!(sent(&mut shard, limited), [ours]);
    assert_eq!(sent(&mut shard, whole), [other, ours]);
    // The same from the start, past what it must not see.
    let again = open(
        &mut shard,
        &narrow,
        Start::Since(Cursor {
            incarnation: HERE,
            position: 0,
        }),
    );
    assert_eq!(sent(&mut shard, again.unwrap()), [1, ours]);
    assert_eq!(more + 2, ours);
    let topics = Wants::Topics(Subscriptions::default());
    let (socket, _) = shard.join(&narrow, topics, Start::Now).unwrap();
    let mut subscribe = |number| {
        let topic = Topic::Organization(organization(number));
        shard.subscribe(socket, topic, Kinds::ALL, Start::Now)
    };
    assert!(subscribe(1).is_ok());
    assert_eq!(subscribe(2), Err(NotSubscribed::NotFound));
    let room = |number| PresenceRoom {
        organization: organization(number),
        topic: Topic::Organization(organization(number)),
    };
    assert!(shard.may_enter(socket, &room(1), epoch()));
    assert!(!shard.may_enter(socket, &room(2), epoch()));
    // Nothing left of them after they have gone.
    access(&mut shard, 1, false, Some(Grants::default()));
    change(&mut shard, 1);
    assert!(sent(&mut shard, limited).is_empty());
}

#[test]
fn an_admission_from_ahead_is_not_undone_by_what_comes_before_it() {
    let mut shard = shard();
    let ahead = open(&mut shard, &admitted(1, 3, member(&[1])), Start::Now).unwrap();
    assert!(sent(&mut shard, ahead).is_empty());
    access(&mut shard, 1, false, Some(Grants::default()));
    change(&mut shard, 1);
    change(&mut shard, 1);
    assert!(sent(&mut shard, ahead).is_empty(), "before its beginning");
    assert_eq!(change(&mut shard, 1), 4);
    assert_eq!(sent(&mut shard, ahead), [4]);
    // An older account of the same person's rights does not replace the newer one either.
    open(&mut shard, &admitted(1, 2, Grants::default()), Start::Now).unwrap();
    change(&mut shard, 1);
    assert_eq!(sent(&mut shard, ahead), [5]);
}

#[test]
fn an_admission_made_in_another_incarnation_or_too_long_ago_is_asked_for_again() {
    let mut shard = shard();
    shard.restart(HERE, 10);
    let mut elsewhere = admitted(1, 10, member(&[1]));
    elsewhere.at.incarnation = Incarnation(2);
    for admission in [elsewhere, admitted(1, 9, member(&[1]))] {
        let refused = open(&mut shard, &admission, Start::Now).err();
        assert_eq!(refused, Some(Refused::Elsewhere));
    }
}

#[test]
fn rights_of_another_incarnation_show_nothing() {
    let mut shard = shard();
    let before = open(&mut shard, &admitted(1, 50, member(&[1])), Start::Now).unwrap();
    shard.restart(Incarnation(2), 5);
    change(&mut shard, 1);
    let (positions, stopped) = read(&mut shard, before);
    assert!(positions.is_empty());
    assert!(matches!(
        stopped,
        Some(Next::Reset(Reset::OtherIncarnation, _))
    ));
    let (positions, stopped) = read(&mut shard, before);
    assert!(positions.is_empty());
    assert!(matches!(stopped, Some(Next::End(End::Admission))));
    let mut admission = admitted(1, 6, member(&[1]));
    admission.at.incarnation = Incarnation(2);
    let after = open(&mut shard, &admission, Start::Now).unwrap();
    change(&mut shard, 1);
    assert_eq!(sent(&mut shard, after), [7]);
}

#[test]
fn a_stream_that_kept_up_and_fell_out_of_the_ring_ends_and_one_that_resumes_reads_on() {
    let mut shard = shard();
    let slow = open(&mut shard, &admitted(1, 0, member(&[1])), Start::Now).unwrap();
    assert!(sent(&mut shard, slow).is_empty());
    for _ in 0..150 {
        change(&mut shard, 1);
    }
    let (_, stopped) = read(&mut shard, slow);
    assert!(matches!(stopped, Some(Next::End(End::Behind))));
    let since = Cursor {
        incarnation: HERE,
        position: 49,
    };
    let resumes = open(
        &mut shard,
        &admitted(1, 150, member(&[1])),
        Start::Since(since),
    );
    let (_, stopped) = read(&mut shard, resumes.unwrap());
    assert!(matches!(stopped, Some(Next::Older(at)) if at == since));
}

#[test]
fn everything_is_freed_with_the_last_stream() {
    let mut shard = shard();
    let grants = member(&[1, 2]);
    let keys = [1, 1, 2].map(|n| open(&mut shard, &admitted(n, 0, grants.clone()), Start::Now));
    access(&mut shard, 1, false, Some(member(&[2, 3])));
    for key in keys {
        shard.leave(key.unwrap());
    }
    assert_eq!(shard.topics(), 0);
    assert!(shard.keys().next().is_none());
}

/// What can happen to two people, two organizations and a shared cluster.
#[derive(Debug, Clone)]
enum Happening {
    Event {
        organization: u128,
        cluster: u128,
    },
    Grant {
        person: u128,
        organizations: Vec<u128>,
        cluster: Option<u128>,
    },
    Read {
        person: u128,
    },
    Reopen {
        person: u128,
    },
}

/// A WebSocket of a member of organization 1, and how to subscribe it to things of number 1.
fn socket(shard: &mut Shard, at: u64) -> StreamKey {
    let wants = Wants::Topics(Subscriptions::default());
    let admission = admitted(1, at, member(&[1]));
    let joined = shard.join(&admission, wants, Start::Now);
    joined.unwrap().0
}

fn subscribe(shard: &mut Shard, key: StreamKey, topic: Topic, position: u64) -> (Cursor, Began) {
    let since = Start::Since(Cursor {
        incarnation: HERE,
        position,
    });
    shard.subscribe(key, topic, Kinds::ALL, since).unwrap()
}

#[test]
fn a_page_asked_for_before_a_subscription_went_back_hides_nothing() {
    let mut shard = shard();
    for _ in 0..300 {
        change(&mut shard, 1);
    }
    let key = socket(&mut shard, 300);
    subscribe(&mut shard, key, Topic::Organization(organization(1)), 50);
    let asked = |shard: &mut Shard| match read(shard, key) {
        (sent, Some(Next::Older(cursor))) if sent.is_empty() => cursor.position,
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(&mut shard), 50);
    let workspace = Topic::Workspace(id(WorkspaceId::from_uuid, 1));
    subscribe(&mut shard, key, workspace, 10);
    let logged = Logged {
        position: 51,
        audience: to(1),
        event: event(1),
        trace: None,
    };
    let page = Page::new(HERE, 50, vec![Entry::new(logged, |_| ())]);
    shard.turn_page(key, Arc::new(page));
    assert_eq!(asked(&mut shard), 10);
}

#[test]
fn a_subscription_since_a_place_that_another_replica_has_reached_goes_on_there() {
    let mut shard = shard();
    for _ in 0..3 {
        change(&mut shard, 1);
    }
    let key = socket(&mut shard, 10);
    let workspace = Topic::Workspace(id(WorkspaceId::from_uuid, 1));
    subscribe(&mut shard, key, workspace, 2);
    let (at, began) = subscribe(&mut shard, key, Topic::Organization(organization(1)), 10);
    assert_eq!((at.position, began), (10, Began::Ring));
    // Seen in a list after the connection stood.
    let cluster = Topic::Cluster(id(ClusterId::from_uuid, 1));
    let (at, began) = subscribe(&mut shard, key, cluster, 20);
    assert_eq!((at.position, began), (20, Began::Ring));
    let (at, began) = subscribe(&mut shard, key, cluster, 1_000_000);
    assert_eq!(
        (at.position, began),
        (10, Began::Reset(Reset::OtherIncarnation))
    );
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let event = (1..=3u128, 1..=3u128).prop_map(|(organization, cluster)| Happening::Event {
        organization,
        cluster,
    });
    let grant = (
        1..=2u128,
        prop::collection::vec(1..=3u128, 0..3),
        prop::option::of(1..=3u128),
    )
        .prop_map(|(person, organizations, cluster)| Happening::Grant {
            person,
            organizations,
            cluster,
        });
    let read = (1..=2u128).prop_map(|person| Happening::Read { person });
    let reopen = (1..=2u128).prop_map(|person| Happening::Reopen { person });
    let one = prop_oneof![6 => event, 3 => grant, 2 => read, 1 => reopen];
    prop::collection::vec(one, 1..80)
}

struct Reader {
    key: StreamKey,
    read: Vec<u64>,
}

proptest! {
    /// Against a model that knows who could see what at each place of the log: each event that a
    /// person could see all the time until they read it comes once and in order, and none comes
    /// that they could not see when it was sent.
    #[test]
    fn nobody_is_sent_what_was_taken_from_them_nor_misses_what_was_not(steps in happenings()) {
        let mut shard = shard();
        let mut rights = [member(&[1]), member(&[2])];
        let mut log: Vec<Option<(u128, u128)>> = vec![];
        // What each could see of each event ever since it happened.
        let mut always: [Vec<u64>; 2] = [vec![], vec![]];
        let mut readers: Vec<Reader> = vec![];
        for number in 1..=2 {
            let admission = admitted(number, 0, rights[number as usize - 1].clone());
            readers.push(Reader { key: open(&mut shard, &admission, Start::Now).unwrap(), read: vec![] });
        }
        let sees = |grants: &Grants, (o, c): (u128, u128)| {
            grants.organizations.iter().any(|grant| grant.organization_id == organization(o))
                || grants.clusters.iter().any(|grant| grant.cluster_id == id(ClusterId::from_uuid, c))
        };
        for step in steps {
            match step {
                Happening::Event { organization: o, cluster: c } => {
                    let event = Event { cluster_id: Some(id(ClusterId::from_uuid, c)), ..event(o) };
                    let position = happen(&mut shard, to(o), event);
                    log.push(Some((o, c)));
                    for person in 0..2 {
                        if sees(&rights[person], (o, c)) {
                            always[person].push(position);
                        }
                    }
                }
                Happening::Grant { person, organizations, cluster } => {
                    let mut grants = member(&organizations);
                    grants.clusters.extend(cluster.map(|c| ClusterGrant {
                        cluster_id: id(ClusterId::from_uuid, c),
                        until: None,
                    }));
                    access(&mut shard, person, false, Some(grants.clone()));
                    log.push(None);
                    let index = person as usize - 1;
                    let unread = readers[index].read.last().copied().unwrap_or(0);
                    always[index].retain(|position| {
                        let event = log[*position as usize - 1].unwrap();
                        *position <= unread || sees(&grants, event)
                    });
                    rights[index] = grants;
                }
                Happening::Read { person } => {
                    let index = person as usize - 1;
                    let positions = sent(&mut shard, readers[index].key);
                    for position in &positions {
                        let event = log[*position as usize - 1].unwrap();
                        prop_assert!(sees(&rights[index], event), "{position} is shown");
                    }
                    readers[index].read.extend(positions);
                }
                Happening::Reopen { person } => {
                    let index = person as usize - 1;
                    let position = readers[index].read.last().copied().unwrap_or(0);
                    shard.leave(readers[index].key);
                    let admission = admitted(person, log.len() as u64, rights[index].clone());
                    let since = Start::Since(Cursor { incarnation: HERE, position });
                    readers[index].key = open(&mut shard, &admission, since).unwrap();
                }
            }
        }
        for (index, reader) in readers.iter_mut().enumerate() {
            reader.read.extend(sent(&mut shard, reader.key));
            prop_assert!(reader.read.is_sorted_by(|one, next| one < next), "{:?}", reader.read);
            for position in &always[index] {
                prop_assert!(reader.read.contains(position), "{position} of {:?}", reader.read);
            }
        }
    }

    /// Subscriptions to several topics at any time, each from any place: every topic's events come
    /// once, in order, and none before its beginning.
    #[test]
    fn each_subscription_gets_its_events_once_from_its_beginning_on(
        steps in prop::collection::vec((0..4u8, 1..=3u128, 0..40u64), 1..60),
    ) {
        let mut shard = shard();
        let admission = admitted(1, 0, member(&[1]));
        let wants = Wants::Topics(Subscriptions::default());
        let (key, _) = shard.join(&admission, wants, Start::Now).unwrap();
        let mut got: Vec<u64> = vec![];
        let mut begins: std::collections::HashMap<u128, u64> = Default::default();
        let mut log: Vec<u128> = vec![];
        for (what, number, back) in steps {
            match what {
                0 | 1 => {
                    let event = Event {
                        workspace_id: Some(id(WorkspaceId::from_uuid, number)),
                        task_id: Some(id(TaskId::from_uuid, number)),
                        ..event(1)
                    };
                    happen(&mut shard, to(1), event);
                    log.push(number);
                }
                2 => got.extend(sent(&mut shard, key)),
                _ if begins.contains_key(&number) => {}
                _ => {
                    let position = (log.len() as u64).saturating_sub(back);
                    let since = Start::Since(Cursor { incarnation: HERE, position });
                    let topic = Topic::Workspace(id(WorkspaceId::from_uuid, number));
                    let (at, _) = shard.subscribe(key, topic, Kinds::ALL, since).unwrap();
                    begins.insert(number, at.position);
                }
            }
        }
        got.extend(sent(&mut shard, key));
        for (number, begin) in begins {
            let mine = |position: &u64| log[*position as usize - 1] == number;
            let expected: Vec<u64> = (begin + 1..=log.len() as u64).filter(mine).collect();
            let here: Vec<u64> = got.iter().copied().filter(mine).collect();
            prop_assert_eq!(here, expected, "of {}", number);
            got.retain(|position| !mine(position));
        }
        prop_assert!(got.is_empty(), "nobody asked for {:?}", got);
    }
}

#[test]
fn each_wave_of_a_drain_takes_a_tenth_of_each_kind() {
    let mut shard = shard();
    // One of each kind in turn: a wave of every tenth would be all of one.
    for number in 0..1_000 {
        let wants = match number % 2 {
            0 => Wants::Everything(Kinds::ALL),
            _ => Wants::Topics(Subscriptions::default()),
        };
        let admitted = admitted(number, 0, member(&[1]));
        shard.join(&admitted, wants, Start::Now).unwrap();
    }
    for waves in (1..=10).rev() {
        shard.drain(waves);
        let ended: Vec<StreamKey> = shard.keys().filter(|key| shard.ended(*key)).collect();
        let of_topics = |key: &&StreamKey| {
            let client = shard.client(**key).unwrap();
            matches!(client.wants, Wants::Topics(_))
        };
        assert_eq!(
            (ended.len(), ended.iter().filter(of_topics).count()),
            (100, 50)
        );
        for key in ended {
            shard.leave(key);
        }
    }
    assert_eq!(shard.keys().count(), 0);
}
