//! One shard of the hub: its own ring and its own people, used by one thread, so nothing is locked.
//! It applies the log in order and says what each of its streams is to be sent. It does no IO.

use std::sync::Arc;

use api::{
    Timestamp,
    event::{AccessChanged, Audience},
};
use bytes::Bytes;
use domain::{Cursor, Incarnation};
use feed::{Feed, Limits, Read, Reader, Reset};
use slab::Slab;

use super::{
    client::{Client, End, Next},
    entry::{Entry, Rights},
    people::{Key, People},
    wants::{Topic, Wants, topics_of},
};
use crate::{archive::Page, transport::frame::Transport};

/// Frames and bytes gathered into one write; a single larger frame goes alone.
pub(crate) const FRAMES_MAX: usize = 64;
const WRITE_MAX: usize = 32 << 10;
/// Entries looked at in one go before others get a turn.
const LOOK_MAX: usize = 1_024;

/// Frames with their positions.
pub(crate) type Frames = Vec<(u64, Bytes)>;

pub(crate) struct Shard {
    pub(super) ring: Feed<Incarnation, Arc<Entry>>,
    /// The log's place was told once.
    pub(super) following: bool,
    pub(super) people: People,
    pub(super) clients: Slab<Client>,
    pub(super) generation: u32,
    dirty: Vec<Key>,
    /// A reader further behind than this lists again instead of reading it all.
    pub(super) catch_up: u64,
}

impl Shard {
    pub(crate) fn new(ring: Limits, catch_up: u64) -> Self {
        Self {
            ring: Feed::new(Incarnation(0), 0, ring),
            following: false,
            people: People::default(),
            clients: Slab::new(),
            generation: 0,
            dirty: Vec::new(),
            catch_up,
        }
    }

    /// Where the log is applied up to.
    pub(crate) fn here(&self) -> Option<Cursor> {
        self.following.then(|| Cursor {
            incarnation: self.ring.incarnation(),
            position: self.ring.last(),
        })
    }

    pub(crate) fn client(&self, key: Key) -> Option<&Client> {
        let client = self.clients.get(key.index())?;
        (Key::new(key.index(), client.generation) == key).then_some(client)
    }

    pub(super) fn client_mut(&mut self, key: Key) -> Option<&mut Client> {
        let client = self.clients.get_mut(key.index())?;
        (Key::new(key.index(), client.generation) == key).then_some(client)
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = Key> {
        let clients = self.clients.iter();
        clients.map(|(index, client)| Key::new(index, client.generation))
    }

    /// Topics with somebody who is shown their events.
    pub(crate) fn topics(&self) -> usize {
        self.people.topics()
    }

    /// Streams that have something to do since this was asked the last time.
    pub(crate) fn take_dirty(&mut self, into: &mut Vec<Key>) {
        into.append(&mut self.dirty);
        for key in into.iter() {
            if let Some(client) = self.client_mut(*key) {
                client.dirty = false;
            }
        }
    }

    pub(super) fn touch(&mut self, key: Key) {
        if let Some(client) = self.client_mut(key)
            && !client.dirty
        {
            client.dirty = true;
            self.dirty.push(key);
        }
    }

    /// Begins to follow the log after `last`, or goes on in another place of it. What was missed may
    /// have taken rights from anybody: every stream ends and is admitted anew.
    pub(crate) fn restart(&mut self, incarnation: Incarnation, last: u64) {
        self.ring.restart(incarnation, last);
        self.following = true;
        self.forget(last);
    }

    /// Applies the next event of the log. Rights change before anything after them is shown.
    pub(crate) fn apply(&mut self, entry: &Arc<Entry>, now: Timestamp) {
        // What was given up in between shows as a hole; a restart follows it.
        if entry.position != self.ring.last() + 1 {
            return;
        }
        self.ring.push(entry.clone(), entry.size());
        match &entry.rights {
            Rights::Stay => self.dispatch(entry, now),
            Rights::Change(change) => self.change(entry.position, change.clone()),
            Rights::Unreadable => self.forget(entry.position),
        }
    }

    fn forget(&mut self, last: u64) {
        self.people.forget(last);
        let keys: Vec<Key> = self.keys().collect();
        for key in keys {
            self.end(key, End::Admission);
        }
    }

    pub(crate) fn end(&mut self, key: Key, end: End) {
        if let Some(client) = self.client_mut(key) {
            // The first reason stays.
            client.end.get_or_insert(end);
            self.touch(key);
        }
    }

    /// Ends an even share of the streams, as the first of so many waves. Each transport has its own
    /// share, so that no wave is all of one kind.
    pub(crate) fn drain(&mut self, waves: u32) {
        for transport in Transport::ALL {
            let of_it = |key: &Key| {
                let client = self.client(*key);
                client.is_some_and(|client| client.transport == transport && client.end.is_none())
            };
            let stay: Vec<Key> = self.keys().filter(of_it).collect();
            let share = stay.len().div_ceil(waves.max(1) as usize);
            for key in stay.into_iter().take(share) {
                self.end(key, End::Drain);
            }
        }
    }

    /// Marks every stream this event is for.
    fn dispatch(&mut self, entry: &Entry, now: Timestamp) {
        let mut found = Vec::new();
        match entry.audience {
            Audience::Organization {
                organization_id, ..
            } => {
                found.extend(self.people.concerned(Topic::Organization(organization_id)));
                for topic in topics_of(&entry.places) {
                    if topic != Topic::Organization(organization_id) {
                        found.extend(self.people.concerned(topic));
                    }
                }
            }
            Audience::User { user_id } => {
                let person = self.people.get(user_id);
                found.extend(person.into_iter().flat_map(|person| &person.streams));
            }
            Audience::Hub | Audience::Unknown => {}
        }
        for key in found {
            if self.shows(key, entry, now) {
                self.mark(key, entry.position);
            }
        }
    }

    fn mark(&mut self, key: Key, position: u64) {
        if let Some(client) = self.client_mut(key) {
            if client.due == 0 {
                client.due = position;
            }
            self.touch(key);
        }
    }

    fn shows(&self, key: Key, entry: &Entry, now: Timestamp) -> bool {
        self.client(key).is_some_and(|client| {
            client.wants.wants(entry)
                && client.is_of(&entry.audience)
                && self.people.get(client.user).is_some_and(|person| {
                    let cluster = entry.places.cluster;
                    person.access.sees(&entry.audience, cluster, now)
                })
        })
    }

    /// Applies a change of rights at its place in the log.
    fn change(&mut self, position: u64, change: AccessChanged) {
        let user = change.user_id;
        let streams = self.people.get(user).map(|person| person.streams.clone());
        for key in streams.unwrap_or_default() {
            let session = self.client(key).map(|client| client.session);
            if change.session_ended.is_some() && change.session_ended == session {
                self.end(key, End::Session);
            }
        }
        if let Some(grants) = change.grants.clone() {
            self.grant(user, grants, position);
        }
        self.people.remember(position, change);
    }

    pub(super) fn grant(&mut self, user: domain::UserId, grants: api::event::Grants, at: u64) {
        let Some((before, after)) = self.people.grant(user, grants, at) else {
            return;
        };
        let streams = self.people.get(user).map(|person| person.streams.clone());
        for key in streams.unwrap_or_default() {
            let wants = self.client(key).map(|client| &client.wants);
            if matches!(wants, Some(Wants::Everything(_))) {
                for topic in &before {
                    self.people.unlist(*topic, key);
                }
                for topic in &after {
                    self.people.list(*topic, key);
                }
            }
        }
    }

    /// Looks for what a stream is to be sent, from its place on. Nothing counts as sent before
    /// [`Shard::wrote`] says so.
    pub(crate) fn gather(&mut self, key: Key, frames: &mut Frames, now: Timestamp) -> Next {
        let here = self.here();
        let Some(client) = self.client_mut(key) else {
            return Next::Level;
        };
        if let Some(end) = client.end {
            return match here {
                Some(here)
                    if end == End::Admission && here.incarnation != client.reader.incarnation() =>
                {
                    client.end = None;
                    self.begin_anew(key, here);
                    // Rights are not known any more: it is told where it goes on, and ends.
                    self.end(key, End::Admission);
                    Next::Reset(Reset::OtherIncarnation, here)
                }
                _ => Next::End(end),
            };
        }
        if let Some(reset) = client.opening.take() {
            return Next::Reset(reset, client.cursor());
        }
        self.look(key, frames, now)
    }

    fn look(&mut self, key: Key, frames: &mut Frames, now: Timestamp) -> Next {
        let Some(client) = self.client(key) else {
            return Next::Level;
        };
        let Some(person) = self.people.get(client.user) else {
            return Next::Level;
        };
        let mut reader = client.reader;
        if client.level {
            if client.due == 0 {
                return Next::Level;
            }
            // Nothing before it was for this stream.
            reader.pass(client.due - 1);
        }
        let (mut looked, mut bytes) = (0, 0);
        let mut visit = |entry: &Entry| {
            looked += 1;
            if client.wants.wants(entry)
                && client.is_of(&entry.audience)
                && person
                    .access
                    .sees(&entry.audience, entry.places.cluster, now)
            {
                let frame = entry.frames.of(client.transport);
                bytes += frame.len();
                frames.push((entry.position, frame.clone()));
            }
            looked < LOOK_MAX && bytes < WRITE_MAX && frames.len() < FRAMES_MAX
        };
        let page = client
            .page
            .as_ref()
            .filter(|page| page.last() > reader.position());
        let read = match page {
            Some(page) => read_page(page, &mut reader, &mut visit),
            None => reader.read(&self.ring, |_, entry| visit(entry)),
        };
        self.found(key, read, reader, frames.is_empty())
    }

    fn found(&mut self, key: Key, read: Read, reader: Reader<Incarnation>, none: bool) -> Next {
        let Some(client) = self.client_mut(key) else {
            return Next::Level;
        };
        match read {
            Read::Older { .. } if client.caught => return Next::End(End::Behind),
            Read::Older { .. } => return Next::Older(client.cursor()),
            Read::Reset(reset) => return self.give_up(key, reset),
            Read::Level | Read::More => {}
        }
        let level = read == Read::Level;
        if !none {
            let upto = reader.position();
            return Next::Write { upto, level };
        }
        client.reader = reader;
        if level {
            client.settle();
            return Next::Level;
        }
        Next::Again
    }

    /// Whether it is to be closed.
    pub(crate) fn ended(&self, key: Key) -> bool {
        self.client(key).is_some_and(|client| client.end.is_some())
    }

    /// A stream of a person's, if there is one.
    pub(crate) fn stream_of(&self, user: domain::UserId) -> Option<Key> {
        self.people.get(user)?.streams.first().copied()
    }

    /// Gives a stream what it has to read before it can go on in the ring.
    pub(crate) fn turn_to(&mut self, key: Key, page: Arc<Page>) {
        if let Some(client) = self.client_mut(key) {
            if page.after() > client.reader.position() {
                // A subscription from an earlier place came meanwhile: what follows that is asked for next.
                tracing::debug!("a page is not needed any more");
            } else if page.last() > client.reader.position() {
                client.page = Some(page);
            } else {
                tracing::warn!("the log has nothing after a cursor");
                client.end.get_or_insert(End::Admission);
            }
        }
    }

    /// It goes on where the log is.
    pub(crate) fn reset(&mut self, key: Key, reset: Reset) {
        if let Some(here) = self.here() {
            self.begin_anew(key, here);
            if let Some(client) = self.client_mut(key) {
                client.opening = Some(reset);
            }
        }
    }

    /// What was gathered is on its way up to this position; `level` if that was all there is.
    pub(crate) fn wrote(&mut self, key: Key, upto: u64, level: bool) {
        if let Some(client) = self.client_mut(key) {
            client.reader.pass(upto);
            client.told = upto;
            client.level = false;
            if level {
                client.settle();
            }
        }
    }

    /// It cannot be caught up: it goes on where the log is.
    pub(crate) fn give_up(&mut self, key: Key, reason: Reset) -> Next {
        match self.here() {
            Some(here) => {
                self.begin_anew(key, here);
                Next::Reset(reason, here)
            }
            None => Next::End(End::Admission),
        }
    }

    fn begin_anew(&mut self, key: Key, here: Cursor) {
        if let Some(client) = self.client_mut(key) {
            client.reader.restart(here.incarnation, here.position);
            client.told = here.position;
            client.known = here.position;
            client.page = None;
            client.opening = None;
            client.level = false;
            if let Wants::Topics(topics) = &mut client.wants {
                topics.restart(here.position);
            }
            self.touch(key);
        }
    }
}

fn read_page(
    page: &Page,
    reader: &mut Reader<Incarnation>,
    visit: &mut impl FnMut(&Entry) -> bool,
) -> Read {
    for entry in page.entries() {
        if reader.claim(entry.position) && !visit(entry) {
            return Read::More;
        }
    }
    Read::More
}

impl Client {
    /// It has everything up to the ring's end.
    fn settle(&mut self) {
        self.level = true;
        self.caught = true;
        self.due = 0;
        self.page = None;
    }
}
