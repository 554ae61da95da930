//! One life: what happens in it, in an order that its seed decides.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use api::event::{AccessChanged, Audience, Event};
use domain::{Role, SessionId};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use testkit::eventually;

use super::{
    kept::{Kept, Tally},
    replica::PROGRAM,
    rights::{access, some_grants, some_topics},
    socket, sse,
    stream::{Reading, Stream},
    truth::{Line, Model},
};
use crate::{
    SOON, cluster,
    gateway::{Person, State, changed},
    organization, session, user,
};

const STEPS: usize = 40;
const PEOPLE: u128 = 3;
pub(super) const ORGANIZATIONS: u128 = 2;
pub(super) const CLUSTERS: u128 = 3;
const STREAMS_MAX: usize = 6;
/// What is committed in the moment before a replica is killed.
const UNDER_WAY_MAX: usize = 4;
/// What a bus may keep back until later.
const HELD_MAX: usize = 4;

/// One life: its people and things have numbers of their own, so that many share a log.
pub(super) struct Life<'a> {
    kept: &'a mut Kept,
    random: StdRng,
    base: u128,
    model: Model,
    streams: Vec<Stream>,
    logins: BTreeMap<String, (u128, SessionId)>,
    next_login: u128,
    held: Vec<u64>,
    tally: Tally,
}

impl Life<'_> {
    fn people(&self) -> Vec<u128> {
        (1..=PEOPLE).map(|n| self.base + n).collect()
    }

    fn somebody(&mut self) -> u128 {
        self.base + self.random.random_range(1..=PEOPLE)
    }

    /// Commits with the gateway's state changed at once, as a transaction does.
    fn commit(
        &mut self,
        line: Line,
        audience: Audience,
        event: Event,
        change: impl FnOnce(&mut State),
    ) -> u64 {
        let position = {
            let mut state = self.kept.world.gateway.state();
            change(&mut state);
            state.commit(audience, event)
        };
        self.model.lines.insert(position, line);
        position
    }

    /// Publishes a position as a bad bus would.
    async fn publish(&mut self, position: u64) {
        match self.random.random_range(0..10) {
            0 => {}
            1 if self.held.len() < HELD_MAX => self.held.push(position),
            2 => {
                self.kept.world.gateway.publish(position).await;
                self.kept.world.gateway.publish(position).await;
            }
            _ => self.kept.world.gateway.publish(position).await,
        }
        if !self.held.is_empty() && self.random.random_bool(0.3) {
            let late = self.held.swap_remove(0);
            self.kept.world.gateway.publish(late).await;
        }
    }

    async fn happens(&mut self) {
        let number = self.random.random_range(1..=ORGANIZATIONS);
        let about = self.base + self.random.random_range(1..=CLUSTERS);
        let of = self.base + number;
        let roles = [Role::Viewer, Role::Viewer, Role::Member, Role::Admin];
        let least_role = roles.choose(&mut self.random).copied().unwrap();
        let audience = Audience::Organization {
            organization_id: organization(of),
            least_role,
        };
        let line = Line::Happened {
            organization: of,
            least_role,
            cluster: about,
        };
        let event = changed(organization(of), cluster(about), 0);
        let position = self.commit(line, audience, event, |_| {});
        self.publish(position).await;
    }

    fn tell(&mut self, person: u128) -> u64 {
        let audience = Audience::User {
            user_id: user(person),
        };
        let event = changed(organization(self.base), cluster(self.base), 0);
        self.commit(Line::To(person, self.base), audience, event, |_| {})
    }

    /// A role, a membership or a share is given or taken.
    async fn regrant(&mut self) {
        let person = self.somebody();
        let grants = some_grants(&mut self.random, self.base);
        let change = AccessChanged {
            user_id: user(person),
            session_ended: None,
            grants: Some(grants.clone()),
        };
        let given = grants.clone();
        let position = self.commit(Line::Rights, Audience::Hub, access(change), move |state| {
            let theirs = state
                .people
                .values_mut()
                .filter(|known| known.user == user(person));
            theirs.for_each(|known| known.grants = given.clone());
        });
        self.model
            .rights
            .entry(person)
            .or_default()
            .push((position, grants));
        self.publish(position).await;
    }

    fn log_in(&mut self, person: u128) -> String {
        self.next_login += 1;
        let number = self.base + self.next_login;
        let token = format!("login-{number}");
        let known = Person {
            user: user(person),
            session: session(number),
            grants: self.model.rights(person, u64::MAX).clone(),
            lives: Duration::from_secs(3_600),
        };
        self.logins.insert(token.clone(), (person, known.session));
        self.kept
            .world
            .gateway
            .know(&format!("bearer:{token}"), known);
        token
    }

    async fn log_out(&mut self) {
        let tokens: Vec<String> = self.logins.keys().cloned().collect();
        let Some(token) = tokens.choose(&mut self.random).cloned() else {
            return;
        };
        let Some((person, ended)) = self.logins.remove(&token) else {
            return;
        };
        let change = AccessChanged {
            user_id: user(person),
            session_ended: Some(ended),
            grants: None,
        };
        let shown = format!("bearer:{token}");
        let position = self.commit(Line::Ended, Audience::Hub, access(change), move |state| {
            state.people.remove(&shown);
        });
        for stream in self
            .streams
            .iter_mut()
            .filter(|stream| stream.token == token)
        {
            stream.ended = Some(position);
        }
        self.publish(position).await;
    }

    /// Opens a stream at one of the replicas, by an old login or a new one.
    fn connect(&mut self) {
        if self.streams.len() >= STREAMS_MAX {
            return;
        }
        let person = self.somebody();
        let known = self.logins.iter().find(|(_, login)| login.0 == person);
        let token = match known {
            Some((token, _)) if self.random.random_bool(0.5) => token.clone(),
            _ => self.log_in(person),
        };
        let heard = Arc::default();
        let reading = Reading {
            places: self.kept.places.clone(),
            token: token.clone(),
            heard: Arc::clone(&heard),
            state: self.kept.world.gateway.shared(),
        };
        let first = self.random.random_range(0..2);
        let topics = self
            .random
            .random_bool(0.5)
            .then(|| some_topics(&mut self.random, self.base));
        let reader = match topics.clone() {
            Some(topics) => tokio::spawn(socket::read(reading, first, topics)),
            None => tokio::spawn(sse::read(reading, first, self.kept.http.clone())),
        };
        self.streams.push(Stream {
            person,
            token,
            topics,
            ended: None,
            heard,
            reader,
        });
    }

    /// The program is killed with whatever is under way, and another one starts.
    async fn kill(&mut self) {
        for _ in 0..self.random.random_range(0..=UNDER_WAY_MAX) {
            if self.random.random_bool(0.7) {
                self.happens().await;
            } else {
                self.regrant().await;
            }
        }
        self.kept.kill().await;
        self.tally.kills += 1;
        if self.random.random_bool(0.5) {
            // Everybody has to go where the log is still being read.
            self.kept.restart().await;
        }
    }

    async fn step(&mut self) {
        match self.random.random_range(0..100) {
            0..50 => self.happens().await,
            50..70 => self.regrant().await,
            70..85 => self.connect(),
            85..92 => self.log_out().await,
            92..93 => self.kept.restart().await,
            93..95 => self.kill().await,
            95..97 => {
                let person = self.somebody();
                let position = self.tell(person);
                self.publish(position).await;
            }
            _ => self.compare().await,
        }
    }

    /// Waits until everybody has what they are due, and holds what they have against the model.
    async fn compare(&mut self) {
        let people = self.people();
        let told: BTreeMap<u128, u64> = people
            .into_iter()
            .map(|person| (person, self.tell(person)))
            .collect();
        for stream in &self.streams {
            let sentinel = told[&stream.person];
            let done = || async { stream.done(&self.model, sentinel).then_some(()) };
            eventually(SOON, done).await;
            stream.hold_against(&self.model, sentinel);
            let heard = stream.heard.lock().unwrap();
            let by = match stream.topics {
                Some(_) => &mut self.tally.by_socket,
                None => &mut self.tally.by_sse,
            };
            *by += heard.events.len();
            self.tally.to_program += heard.stood[PROGRAM];
        }
        self.streams.retain(|stream| stream.ended.is_none());
    }
}

pub(super) async fn live(kept: &mut Kept, seed: u64) -> Tally {
    let mut life = Life {
        kept,
        random: StdRng::seed_from_u64(seed),
        base: u128::from(seed + 1) * 1_000,
        model: Model::default(),
        streams: vec![],
        logins: BTreeMap::new(),
        next_login: 0,
        held: vec![],
        tally: Tally::default(),
    };
    for person in life.people() {
        life.model
            .rights
            .insert(person, vec![(0, some_grants(&mut life.random, life.base))]);
    }
    for _ in 0..STEPS {
        life.step().await;
    }
    life.compare().await;
    life.tally
}
