//! Somebody's stream: what reached it, held against the model.
//!
//! What is promised. Both transports: an event reaches nobody who might not see it at some moment since it happened, nor
//! by a login that ended before it. An event stream: what its person might see all the time comes, each once and in order,
//! wherever it is read from. A WebSocket: the same for each subscription, from the cursor of its `subscribed` on, as long
//! as whoever comes back subscribes since the place that subscription had reached; in order for each subscription and once
//! a connection. It is not promised that two subscriptions are in step (one since an earlier place makes the connection go
//! back for it), that an event does not come again on another connection when two subscriptions had reached different
//! places, nor anything of an organization while the subscription to it is refused.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{
    replica::Places,
    truth::{Model, Topic},
};
use crate::gateway::State;

/// A client that finds nobody tries again so soon.
const AGAIN: Duration = Duration::from_millis(5);

/// An event as a reader saw it.
pub(super) struct Seen {
    pub(super) position: u64,
    /// The log's head when it was read.
    pub(super) head: u64,
    /// Which of the reader's connections brought it.
    pub(super) connection: usize,
}

/// How far a subscription is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub(super) from: u64,
    /// Everything that is due up to here has come.
    pub(super) upto: u64,
    /// The last event of its own, or where it began.
    pub(super) last: u64,
    /// It stands on the connection there is.
    pub(super) held: bool,
}

/// What reached one stream, as its reader saw it.
#[derive(Default)]
pub(super) struct Heard {
    /// Where an event stream began, once it stood.
    pub(super) from: Option<u64>,
    /// A WebSocket's subscriptions that stood once.
    pub(super) reach: BTreeMap<Topic, Reach>,
    pub(super) events: Vec<Seen>,
    pub(super) broken: Option<String>,
    /// Its login is no good any more.
    pub(super) over: bool,
    /// Connections that stood, by replica.
    pub(super) stood: [usize; 2],
}

/// What a reader needs.
pub(super) struct Reading {
    pub(super) places: Places,
    pub(super) token: String,
    pub(super) heard: Arc<Mutex<Heard>>,
    pub(super) state: Arc<Mutex<State>>,
}

impl Reading {
    /// Where to try it this time.
    pub(super) fn replica(&self, turn: usize) -> Option<SocketAddr> {
        self.places.lock().unwrap()[turn % 2]
    }

    /// What a client does before it tries the other replica.
    pub(super) async fn pause(&self) {
        tokio::time::sleep(AGAIN).await;
    }

    pub(super) fn broke(&self, what: String) {
        self.heard.lock().unwrap().broken.get_or_insert(what);
    }

    /// Writes down an event that came now.
    pub(super) fn saw(&self, position: u64, connection: usize) {
        let head = self.state.lock().unwrap().head();
        self.heard.lock().unwrap().events.push(Seen {
            position,
            head,
            connection,
        });
    }
}

pub(super) enum Opened<T> {
    Stands(T),
    Later,
    Refused,
}

pub(super) fn position(cursor: &str) -> u64 {
    cursor.split_once('-').unwrap().1.parse().unwrap()
}

pub(super) struct Stream {
    pub(super) person: u128,
    pub(super) token: String,
    /// What a WebSocket subscribes to; an event stream shows everything.
    pub(super) topics: Option<Vec<Topic>>,
    /// The login it lives by ended here.
    pub(super) ended: Option<u64>,
    pub(super) heard: Arc<Mutex<Heard>>,
    pub(super) reader: tokio::task::JoinHandle<()>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Stream {
    /// Whether everything up to a place in the log has come, or nothing comes any more.
    pub(super) fn done(&self, model: &Model, sentinel: u64) -> bool {
        let heard = self.heard.lock().unwrap();
        if heard.over || heard.broken.is_some() || self.reader.is_finished() {
            return true;
        }
        if self.ended.is_some() {
            return false;
        }
        match &self.topics {
            None => {
                heard.from.is_some_and(|from| from >= sentinel)
                    || heard.events.iter().any(|seen| seen.position == sentinel)
            }
            // A subscription that is refused is asked for again until it may not be had.
            Some(topics) => topics.iter().all(|topic| match heard.reach.get(topic) {
                Some(reach) if reach.held => reach.upto >= sentinel,
                _ => !model.may_ask(self.person, *topic),
            }),
        }
    }

    pub(super) fn hold_against(&self, model: &Model, sentinel: u64) {
        let heard = self.heard.lock().unwrap();
        let person = self.person;
        assert_eq!(heard.broken, None, "{person}");
        assert_eq!(heard.over, self.ended.is_some(), "{person} {}", self.token);
        for Seen { position, head, .. } in &heard.events {
            assert!(
                model.may_see(person, *position, *head),
                "{person} saw {position} at {head}"
            );
            let ended = self.ended.is_some_and(|ended| *position > ended);
            assert!(!ended, "{person} saw {position} after the login's end");
        }
        match &self.topics {
            None => self.whole(model, &heard, sentinel),
            Some(topics) => self.parts(model, &heard, topics, sentinel),
        }
    }

    /// An event stream: each once, in order, and all that is due.
    fn whole(&self, model: &Model, heard: &Heard, sentinel: u64) {
        let positions: Vec<u64> = heard.events.iter().map(|seen| seen.position).collect();
        assert!(
            positions.is_sorted_by(|one, next| one < next),
            "{} {positions:?}",
            self.person
        );
        if let (Some(from), None) = (heard.from, self.ended) {
            let got = positions.into_iter().collect();
            self.all_due(model, &got, from, sentinel, |_| true);
        }
    }

    /// A WebSocket: each once a connection, and all that is due to a subscription. In which order they come is looked at
    /// as they come.
    fn parts(&self, model: &Model, heard: &Heard, topics: &[Topic], sentinel: u64) {
        let mut once = BTreeSet::new();
        for seen in &heard.events {
            assert!(
                once.insert((seen.connection, seen.position)),
                "{} got {} twice",
                self.person,
                seen.position
            );
            let asked = topics
                .iter()
                .any(|topic| model.holds(*topic, seen.position));
            assert!(asked, "{} never asked for {}", self.person, seen.position);
        }
        let got = heard.events.iter().map(|seen| seen.position).collect();
        for (topic, reach) in &heard.reach {
            let upto = reach.upto.min(sentinel);
            let of_it = |position| model.holds(*topic, position);
            self.all_due(model, &got, reach.from, upto, of_it);
        }
    }

    fn all_due(
        &self,
        model: &Model,
        got: &BTreeSet<u64>,
        from: u64,
        upto: u64,
        asked: impl Fn(u64) -> bool,
    ) {
        if from >= upto {
            return;
        }
        for position in model
            .lines
            .range(from + 1..=upto)
            .map(|(position, _)| *position)
        {
            let due = asked(position) && model.due(self.person, position);
            assert!(
                !due || got.contains(&position),
                "{} missed {position} of {from}..={upto}",
                self.person
            );
        }
    }
}
