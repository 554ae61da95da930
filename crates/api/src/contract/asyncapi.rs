//! AsyncAPI 3 for what is not request and response over HTTP: the event stream and the bus. It
//! only arranges; every message's form is in `proto/schemas`.

use serde_json::{Map, Value, json};

use super::message::{Message, VERSION};

/// A place messages go through.
struct Channel {
    name: &'static str,
    address: &'static str,
    server: &'static str,
    description: &'static str,
    messages: &'static [&'static str],
    /// The message it is answered with, inside an `answer`.
    reply: Option<&'static str>,
}

const fn bus(
    name: &'static str,
    address: &'static str,
    messages: &'static [&'static str],
    description: &'static str,
) -> Channel {
    Channel {
        name,
        address,
        server: "bus",
        description,
        messages,
        reply: None,
    }
}

const fn call(
    name: &'static str,
    address: &'static str,
    messages: &'static [&'static str],
    reply: &'static str,
    description: &'static str,
) -> Channel {
    Channel {
        reply: Some(reply),
        ..bus(name, address, messages, description)
    }
}

const CHANNELS: [Channel; 18] = [
    Channel {
        name: "events",
        address: "/api/v1/events",
        server: "edge",
        description: "Server-Sent Events. `event: ready` with `id:` first; events are unnamed frames with `id: <cursor>`; `event: reset` when what came between is not to be had: list again. A comment every 15 s keeps the stream alive; an `id:` beside it alone moves the place a client resumes at.",
        messages: &["ready", "event", "reset"],
        reply: None,
    },
    Channel {
        name: "websocket",
        address: "/ws",
        server: "edge",
        description: "The same events over a WebSocket, by subscription: JSON `{\"type\", \"data\"}`. The server says `connected` first and `heartbeat` regularly; what it does not know it answers with `error`. Close codes 4000-4099 mean: come back with the last cursor; 4100-4199: log in again; 4200-4299: not without a change.",
        messages: &[
            "connected",
            "heartbeat",
            "subscribed",
            "unsubscribed",
            "event_message",
            "health_message",
            "presence",
            "socket_reset",
            "socket_error",
        ],
        reply: None,
    },
    Channel {
        name: "websocket_client",
        address: "/ws",
        server: "edge",
        description: "What a client says: `heartbeat`, `subscribe:<topic>`, `unsubscribe:<topic>`, `presence:enter`, `presence:leave`. A topic is organization, workspace, cluster or task.",
        messages: &["to_server", "subscribe", "unsubscribe", "whereabouts"],
        reply: None,
    },
    bus(
        "presence",
        "presence.{organization}",
        &["presence_update"],
        "Who one replica holds in one workspace or at one cluster, on change and every 5 s.",
    ),
    bus(
        "log",
        "event.{organization}.{noun}.{verb}",
        &["published"],
        "Every event of the log, with headers `position` and `incarnation`. May be lost, doubled or reordered; `organization` is `none` for events of no organization.",
    ),
    bus(
        "log_head",
        "log.head",
        &["log_head"],
        "Where the log ends, every second.",
    ),
    call(
        "admit",
        "gateway.events.admit",
        &["admit_request"],
        "admit_reply",
        "Who is this, and what may they see?",
    ),
    call(
        "read_log",
        "gateway.events.log",
        &["log_request"],
        "log_reply",
        "The events after a position, as many as fit, in order.",
    ),
    call(
        "acquire",
        "gateway.host.{host}.acquire",
        &["acquire_request"],
        "acquire_reply",
        "Work for a worker with free slots.",
    ),
    call(
        "renew",
        "gateway.host.{host}.renew",
        &["renew_request"],
        "renew_reply",
        "A worker holds on to what it has, every 10 s.",
    ),
    call(
        "report",
        "gateway.host.{host}.report",
        &["report_request"],
        "verdict",
        "What a worker did and saw.",
    ),
    call(
        "inventory",
        "gateway.host.{host}.inventory",
        &["inventory_request"],
        "inventory_reply",
        "Everything on a host that bears our label, every 10 s and on change.",
    ),
    bus(
        "work",
        "work.{driver}",
        &["doorbell"],
        "There may be work. Without content; may be lost.",
    ),
    bus(
        "host_work",
        "host.{host}.work",
        &["doorbell"],
        "There may be work for this host. Without content; may be lost.",
    ),
    call(
        "open",
        "host.{host}.open",
        &["open_request"],
        "open_reply",
        "Open one stream into a cluster, with a capability.",
    ),
    bus(
        "stream_up",
        "stream.{host}.{id}.up",
        &["control", "chunk"],
        "Bytes towards the cluster with header `offset`, and control messages with header `control`.",
    ),
    bus(
        "stream_down",
        "stream.{host}.{id}.down",
        &["control", "chunk"],
        "Bytes from the cluster with header `offset`, and control messages with header `control`.",
    ),
    bus(
        "faults",
        "_INBOX_{user}.{id}",
        &["answer"],
        "Every request's answer: `ok` with its reply, or `fault`.",
    ),
];

/// What has no JSON form.
const BYTES: [(&str, &str); 2] = [
    ("doorbell", "An empty message."),
    ("chunk", "Bytes as they are."),
];

/// Parts of an address that vary.
const PARAMETERS: [(&str, &str); 7] = [
    ("organization", "`org_…`, or `none`"),
    ("noun", "`cluster`, `task`, `access` …"),
    ("verb", "What happened, in the past: `created`, `changed` …"),
    ("host", "A lab host; only its own services may use it"),
    ("driver", "`docker`, `kubernetes`"),
    ("id", "Chosen by who opens it"),
    ("user", "The asker's NATS user"),
];

pub(super) fn document(messages: &[Message]) -> Value {
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "labyard",
            "version": VERSION,
            "description": "What labyard says without being asked: the event stream for people and programs outside, and the bus between its own services. Nobody outside speaks the bus.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "edge": { "host": "localhost:3000", "protocol": "http", "description": "The one door." },
            "bus": { "host": "127.0.0.1:4222", "protocol": "nats", "description": "Core NATS, inside only." },
        },
        "channels": channels(),
        "operations": operations(),
        "components": { "messages": components(messages) },
    })
}

fn channels() -> Value {
    let mut channels = Map::new();
    for channel in &CHANNELS {
        channels.insert(
            channel.name.into(),
            json!({
                "address": channel.address,
                "description": channel.description,
                "servers": [{ "$ref": format!("#/servers/{}", channel.server) }],
                "parameters": parameters(channel.address),
                "messages": references(channel.messages),
            }),
        );
        if let Some(reply) = channel.reply {
            let description = format!("The reply to `{}`, as `ok` of an `answer`.", channel.name);
            channels.insert(
                reply_channel(channel),
                json!({ "address": null, "description": description, "messages": references(&[reply]) }),
            );
        }
    }
    channels.into()
}

fn operations() -> Value {
    let operations = CHANNELS.iter().map(|channel| {
        let mut operation = json!({
            "action": "send",
            "channel": { "$ref": format!("#/channels/{}", channel.name) },
            "messages": channel_messages(channel.name, channel.messages),
        });
        if let Some(reply) = channel.reply {
            let name = reply_channel(channel);
            operation["reply"] = json!({
                "channel": { "$ref": format!("#/channels/{name}") },
                "messages": channel_messages(&name, &[reply]),
            });
        }
        (format!("send_{}", channel.name), operation)
    });
    operations.collect::<Map<_, _>>().into()
}

fn components(messages: &[Message]) -> Value {
    let used = |name: &str| {
        CHANNELS
            .iter()
            .any(|channel| channel.messages.contains(&name) || channel.reply == Some(name))
    };
    let json = messages.iter().filter(|message| used(message.name));
    let json = json.map(|message| {
        let path = format!("./{}", message.schema_path().display());
        (
            message.name.to_owned(),
            json!({
                "name": message.name,
                "payload": {
                    "schemaFormat": "application/schema+json;version=draft-2020-12",
                    "schema": { "$ref": path },
                },
                "examples": [{ "payload": message.sample }],
            }),
        )
    });
    let bytes = BYTES.map(|(name, summary)| {
        let message =
            json!({ "name": name, "summary": summary, "contentType": "application/octet-stream" });
        (name.to_owned(), message)
    });
    json.chain(bytes).collect::<Map<_, _>>().into()
}

fn reply_channel(channel: &Channel) -> String {
    format!("{}_reply", channel.name)
}

fn references(names: &[&str]) -> Value {
    let references = names.iter().map(|name| {
        let target = format!("#/components/messages/{name}");
        ((*name).to_owned(), json!({ "$ref": target }))
    });
    references.collect::<Map<_, _>>().into()
}

fn channel_messages(channel: &str, names: &[&str]) -> Value {
    let references = names.iter().map(|name| {
        let target = format!("#/channels/{channel}/messages/{name}");
        json!({ "$ref": target })
    });
    references.collect()
}

fn parameters(address: &str) -> Value {
    let used = PARAMETERS
        .iter()
        .filter(|(name, _)| address.contains(&format!("{{{name}}}")));
    used.map(|(name, description)| ((*name).to_owned(), json!({ "description": description })))
        .collect::<Map<_, _>>()
        .into()
}
