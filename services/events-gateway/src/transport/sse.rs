//! Server-Sent Events: `GET /api/v1/events`. Opening a stream, and its body as the hub feeds it.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    http::header,
    web,
};
use api::event::{Event, Ready, Reset, ResetReason};
use bytes::Bytes;
use domain::{Code, Cursor, Reason};
use futures_util::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, timeout_at};

use crate::{
    admit::{self, Admission},
    answer,
    archive::{Archive, Missing, Page},
    credential::{self, Origins, Query},
    hub::{End, Hub, Next, Refused, Start, Subscription},
};

/// Milliseconds a browser waits before it comes back.
const RETRY_MILLIS: u64 = 2_000;
/// The same for a crowd that is sent away at once: each waits its own time of these.
const RETRY_SPREAD_MILLIS: std::ops::Range<u64> = 500..5_000;
/// How long a stream waits to be opened while this replica finds its place in the log.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);
const OPEN_AGAIN: Duration = Duration::from_millis(100);

/// What opening a stream needs.
pub(crate) struct State {
    pub hub: Arc<Hub>,
    pub admission: Admission,
    pub archive: Arc<Archive>,
    pub origins: Origins,
}

/// An event as every stream is sent it. JSON has no line breaks, so one `data:` line is enough.
pub(crate) fn frame(cursor: Cursor, event: &Event) -> Bytes {
    named(None, cursor, event)
}

fn named<T: serde::Serialize>(name: Option<&str>, cursor: Cursor, data: &T) -> Bytes {
    use std::io::Write;
    let mut text = Vec::with_capacity(512);
    let name = name.map_or_else(String::new, |name| format!("event: {name}\n"));
    let written = write!(text, "{name}id: {cursor}\ndata: ")
        .map_err(serde_json::Error::io)
        .and_then(|()| serde_json::to_writer(&mut text, data));
    if let Err(error) = written {
        tracing::error!(%error, %cursor, "an event cannot be written");
        return Bytes::new();
    }
    text.extend_from_slice(b"\n\n");
    text.into()
}

/// `GET /api/v1/events`
pub(crate) async fn open(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    match admit(&request, &state).await {
        Ok(subscription) => HttpResponse::Ok()
            .content_type("text/event-stream")
            .insert_header((header::CACHE_CONTROL, "no-cache, no-transform"))
            .insert_header(("X-Accel-Buffering", "no"))
            .body(Body::new(subscription, state.archive.clone())),
        Err(reason) => answer::problem(reason),
    }
}

async fn admit(request: &HttpRequest, state: &State) -> Result<Subscription, Reason> {
    state.hub.full().map_err(answer::refusal)?;
    let mut query = web::Query::<Query>::from_query(request.query_string())
        .map_err(|error| Reason::new(Code::Malformed, format!("The query: {error}.")))?
        .into_inner();
    let credential = credential::of(request, &mut query, &state.origins)?;
    let start = start(request, &query);
    let deadline = Instant::now() + OPEN_TIMEOUT;
    let mut followed = state.hub.incarnation();
    let known = timeout_at(deadline, followed.wait_for(Option::is_some)).await;
    if !matches!(known, Ok(Ok(_))) {
        return Err(admit::unavailable("The log cannot be read yet."));
    }
    loop {
        let admitted = state.admission.ask(&credential).await?;
        match state.hub.join(admitted, start) {
            Ok(subscription) => return Ok(subscription),
            Err(Refused::Elsewhere) if Instant::now() + OPEN_AGAIN < deadline => {
                tokio::time::sleep(OPEN_AGAIN).await;
            }
            Err(refused) => return Err(answer::refusal(refused)),
        }
    }
}

/// `Last-Event-ID` wins over `?since=`: a browser that comes back sends both.
fn start(request: &HttpRequest, query: &Query) -> Start {
    let header = request
        .headers()
        .get("last-event-id")
        .filter(|id| !id.is_empty())
        .map(|id| id.to_str().unwrap_or_default());
    match header.or(query.since.as_deref()) {
        None => Start::Now,
        Some(text) => text.parse().map_or(Start::Unreadable, Start::Since),
    }
}

type Fetch = BoxFuture<'static, Result<Arc<Page>, Missing>>;

/// An open stream. Dropped with its connection, and with it everything it holds.
struct Body {
    subscription: Subscription,
    archive: Arc<Archive>,
    fetching: Option<Fetch>,
    opened: bool,
    done: bool,
}

impl Body {
    fn new(subscription: Subscription, archive: Arc<Archive>) -> Self {
        Self {
            subscription,
            archive,
            fetching: None,
            opened: false,
            done: false,
        }
    }

    fn opening(&self) -> Bytes {
        let cursor = self.subscription.cursor();
        let ready = named(Some("ready"), cursor, &Ready { cursor });
        let mut text = format!("retry: {RETRY_MILLIS}\n").into_bytes();
        text.extend_from_slice(&ready);
        text.into()
    }

    /// Turns what the hub says into bytes; `None` when it needs another look.
    fn say(&mut self, next: Next) -> Option<Bytes> {
        match next {
            Next::Frames(frames) => Some(frames),
            Next::Ping(None) => Some(Bytes::from_static(b": keep-alive\n\n")),
            // An `id:` alone is no event, but where a browser comes back to.
            Next::Ping(Some(cursor)) => Some(format!(": keep-alive\nid: {cursor}\n\n").into()),
            Next::Reset(reason, cursor) => {
                let reason = reset_reason(reason);
                Some(named(Some("reset"), cursor, &Reset { reason }))
            }
            Next::Older(cursor) => {
                let archive = self.archive.clone();
                self.fetching = Some(async move { archive.page(cursor).await }.boxed());
                None
            }
            Next::End(end) => {
                self.done = true;
                Some(farewell(end))
            }
        }
    }

    fn fetched(&mut self, page: Result<Arc<Page>, Missing>) -> Option<Bytes> {
        match page {
            Ok(page) if page.last() > self.subscription.cursor().position => {
                self.subscription.take(page.entries(), page.last())
            }
            Err(Missing::Reset(reason)) => {
                let next = self.subscription.give_up(reason);
                self.say(next)
            }
            Ok(_) => Some(self.leave("the log has nothing after the cursor")),
            Err(Missing::Call(error)) => Some(self.leave(&error.to_string())),
        }
    }

    /// Nothing is lost: the client comes back to where it is.
    fn leave(&mut self, why: &str) -> Bytes {
        tracing::warn!(why, cursor = %self.subscription.cursor(), "a stream cannot be caught up now");
        self.done = true;
        farewell(End::Admission)
    }
}

impl MessageBody for Body {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        let body = self.get_mut();
        if !body.opened {
            body.opened = true;
            return Poll::Ready(Some(Ok(body.opening())));
        }
        while !body.done {
            let said = if let Some(fetch) = &mut body.fetching {
                if let Some(next) = body.subscription.poll_end(context) {
                    body.fetching = None;
                    body.say(next)
                } else {
                    let page = std::task::ready!(fetch.poll_unpin(context));
                    body.fetching = None;
                    body.fetched(page)
                }
            } else {
                let next = std::task::ready!(body.subscription.poll_next(context));
                body.say(next)
            };
            if let Some(bytes) = said.filter(|bytes| !bytes.is_empty()) {
                return Poll::Ready(Some(Ok(bytes)));
            }
        }
        Poll::Ready(None)
    }
}

/// The last words of a stream that this side ends.
fn farewell(end: End) -> Bytes {
    match end {
        // The next attempt is told what is wrong.
        End::Session | End::Expired => Bytes::new(),
        End::Admission | End::Drain => {
            let retry = rand::random_range(RETRY_SPREAD_MILLIS);
            format!("retry: {retry}\n\n").into()
        }
    }
}

const fn reset_reason(reason: feed::Reset) -> ResetReason {
    match reason {
        feed::Reset::TooOld => ResetReason::TooOld,
        feed::Reset::OtherIncarnation => ResetReason::OtherIncarnation,
        feed::Reset::Unreadable => ResetReason::Unreadable,
    }
}
