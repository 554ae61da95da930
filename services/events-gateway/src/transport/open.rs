//! Opening a stream: everything is checked while the connection still belongs to the HTTP server;
//! only then is its socket handed to a lane.

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
use service::{Origins, REQUEST_ID, RequestId, answer::head_alone};
use tokio::{
    sync::oneshot,
    time::{Instant, timeout_at},
};

use super::{frame::Transport, sse};
use crate::{
    admit::{self, Admission},
    answer,
    credential::{self, Query},
    hub::{Command, Hub, Join, Joined, Kinds, Refused, Start, Topics, Wants},
};

/// How long a stream waits to be opened while this replica finds its place in the log.
const OPEN_TIMEOUT: Duration = Duration::from_secs(3);
const OPEN_AGAIN: Duration = Duration::from_millis(100);

/// What opening a stream needs.
pub(crate) struct State {
    pub hub: Arc<Hub>,
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
            Ok(()) => HttpResponse::Ok().content_type(sse::CONTENT).finish(),
            Err(reason) => answer::problem(reason),
        };
    }
    match event_stream(&request, &state).await {
        Ok(joined) => HttpResponse::Ok().body(HandedOver { _joined: joined }),
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
        Ok(joined) => HttpResponse::Ok().body(HandedOver { _joined: joined }),
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
    state.admission.ask(&credential).await.map(drop)
}

/// `Last-Event-ID` wins over `?lastEventId=` and that over `?since=`: who comes back sends what they had at first too.
fn place<'a>(request: &'a HttpRequest, query: &'a Query) -> Option<&'a str> {
    let header = request.headers().get("last-event-id");
    let header = header.map(|id| id.to_str().unwrap_or("unreadable"));
    let all = [header, query.last_event_id.as_deref()];
    let later = all.into_iter().flatten().find(|id| !id.is_empty());
    later.or(query.since.as_deref())
}

async fn event_stream(request: &HttpRequest, state: &State) -> Result<Joined, Reason> {
    let query = query(request)?;
    let start = Start::read(place(request, &query));
    let types = query.types.clone().unwrap_or_default();
    let names = types.split(',').filter(|name| !name.is_empty());
    let kinds = Kinds::named(names).map_err(|name| {
        Reason::new(
            Code::Malformed,
            format!("Query: no such event type {name:?}."),
        )
    })?;
    let wants = || Wants::Everything(kinds);
    let head = sse::head(&RequestId::of(request));
    open(request, state, query, Transport::Sse, start, wants, head).await
}

async fn socket_stream(request: &HttpRequest, state: &State) -> Result<Joined, Reason> {
    let key = request.headers().get("sec-websocket-key");
    let accept = ws::hash_key(key.map_or(&[], |key| key.as_bytes()));
    let accept = String::from_utf8_lossy(&accept);
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: {accept}\r\n{REQUEST_ID}: {}\r\n\r\n",
        RequestId::of(request).as_str()
    );
    let query = query(request)?;
    let wants = || Wants::Topics(Topics::default());
    let (transport, start) = (Transport::WebSocket, Start::Now);
    open(request, state, query, transport, start, wants, head.into()).await
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
) -> Result<Joined, Reason> {
    state.hub.door.full().map_err(answer::refusal)?;
    let credential = credential::of(request, &mut query, &state.origins)?;
    let deadline = Instant::now() + OPEN_TIMEOUT;
    let mut followed = state.hub.incarnation();
    let known = timeout_at(deadline, followed.wait_for(Option::is_some)).await;
    if !matches!(known, Ok(Ok(_))) {
        return Err(admit::unavailable("This replica can't read the log yet."));
    }
    loop {
        let admitted = state.admission.ask(&credential).await?;
        let ticket = state.hub.door.enter(admitted.user_id, transport);
        let ticket = ticket.map_err(answer::refusal)?;
        let socket = socket(request)?;
        let shard = state.hub.shard(admitted.user_id);
        let (joined, answer) = oneshot::channel();
        shard.push(Command::Join(Box::new(Join {
            admitted,
            transport,
            wants: wants(),
            start,
            socket,
            head: head.clone(),
            ticket,
            joined,
        })));
        match answer.await {
            Ok(Ok(joined)) => return Ok(joined),
            Ok(Err(Refused::Elsewhere)) if Instant::now() + OPEN_AGAIN < deadline => {
                tokio::time::sleep(OPEN_AGAIN).await;
            }
            Ok(Err(refused)) => return Err(answer::refusal(refused)),
            Err(_) => return Err(answer::refusal(Refused::Draining)),
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

/// The answer whose connection belongs to a lane already. A body shorter than it said makes the
/// server let go of the connection before it has written a byte or shut anything; dropping what is
/// in here then tells the lane that the socket is its own.
struct HandedOver {
    _joined: Joined,
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
