//! Opening a stream: everything is checked while the connection still belongs to the HTTP server;
//! only then is its socket handed to a stream thread.

use std::{
    any::Any,
    convert::Infallible,
    net::TcpStream,
    os::fd::AsFd,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use actix_http::ws::{self, HandshakeError};
use actix_web::{
    HttpRequest, HttpResponse,
    body::{BodySize, MessageBody},
    dev::Extensions,
    web,
};
use bytes::Bytes;
use domain::{Code, Reason};
use service::{Origins, RequestId, answer::head_alone};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use crate::{
    admit::{self, Admission},
    answer,
    credential::{self, Query},
    fan_out::FanOut,
    hub::{Kinds, Refused, Start, Subscriptions, Wants},
    inbox::{Command, Handover, Placed},
    stream_limits::{Full, StreamLimits},
    transport::{Transport, sse_frame, websocket_frame},
};

/// How long a stream waits to be opened while this replica finds its place in the log, and how often it tries.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);
const OPEN_AGAIN: Duration = Duration::from_millis(100);

/// What opening a stream needs.
pub(crate) struct State {
    pub fan_out: Arc<FanOut>,
    pub limits: Arc<StreamLimits>,
    pub admission: Admission,
    pub origins: Origins,
}

/// A second hand on a connection's socket, for when it becomes a stream.
struct Socket(Mutex<Option<TcpStream>>);

/// Called for each connection: keeps a way to its socket.
pub(crate) fn remember_socket(connection: &dyn Any, data: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<actix_web::rt::net::TcpStream>() else {
        return;
    };
    match stream.as_fd().try_clone_to_owned() {
        Ok(socket) => {
            data.insert(Socket(Mutex::new(Some(socket.into()))));
        }
        Err(error) => tracing::warn!(%error, "a connection cannot become a stream"),
    }
}

/// `GET /api/v1/events`
pub(crate) async fn sse(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    if head_alone(&request) {
        return match may_open(&request, &state).await {
            Ok(()) => HttpResponse::Ok().content_type(sse_frame::CONTENT).finish(),
            Err(reason) => answer::problem(reason),
        };
    }
    match event_stream(&request, &state).await {
        Ok(placed) => HttpResponse::Ok().body(HandedOver { _placed: placed }),
        Err(reason) => answer::problem(reason),
    }
}

/// `GET /ws`
pub(crate) async fn websocket(request: HttpRequest, state: web::Data<State>) -> HttpResponse {
    let handshake = match head_alone(&request) {
        true => Err(HandshakeError::GetMethodRequired),
        false => ws::verify_handshake(request.head()),
    };
    if let Err(error) = handshake {
        return no_handshake(&error);
    }
    match socket_stream(&request, &state).await {
        Ok(placed) => HttpResponse::Ok().body(HandedOver { _placed: placed }),
        Err(reason) => answer::problem(reason),
    }
}

fn no_handshake(error: &HandshakeError) -> HttpResponse {
    let reason = Reason::with_fix(
        Code::Malformed,
        format!("Not a WebSocket handshake: {error}."),
        "Use a WebSocket client, version 13.",
    );
    answer::problem(reason)
}

/// Whether who asks for the head of a stream might open it.
async fn may_open(request: &HttpRequest, state: &State) -> Result<(), Reason> {
    let mut query = query(request)?;
    let credential = credential::of(request, &mut query, &state.origins)?;
    state.admission.admit(&credential).await.map(drop)
}

/// `Last-Event-ID` wins over `?lastEventId=` and that over `?since=`: who comes back sends what they had at first too.
fn resume_from<'a>(request: &'a HttpRequest, query: &'a Query) -> Option<&'a str> {
    let header = request.headers().get("last-event-id");
    let header = header.map(|id| id.to_str().unwrap_or("unreadable"));
    let all = [header, query.last_event_id.as_deref()];
    let later = all.into_iter().flatten().find(|id| !id.is_empty());
    later.or(query.since.as_deref())
}

async fn event_stream(request: &HttpRequest, state: &State) -> Result<Placed, Reason> {
    let query = query(request)?;
    let start = Start::read(resume_from(request, &query));
    let types = query.types.clone().unwrap_or_default();
    let names = types.split(',').filter(|name| !name.is_empty());
    let kinds = Kinds::named(names).map_err(|name| {
        Reason::new(
            Code::Malformed,
            format!("Query: no such event type {name:?}."),
        )
    })?;
    let wants = || Wants::Everything(kinds);
    let head = sse_frame::head(&RequestId::of(request));
    open(request, state, query, Transport::Sse, start, wants, head).await
}

async fn socket_stream(request: &HttpRequest, state: &State) -> Result<Placed, Reason> {
    let key = request.headers().get("sec-websocket-key");
    let accept = ws::hash_key(key.map_or(&[], |key| key.as_bytes()));
    let head = websocket_frame::head(&RequestId::of(request), &accept);
    let query = query(request)?;
    let wants = || Wants::Topics(Subscriptions::default());
    let (transport, start) = (Transport::WebSocket, Start::Now);
    open(request, state, query, transport, start, wants, head).await
}

fn query(request: &HttpRequest) -> Result<Query, Reason> {
    web::Query::<Query>::from_query(request.query_string())
        .map(web::Query::into_inner)
        .map_err(|error| Reason::new(Code::Malformed, format!("Query: {error}.")))
}

async fn open(
    request: &HttpRequest,
    state: &State,
    mut query: Query,
    transport: Transport,
    start: Start,
    wants: impl Fn() -> Wants,
    head: Bytes,
) -> Result<Placed, Reason> {
    state.limits.check().map_err(answer::full)?;
    let credential = credential::of(request, &mut query, &state.origins)?;
    let deadline = Instant::now() + OPEN_TIMEOUT;
    let mut followed = state.fan_out.incarnation();
    let known = timeout_at(deadline, followed.wait_for(Option::is_some)).await;
    if !matches!(known, Ok(Ok(_))) {
        return Err(admit::unavailable("This replica can't read the log yet."));
    }
    loop {
        let admitted = state.admission.admit(&credential).await?;
        let permit = state.limits.acquire(admitted.user_id, transport);
        let permit = permit.map_err(answer::full)?;
        let socket = socket(request)?;
        let thread = state.fan_out.thread_of(admitted.user_id);
        let (placed, answer) = oneshot::channel();
        thread.push(Command::Open(Box::new(Handover {
            admitted,
            transport,
            wants: wants(),
            start,
            socket,
            head: head.clone(),
            permit,
            placed,
        })));
        match answer.await {
            Ok(Ok(placed)) => return Ok(placed),
            Ok(Err(Refused::Elsewhere)) if Instant::now() + OPEN_AGAIN < deadline => {
                tokio::time::sleep(OPEN_AGAIN).await;
            }
            Ok(Err(refused)) => return Err(answer::refused(refused)),
            Err(_) => return Err(answer::full(Full::Draining)),
        }
    }
}

fn socket(request: &HttpRequest) -> Result<TcpStream, Reason> {
    let held = request.conn_data::<Socket>().and_then(|socket| {
        let socket = socket.0.lock().unwrap_or_else(PoisonError::into_inner);
        socket.as_ref().and_then(|socket| socket.try_clone().ok())
    });
    held.ok_or_else(|| admit::unavailable("This connection can't become a stream."))
}

/// The answer whose connection belongs to a stream thread already. A body shorter than announced makes the
/// server let go of the connection before it has written a byte or shut anything; dropping what is
/// in here then tells the thread that the socket is its own.
struct HandedOver {
    _placed: Placed,
}

impl MessageBody for HandedOver {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(1)
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(None)
    }
}
