//! What a client's messages on the WebSocket mean, and what they are answered. Whatever is not
//! understood is answered too; the connection stays.

use std::str::FromStr;

use api::{
    Timestamp,
    socket::{
        ERROR, HEARTBEAT, PRESENCE_ENTER, PRESENCE_LEAVE, SUBSCRIBED, SocketError, Subscribe,
        Subscribed, ToServer, UNSUBSCRIBED, Unsubscribe, Unsubscribed, Whereabouts,
    },
};
use bytes::Bytes;
use domain::Code;

use super::{
    frame::Transport,
    sse::{reset_reason, reset_word},
    websocket::{heartbeat, say},
};
use crate::{
    hub::{Began, Key, Kinds, NotSubscribed, Shard, Start, TOPICS_MAX, Topic},
    metric::Metrics,
    presence::{Act, Room},
};

/// Characters of the name of a page.
const PAGE_MAX: usize = 200;

struct No {
    code: Code,
    message: String,
}

fn no(code: Code, message: impl Into<String>) -> No {
    let message = message.into();
    No { code, message }
}

/// What a message is answered, and what it does to where its sender is.
pub(crate) fn answer(
    shard: &mut Shard,
    key: Key,
    text: &[u8],
    now: Timestamp,
    metrics: &Metrics,
) -> (Bytes, Option<Act>) {
    let message = match serde_json::from_slice::<ToServer>(text) {
        Ok(message) => message,
        Err(error) => {
            let why = format!("Not a message: {error}. Send {{\"type\": …, \"data\": …}}.");
            return (refuse(no(Code::Malformed, why), None), None);
        }
    };
    let kind = message.kind.as_str();
    let done = match kind.split_once(':') {
        Some(("subscribe", topic)) => subscribe(shard, key, topic, &message, metrics),
        Some(("unsubscribe", topic)) => unsubscribe(shard, key, topic, &message),
        _ if kind == HEARTBEAT => Ok((beat(shard, key), None)),
        _ if kind == PRESENCE_ENTER => enter(shard, key, &message, now),
        _ if kind == PRESENCE_LEAVE => leave(&message),
        _ => Err(no(Code::Malformed, "No such message type.")),
    };
    done.unwrap_or_else(|no| (refuse(no, Some(kind)), None))
}

type Done = Result<(Bytes, Option<Act>), No>;

fn refuse(no: No, about: Option<&str>) -> Bytes {
    let error = SocketError {
        code: no.code,
        message: no.message,
        about: about.map(|kind| kind.chars().take(64).collect()),
    };
    say(ERROR, error)
}

fn beat(shard: &mut Shard, key: Key) -> Bytes {
    shard.place(key);
    shard
        .client(key)
        .map_or_else(Bytes::new, |client| heartbeat(client.cursor()))
}

fn data<T: serde::de::DeserializeOwned>(message: &ToServer) -> Result<T, No> {
    let data = message.data.clone().unwrap_or_default();
    serde_json::from_value(data).map_err(|error| no(Code::Malformed, format!("`data`: {error}.")))
}

fn topic(word: &str, id: &str) -> Result<Topic, No> {
    fn read<T: FromStr>(id: &str) -> Result<T, No> {
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
            return Err(no(Code::Malformed, topics));
        }
    })
}

fn not_found() -> No {
    no(Code::NotFound, "Not found, or you don't have access.")
}

fn subscribe(
    shard: &mut Shard,
    key: Key,
    word: &str,
    message: &ToServer,
    metrics: &Metrics,
) -> Done {
    let asked: Subscribe = data(message)?;
    let topic = topic(word, &asked.id)?;
    let kinds = Kinds::named(asked.types.iter().map(String::as_str))
        .map_err(|name| no(Code::Invalid, format!("No such event type {name:?}.")))?;
    let start = Start::read(asked.since.as_deref());
    let (cursor, began) = shard
        .subscribe(key, topic, kinds, start)
        .map_err(|why| match why {
            NotSubscribed::NotFound => not_found(),
            NotSubscribed::TooMany => no(
                Code::QuotaExceeded,
                format!("{TOPICS_MAX} subscriptions are as many as one connection may have."),
            ),
            NotSubscribed::Ending => no(Code::Unavailable, "This connection is closing."),
        })?;
    metrics.began(Transport::WebSocket, began);
    if let Began::Reset(reason) = began {
        Metrics::reset(Transport::WebSocket, reset_word(reason));
    }
    let subscribed = Subscribed {
        topic: word.to_owned(),
        id: asked.id,
        cursor,
        reset: match began {
            Began::Reset(reason) => Some(reset_reason(reason)),
            _ => None,
        },
    };
    Ok((say(SUBSCRIBED, subscribed), None))
}

fn unsubscribe(shard: &mut Shard, key: Key, word: &str, message: &ToServer) -> Done {
    let asked: Unsubscribe = data(message)?;
    shard.unsubscribe(key, topic(word, &asked.id)?);
    let unsubscribed = Unsubscribed {
        topic: word.to_owned(),
        id: asked.id,
    };
    Ok((say(UNSUBSCRIBED, unsubscribed), None))
}

fn enter(shard: &Shard, key: Key, message: &ToServer, now: Timestamp) -> Done {
    let asked: Whereabouts = data(message)?;
    let room = room(&asked)?;
    let client = shard.client(key).ok_or_else(not_found)?;
    if !shard.may_enter(key, &room, now) {
        return Err(not_found());
    }
    let page = asked.page.map(|page| page.chars().take(PAGE_MAX).collect());
    let user = client.user;
    Ok((Bytes::new(), Some(Act::Enter { room, user, page })))
}

fn leave(message: &ToServer) -> Done {
    let room = room(&data(message)?)?;
    Ok((Bytes::new(), Some(Act::Leave { room })))
}

fn room(asked: &Whereabouts) -> Result<Room, No> {
    let place = match (asked.workspace_id, asked.cluster_id) {
        (Some(workspace), None) => Topic::Workspace(workspace),
        (None, Some(cluster)) => Topic::Cluster(cluster),
        _ => {
            let one = "Give either workspace_id or cluster_id.";
            return Err(no(Code::Invalid, one));
        }
    };
    Ok(Room {
        organization: asked.organization_id,
        place,
    })
}
