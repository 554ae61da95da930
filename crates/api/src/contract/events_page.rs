//! `docs/events.md`: what a reader of events has to know, from the types, names, numbers and samples
//! of the code.

use std::fmt::Write;

use super::message::Message;
use crate::socket::{close, names};

const INTRODUCTION: &str = "# Events

This page is generated from `crates/api`: `make proto`. The same in machine-readable form is `proto/asyncapi.json`.

Everything that changes is an event with a place in one log. `GET /api/v1/events` is a stream of all events you may see
(Server-Sent Events); `/ws` is a WebSocket on which you subscribe to what a page needs. Both give each event once and in
order, and resume where they were.

**Cursor.** `<incarnation>-<position>`. Every list and every object you `GET` with a login carries one as `Labyard-Position`; so list, then follow
from there, and nothing lies between. A stream takes it as `Last-Event-ID` or `?since=`, a subscription as `since`. When what
follows a cursor is no longer kept, you get one `reset` with a fresh cursor: list again.

**Credentials.** The session cookie (same origin), `Authorization: Bearer`, or `?token=` with a stream token of
`POST /api/v1/auth/stream-token`. They are checked before a stream opens: 401, 403 or 429 are ordinary HTTP answers. When
rights change, what comes after the change follows the new ones, in the log's own order. An API token of one organization, and a
stream token made with it, show what happens in that organization and nothing else.

**Limits.** 20 streams a person, 10,000 a replica; 64 subscriptions a WebSocket; a message up to 4 KiB; 20 messages a second
after a burst of 100. A reader that is too slow is closed with 4001 and misses nothing when it comes back.

## The event stream

`event: ready` comes first, with the cursor where the stream begins. Events are unnamed frames whose `id:` is their cursor.
`?type=cluster.*,task.changed` narrows the types. A comment every 15 s keeps the stream alive; an `id:` alone beside it moves
the place you resume at. The last words of a stream that the server ends are the comment `: end <number> <reason>`.

A browser's own `EventSource` comes back by itself with `Last-Event-ID` when a connection breaks, and gives up for good at an
answer that is not 200: 401 when its login or its stream token is over, 503 while nothing answers. Make a new one then, with
`?since=` and the last `id:`. An EventSource polyfill that sends the last `id:` as `?lastEventId=` is understood too; the header wins
over it, and it over `?since=`. A stream that is open stays open when the token it was opened with runs out, until its login ends.

## The WebSocket

Every message is `{\"type\": \u{2026}, \"data\": \u{2026}}`. You send `heartbeat`, `subscribe:<topic>`, `unsubscribe:<topic>`,
`presence:enter` and `presence:leave`; a topic is `organization`, `workspace`, `cluster` or `task`. An event that several
subscriptions want comes once. A subscription to what does not exist, or not for you, is `not_found` for an organization and
silence for the rest. An unknown type is answered with `error`, and the connection stays. The server pings with each
heartbeat and gives up after 60 s without an answer.

`presence:enter` says that you are in a workspace or at a cluster, and on which page; whoever is there gets `presence` with
everybody on each change. The server takes you out when the connection ends or when you may not be there any more.

";

/// The messages shown with their samples, in order.
const SHOWN: [&str; 13] = [
    "connected",
    "heartbeat",
    "to_server",
    "subscribe",
    "subscribed",
    "unsubscribe",
    "unsubscribed",
    "event_message",
    "health_message",
    "whereabouts",
    "presence",
    "socket_reset",
    "socket_error",
];

pub(super) fn page(messages: &[Message]) -> String {
    let mut page = INTRODUCTION.to_owned();
    page.push_str("## Types of events\n\n| Event | Message on the WebSocket |\n|---|---|\n");
    for (event, name) in names() {
        let _ = writeln!(page, "| `{event}` | `{name}` |");
    }
    page.push_str(
        "\nAn event that tells of a cluster's health is followed by `vcluster:health`. `share.changed`, \
         `webhook.changed` and `host.changed` say that\na list is to be read again, to whoever may read it; \
         `data` names what it is about. No timeline and no webhook holds them.\n",
    );
    page.push_str("\n## Close codes\n\n| Number | Reason | Come back? | |\n|---|---|---|---|\n");
    for (number, reason, meaning) in close::ALL {
        let back = match number {
            number if close::resumes(number) => "yes, with the last cursor",
            4100..4200 => "after a login",
            _ => "not without a change",
        };
        let _ = writeln!(page, "| {number} | `{reason}` | {back} | {meaning} |");
    }
    page.push_str("\n## Messages\n");
    for name in SHOWN {
        if let Some(message) = messages.iter().find(|message| message.name == name) {
            let path = message.schema_path();
            let _ = write!(
                page,
                "\n`{name}` ([schema](../proto/{}))\n\n```json\n{:#}\n```\n",
                path.display(),
                message.sample
            );
        }
    }
    page
}
