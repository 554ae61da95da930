//! What a client's messages on the WebSocket ask for, and what they are answered. Whatever is not understood is answered
//! too; the connection stays.

use std::str::FromStr;

use api::socket::{
    ERROR, HEARTBEAT, PRESENCE_ENTER, PRESENCE_LEAVE, SUBSCRIBED, SocketError, Subscribe,
    Subscribed, ToServer, UNSUBSCRIBED, Unsubscribe, Unsubscribed, Whereabouts,
};
use bytes::Bytes;
use domain::{Code, Cursor};

use super::{
    reset_reason::reset_reason,
    websocket_frame::{heartbeat, message as frame},
};
use crate::hub::{Began, Kinds, NotSubscribed, PresenceRoom, Start, TOPICS_MAX, Topic};

/// Characters of the name of a page.
const PAGE_MAX: usize = 200;

/// What can be asked for on a WebSocket, of whoever has the stream.
pub(crate) trait Requests {
    /// Gives where the subscription begins, and how.
    fn subscribe(
        &mut self,
        topic: Topic,
        kinds: Kinds,
        start: Start,
    ) -> Result<(Cursor, Began), NotSubscribed>;
    fn unsubscribe(&mut self, topic: Topic);
    /// Where the stream is; `None` if it has gone.
    fn heartbeat(&mut self) -> Option<Cursor>;
    /// False if there is no such room for this person.
    fn enter(&mut self, room: PresenceRoom, page: Option<String>) -> bool;
    fn leave(&mut self, room: PresenceRoom);
}

struct Rejected {
    code: Code,
    message: String,
}

fn rejected(code: Code, message: impl Into<String>) -> Rejected {
    let message = message.into();
    Rejected { code, message }
}

fn not_found() -> Rejected {
    rejected(Code::NotFound, "Not found, or you don't have access.")
}

/// What a message is answered; empty if nothing is to be said.
pub(crate) fn answer(text: &[u8], requests: &mut impl Requests) -> Bytes {
    let message = match serde_json::from_slice::<ToServer>(text) {
        Ok(message) => message,
        Err(error) => {
            let why = format!("Not a message: {error}. Send {{\"type\": …, \"data\": …}}.");
            return reject(rejected(Code::Malformed, why), None);
        }
    };
    let kind = message.kind.as_str();
    let answer = match kind.split_once(':') {
        Some(("subscribe", topic)) => subscribe(requests, topic, &message),
        Some(("unsubscribe", topic)) => unsubscribe(requests, topic, &message),
        _ if kind == HEARTBEAT => Ok(requests.heartbeat().map(heartbeat).unwrap_or_default()),
        _ if kind == PRESENCE_ENTER => enter(requests, &message),
        _ if kind == PRESENCE_LEAVE => leave(requests, &message),
        _ => Err(rejected(Code::Malformed, "No such message type.")),
    };
    answer.unwrap_or_else(|rejected| reject(rejected, Some(kind)))
}

fn reject(rejected: Rejected, about: Option<&str>) -> Bytes {
    let error = SocketError {
        code: rejected.code,
        message: rejected.message,
        about: about.map(|kind| kind.chars().take(64).collect()),
    };
    frame(ERROR, error)
}

fn data<T: serde::de::DeserializeOwned>(message: &ToServer) -> Result<T, Rejected> {
    let data = message.data.clone().unwrap_or_default();
    serde_json::from_value(data)
        .map_err(|error| rejected(Code::Malformed, format!("`data`: {error}.")))
}

fn topic(word: &str, id: &str) -> Result<Topic, Rejected> {
    fn read<T: FromStr>(id: &str) -> Result<T, Rejected> {
        // A wrong shape is no other answer than a thing that is not there.
        id.parse().map_err(|_| not_found())
    }
    Ok(match word {
        "organization" => Topic::Organization(read(id)?),
        "workspace" => Topic::Workspace(read(id)?),
        "cluster" => Topic::Cluster(read(id)?),
        "task" => Topic::Task(read(id)?),
        _ => {
            let topics = "Topics are organization, workspace, cluster and task.";
            return Err(rejected(Code::Malformed, topics));
        }
    })
}

fn subscribe(
    requests: &mut impl Requests,
    word: &str,
    message: &ToServer,
) -> Result<Bytes, Rejected> {
    let asked: Subscribe = data(message)?;
    let topic = topic(word, &asked.id)?;
    let kinds = Kinds::named(asked.types.iter().map(String::as_str))
        .map_err(|name| rejected(Code::Invalid, format!("No such event type {name:?}.")))?;
    let start = Start::read(asked.since.as_deref());
    let subscribed = requests.subscribe(topic, kinds, start);
    let (cursor, began) = subscribed.map_err(|why| match why {
        NotSubscribed::NotFound => not_found(),
        NotSubscribed::TooMany => rejected(
            Code::QuotaExceeded,
            format!("{TOPICS_MAX} subscriptions are as many as one connection may have."),
        ),
        NotSubscribed::Ending => rejected(Code::Unavailable, "This connection is closing."),
    })?;
    let subscribed = Subscribed {
        topic: word.to_owned(),
        id: asked.id,
        cursor,
        reset: match began {
            Began::Reset(reset) => Some(reset_reason(reset)),
            _ => None,
        },
    };
    Ok(frame(SUBSCRIBED, subscribed))
}

fn unsubscribe(
    requests: &mut impl Requests,
    word: &str,
    message: &ToServer,
) -> Result<Bytes, Rejected> {
    let asked: Unsubscribe = data(message)?;
    requests.unsubscribe(topic(word, &asked.id)?);
    let unsubscribed = Unsubscribed {
        topic: word.to_owned(),
        id: asked.id,
    };
    Ok(frame(UNSUBSCRIBED, unsubscribed))
}

fn enter(requests: &mut impl Requests, message: &ToServer) -> Result<Bytes, Rejected> {
    let asked: Whereabouts = data(message)?;
    let room = room(&asked)?;
    let page = asked.page.map(|page| page.chars().take(PAGE_MAX).collect());
    if requests.enter(room, page) {
        Ok(Bytes::new())
    } else {
        Err(not_found())
    }
}

fn leave(requests: &mut impl Requests, message: &ToServer) -> Result<Bytes, Rejected> {
    requests.leave(room(&data(message)?)?);
    Ok(Bytes::new())
}

fn room(asked: &Whereabouts) -> Result<PresenceRoom, Rejected> {
    let topic = match (asked.workspace_id, asked.cluster_id) {
        (Some(workspace), None) => Topic::Workspace(workspace),
        (None, Some(cluster)) => Topic::Cluster(cluster),
        _ => {
            let one = "Give either workspace_id or cluster_id.";
            return Err(rejected(Code::Invalid, one));
        }
    };
    Ok(PresenceRoom {
        organization: asked.organization_id,
        topic,
    })
}
