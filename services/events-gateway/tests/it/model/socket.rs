//! A reader of the WebSocket: it subscribes, asks again for what it is refused, and when it comes back it subscribes since
//! the place that each subscription had reached.

use std::{
    collections::{BTreeMap, VecDeque},
    net::SocketAddr,
    time::{Duration, Instant},
};

use api::socket::{
    CONNECTED, ERROR, EVENT, HEARTBEAT, SUBSCRIBED, TASK_PROGRESS, WORKSPACE_STATUS, close,
};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::{
    stream::{Opened, Reach, Reading, position},
    truth::Topic,
};

/// It asks so often for its place and for what it does not have, if it has not said too much.
const BEAT: Duration = Duration::from_millis(50);
/// Messages at once, and a second from then on: below what a client is allowed, whatever one beat adds.
const SAYS_MAX: f64 = 80.0;
const SAYS_PER_SEC: f64 = 15.0;

/// Reads from one replica after the other.
pub(super) async fn read(reading: Reading, first: usize, topics: Vec<Topic>) {
    for turn in first.. {
        match open(&reading, turn).await {
            Opened::Refused => break,
            Opened::Later => reading.pause().await,
            Opened::Stands(socket) => {
                let mut talk = Talk::new(&reading, turn, &topics);
                if let Err(what) = talk.run(socket).await {
                    reading.broke(what);
                    return;
                }
                let mut heard = reading.heard.lock().unwrap();
                heard
                    .reach
                    .values_mut()
                    .for_each(|reach| reach.held = false);
            }
        }
    }
    reading.heard.lock().unwrap().over = true;
}

type Socket = WebSocketStream<TcpStream>;

async fn open(reading: &Reading, turn: usize) -> Opened<Socket> {
    let Some(address) = reading.replica(turn) else {
        return Opened::Later;
    };
    match shake_hands(address, &reading.token).await {
        Ok(socket) => Opened::Stands(socket),
        Err(tungstenite::Error::Http(answer)) if answer.status() == 401 => Opened::Refused,
        Err(_) => Opened::Later,
    }
}

async fn shake_hands(address: SocketAddr, token: &str) -> Result<Socket, tungstenite::Error> {
    let mut request = format!("ws://{address}/ws").into_client_request()?;
    let bearer = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let stream = TcpStream::connect(address).await?;
    Ok(client_async(request, stream).await?.0)
}

/// A subscription as this connection has it.
struct Held {
    start: u64,
    last: u64,
}

/// What is said on one connection.
struct Talk<'a> {
    reading: &'a Reading,
    turn: usize,
    topics: &'a [Topic],
    /// Asked for when the one before was answered.
    next: VecDeque<Topic>,
    /// Answers come in the order of what was asked.
    asked: VecDeque<(Topic, Option<u64>)>,
    held: BTreeMap<Topic, Held>,
    /// Refused, or left for later: asked for with the next beat.
    later: Vec<Topic>,
    /// To be sent.
    says: Vec<Value>,
    said: f64,
    began: Instant,
    incarnation: String,
}

impl<'a> Talk<'a> {
    fn new(reading: &'a Reading, turn: usize, topics: &'a [Topic]) -> Self {
        Self {
            reading,
            turn,
            topics,
            next: VecDeque::new(),
            asked: VecDeque::new(),
            held: BTreeMap::new(),
            later: vec![],
            says: vec![],
            said: 0.0,
            began: Instant::now(),
            incarnation: String::new(),
        }
    }

    /// Until the connection ends; an error is something that must not happen.
    async fn run(&mut self, mut socket: Socket) -> Result<(), String> {
        let mut ticks = tokio::time::interval(BEAT);
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => self.hear(&text)?,
                    Some(Ok(Message::Close(frame))) => {
                        let number = frame.map_or(0, |frame| frame.code.into());
                        let ended = number == close::SESSION || close::resumes(number);
                        return if ended { Ok(()) } else { Err(format!("closed with {number}")) };
                    }
                    Some(Ok(_)) => {}
                    // It was killed.
                    Some(Err(_)) | None => return Ok(()),
                },
                _ = ticks.tick() => self.beat(),
            }
            for message in std::mem::take(&mut self.says) {
                self.said += 1.0;
                if socket
                    .send(Message::text(message.to_string()))
                    .await
                    .is_err()
                {
                    return Ok(());
                }
            }
        }
    }

    fn beat(&mut self) {
        if self.said > SAYS_MAX + SAYS_PER_SEC * self.began.elapsed().as_secs_f64() {
            return;
        }
        self.says.push(json!({ "type": HEARTBEAT }));
        for topic in std::mem::take(&mut self.later) {
            self.ask(topic);
        }
    }

    fn ask(&mut self, topic: Topic) {
        // Some clients remember the place of each subscription's last event, others the last place they were told.
        let since = self.reach(topic).map(|reach| match self.turn % 4 {
            0 | 1 => reach.last,
            _ => reach.upto,
        });
        let mut data = json!({ "id": topic.id() });
        if let Some(since) = since {
            data["since"] = format!("{}-{since}", self.incarnation).into();
        }
        let kind = format!("subscribe:{}", topic.word());
        self.says.push(json!({ "type": kind, "data": data }));
        self.asked.push_back((topic, since));
    }

    fn reach(&self, topic: Topic) -> Option<Reach> {
        self.reading
            .heard
            .lock()
            .unwrap()
            .reach
            .get(&topic)
            .copied()
    }

    fn hear(&mut self, text: &str) -> Result<(), String> {
        let message: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let wrong = || text.to_owned();
        match message["type"].as_str().ok_or_else(wrong)? {
            CONNECTED => self.connected(&message["data"]),
            HEARTBEAT => self.reaches(place(&message["data"]["cursor"]).ok_or_else(wrong)?),
            SUBSCRIBED => {
                self.subscribed(&message["data"]).ok_or_else(wrong)?;
                self.ask_next();
            }
            ERROR => {
                self.refused(&message["data"]).ok_or_else(wrong)?;
                self.ask_next();
            }
            WORKSPACE_STATUS | TASK_PROGRESS | EVENT => self.event(&message).ok_or_else(wrong)?,
            _ => return Err(wrong()),
        }
        Ok(())
    }

    fn connected(&mut self, data: &Value) {
        self.reading.heard.lock().unwrap().stood[self.turn % 2] += 1;
        let cursor = data["cursor"].as_str().unwrap_or_default();
        self.incarnation = cursor.split('-').next().unwrap_or_default().to_owned();
        // Not in the same order each time: one place after the other, forwards and back.
        let (after, before) = self.topics.split_at(self.turn % self.topics.len());
        self.next = before.iter().chain(after).copied().collect();
        if self.turn % 4 == 1 {
            // Some look at a part first: the places of the rest stay behind.
            self.later = self.next.drain(..self.next.len() / 2).collect();
        }
        // Some say all of it at once, others wait for each answer.
        let at_once = if self.turn.is_multiple_of(3) {
            self.next.len()
        } else {
            1
        };
        for _ in 0..at_once {
            self.ask_next();
        }
    }

    fn ask_next(&mut self) {
        if let Some(topic) = self.next.pop_front() {
            self.ask(topic);
        }
    }

    /// Every subscription that stands has all that is due to it up to this place.
    fn reaches(&self, place: u64) {
        let mut heard = self.reading.heard.lock().unwrap();
        for topic in self.held.keys() {
            if let Some(reach) = heard.reach.get_mut(topic) {
                reach.upto = reach.upto.max(place);
            }
        }
    }

    fn subscribed(&mut self, data: &Value) -> Option<()> {
        let (topic, since) = self.asked.pop_front()?;
        let start = place(&data["cursor"])?;
        let same = data["id"] == topic.id() && data["topic"] == topic.word();
        let there = since.is_none_or(|since| since == start) && data.get("reset").is_none();
        if !same || !there {
            return None;
        }
        self.held.insert(topic, Held { start, last: start });
        let mut heard = self.reading.heard.lock().unwrap();
        let reach = heard.reach.entry(topic).or_insert(Reach {
            from: start,
            upto: start,
            last: start,
            held: true,
        });
        reach.held = true;
        Some(())
    }

    /// Only of an organization is it said that there is none; and a connection that ends takes nothing more.
    fn refused(&mut self, data: &Value) -> Option<()> {
        let (topic, _) = self.asked.pop_front()?;
        match (data["code"].as_str()?, topic) {
            ("not_found", Topic::Organization(_)) => self.later.push(topic),
            ("unavailable", _) => {}
            _ => return None,
        }
        Some(())
    }

    fn event(&mut self, message: &Value) -> Option<()> {
        let place = place(&message["cursor"])?;
        let of = |topic: &Topic| {
            let field = format!("{}_id", topic.word());
            message["data"][field] == topic.id()
        };
        let mut asked = false;
        for (topic, held) in self.held.iter_mut().filter(|(topic, _)| of(topic)) {
            asked = true;
            let mut heard = self.reading.heard.lock().unwrap();
            if let Some(reach) = heard.reach.get_mut(topic) {
                reach.last = reach.last.max(place);
            }
            if place > held.start {
                // Twice, or not in its order.
                if place <= held.last {
                    return None;
                }
                held.last = place;
            }
        }
        if !asked {
            return None;
        }
        self.reading.saw(place, self.turn);
        self.reaches(place);
        Some(())
    }
}

fn place(cursor: &Value) -> Option<u64> {
    Some(position(cursor.as_str()?))
}
