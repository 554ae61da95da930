//! Somebody's stream: read as a browser does, and held against the model.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use super::truth::Model;
use crate::{
    client::{Client, Frame},
    gateway::State,
};

/// What reached one stream, as its reader saw it.
#[derive(Default)]
pub(super) struct Heard {
    /// Where it began, once it stood.
    pub(super) from: Option<u64>,
    /// Positions, each with the log's head when it was read.
    pub(super) events: Vec<(u64, u64)>,
    pub(super) broken: Option<String>,
    /// Its login is no good any more.
    pub(super) over: bool,
}

/// Reads a stream as a browser does: it comes back with its last cursor until its login is refused.
pub(super) struct Reading {
    /// Where the replicas are at the moment.
    pub(super) urls: Arc<Mutex<Vec<String>>>,
    pub(super) token: String,
    pub(super) heard: Arc<Mutex<Heard>>,
    pub(super) state: Arc<Mutex<State>>,
}

impl Reading {
    pub(super) async fn run(self, first: usize) {
        let mut last_id: Option<String> = None;
        for turn in first.. {
            match self.open(turn, last_id.as_deref()).await {
                Opened::Refused => break,
                Opened::Later => tokio::task::yield_now().await,
                Opened::Stands(mut client) => {
                    let began = position(&client.last_id);
                    self.heard.lock().unwrap().from.get_or_insert(began);
                    while let Some(frame) = client.frame().await {
                        self.take(&frame);
                    }
                    last_id = Some(client.last_id);
                }
            }
        }
        self.heard.lock().unwrap().over = true;
    }

    async fn open(&self, turn: usize, last_id: Option<&str>) -> Opened {
        let url = {
            let urls = self.urls.lock().unwrap();
            urls[turn % urls.len()].clone()
        };
        let mut request = reqwest::Client::new().get(url).bearer_auth(&self.token);
        if let Some(id) = last_id {
            request = request.header("last-event-id", id);
        }
        match request.send().await {
            Ok(answer) if answer.status() == 401 => Opened::Refused,
            Ok(answer) if answer.status() == 200 => {
                let client = Client::try_read(answer).await;
                client.map_or(Opened::Later, Opened::Stands)
            }
            Ok(_) | Err(_) => Opened::Later,
        }
    }

    fn take(&self, frame: &Frame) {
        let head = self.state.lock().unwrap().head();
        let mut heard = self.heard.lock().unwrap();
        match (&frame.name, &frame.data, &frame.id) {
            (None, Some(_), Some(id)) => heard.events.push((position(id), head)),
            (_, None, _) => {}
            other => heard.broken = Some(format!("{other:?}")),
        }
    }
}

pub(super) enum Opened {
    Stands(Client),
    Later,
    Refused,
}

pub(super) fn position(cursor: &str) -> u64 {
    cursor.split_once('-').unwrap().1.parse().unwrap()
}

pub(super) struct Stream {
    pub(super) person: u128,
    pub(super) token: String,
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
    pub(super) fn done(&self, sentinel: u64) -> bool {
        let heard = self.heard.lock().unwrap();
        let there = heard.from.is_some_and(|from| from >= sentinel)
            || heard
                .events
                .iter()
                .any(|(position, _)| *position == sentinel);
        heard.over
            || heard.broken.is_some()
            || self.reader.is_finished()
            || (self.ended.is_none() && there)
    }

    pub(super) fn hold_against(&self, model: &Model, sentinel: u64) {
        let heard = self.heard.lock().unwrap();
        let person = self.person;
        assert_eq!(heard.broken, None, "{person}");
        assert_eq!(heard.over, self.ended.is_some(), "{person} {}", self.token);
        assert!(
            heard.events.is_sorted_by(|(one, _), (next, _)| one < next),
            "{person} {:?}",
            heard.events
        );
        for (position, head) in &heard.events {
            assert!(
                model.may_see(person, *position, *head),
                "{person} saw {position} at {head}"
            );
            let ended = self.ended.is_some_and(|ended| *position > ended);
            assert!(!ended, "{person} saw {position} after the login's end");
        }
        let (Some(from), None) = (heard.from, self.ended) else {
            return;
        };
        if from >= sentinel {
            return;
        }
        let got: BTreeSet<u64> = heard.events.iter().map(|(position, _)| *position).collect();
        for position in model
            .lines
            .range(from + 1..=sentinel)
            .map(|(position, _)| *position)
        {
            let missing = model.due(person, position) && !got.contains(&position);
            assert!(
                !missing,
                "{person} missed {position} of {from}..={sentinel}"
            );
        }
    }
}
