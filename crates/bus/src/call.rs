//! Request and reply: each call has one subject, one reply type, and is always answered.

use std::{future::Future, sync::Arc, time::Duration};

use api::bus::{
    AcquireReply, AcquireRequest, AdmitReply, AdmitRequest, Answer, Fault, InventoryReply,
    InventoryRequest, LogReply, LogRequest, OpenReply, OpenRequest, ReleaseReply, ReleaseRequest,
    RenewReply, RenewRequest, ReportRequest, Verdict,
};
use async_nats::{RequestErrorKind, Subscriber, client::Request};
use bytes::Bytes;
use domain::{Code, HostId};
use futures_util::StreamExt;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    connection::{Bus, Error},
    subject, trace,
};

/// How long a caller waits.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of a request or a reply; what can be larger is a stream.
pub const REPLY_MAX: usize = 256 << 10;
/// How long a stopping service lets the calls under way finish.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// A message that is asked and answered.
pub trait Call: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// What comes back when it was done.
    type Reply: Serialize + DeserializeOwned + Send + 'static;
    /// Whom it is for.
    type To;
    /// Which part of its askers an answerer listens to.
    type From;
    /// Its verb; answerers of one name share the work.
    const NAME: &'static str;
    /// Where it is sent.
    fn subject(to: &Self::To) -> String;
    /// Where an answerer subscribes.
    fn listen(from: &Self::From) -> String;
}

macro_rules! calls {
    ($($call:ty => $reply:ty, $name:literal, $to:ty, $from:ty, |$t:ident| $subject:expr, |$f:ident| $listen:expr;)*) => {$(
        impl Call for $call {
            type Reply = $reply;
            type To = $to;
            type From = $from;
            const NAME: &'static str = $name;
            fn subject($t: &$to) -> String { $subject }
            fn listen($f: &$from) -> String { $listen }
        }
    )*};
}

calls! {
    AcquireRequest => AcquireReply, "acquire", HostId, (), |host| subject::gateway_host(Some(host), "acquire"), |_f| subject::gateway_host(None, "acquire");
    RenewRequest => RenewReply, "renew", HostId, (), |host| subject::gateway_host(Some(host), "renew"), |_f| subject::gateway_host(None, "renew");
    ReportRequest => Verdict, "report", HostId, (), |host| subject::gateway_host(Some(host), "report"), |_f| subject::gateway_host(None, "report");
    ReleaseRequest => ReleaseReply, "release", HostId, (), |host| subject::gateway_host(Some(host), "release"), |_f| subject::gateway_host(None, "release");
    InventoryRequest => InventoryReply, "inventory", HostId, (), |host| subject::gateway_host(Some(host), "inventory"), |_f| subject::gateway_host(None, "inventory");
    AdmitRequest => AdmitReply, "admit", (), (), |_t| subject::gateway_events("admit"), |_f| subject::gateway_events("admit");
    LogRequest => LogReply, "log", (), (), |_t| subject::gateway_events("log"), |_f| subject::gateway_events("log");
    OpenRequest => OpenReply, "open", HostId, HostId, |host| subject::host_open(host), |host| subject::host_open(host);
}

/// Why a call has no reply.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The other side said no.
    #[error("{}", .0.message)]
    Fault(Fault),
    /// Nobody listens there.
    #[error("nobody answers there")]
    NoResponder,
    /// It may have been done or not.
    #[error("no answer within {} s", REQUEST_TIMEOUT.as_secs())]
    TimedOut,
    /// Nothing was sent.
    #[error("the bus is not connected")]
    Disconnected,
    /// Nothing was sent: what can be as large is a stream.
    #[error("the message is larger than {REPLY_MAX} bytes")]
    TooLarge,
    /// The other side is of another version.
    #[error("the answer cannot be read")]
    Unreadable(#[source] serde_json::Error),
}

impl CallError {
    /// The same call may succeed later.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Fault(fault) => fault.retryable,
            Self::NoResponder | Self::TimedOut | Self::Disconnected => true,
            Self::TooLarge | Self::Unreadable(_) => false,
        }
    }
}

/// What an answerer knows of the caller.
#[derive(Debug, Clone)]
pub struct Served {
    /// Whose request it is: taken from the subject, which only that host may use.
    pub host: Option<HostId>,
}

impl Bus {
    /// Asks and waits for the reply.
    ///
    /// # Errors
    /// [`CallError`]; after `TimedOut` the call may have been done.
    pub async fn request<R: Call>(&self, call: &R, to: R::To) -> Result<R::Reply, CallError> {
        if !self.connected() {
            return Err(CallError::Disconnected);
        }
        let payload = serde_json::to_vec(call).map_err(CallError::Unreadable)?;
        if payload.len() > REPLY_MAX {
            return Err(CallError::TooLarge);
        }
        let request = Request::new()
            .payload(payload.into())
            .headers(trace::headers())
            .timeout(Some(REQUEST_TIMEOUT));
        let message = self
            .client
            .send_request(R::subject(&to), request)
            .await
            .map_err(|error| match error.kind() {
                RequestErrorKind::TimedOut => CallError::TimedOut,
                RequestErrorKind::NoResponders => CallError::NoResponder,
                RequestErrorKind::MaxPayloadExceeded => CallError::TooLarge,
                RequestErrorKind::InvalidSubject | RequestErrorKind::Other => {
                    CallError::Disconnected
                }
            })?;
        match serde_json::from_slice(&message.payload).map_err(CallError::Unreadable)? {
            Answer::Ok(reply) => Ok(reply),
            Answer::Fault(fault) => Err(CallError::Fault(fault)),
        }
    }

    /// Answers one kind of call until `stop`, at most `concurrency` at once, sharing the work with
    /// every other process that serves it. Then lets the calls under way finish.
    ///
    /// # Errors
    /// When the subscription cannot be made or ends by itself.
    pub async fn serve<R, F, Fut>(
        &self,
        from: R::From,
        concurrency: usize,
        stop: CancellationToken,
        handler: F,
    ) -> Result<(), Error>
    where
        R: Call,
        F: Fn(R, Served) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R::Reply, Fault>> + Send + 'static,
    {
        let subject = R::listen(&from);
        let subscriber = self
            .client
            .queue_subscribe(subject, R::NAME.to_owned())
            .await
            .map_err(Error::Subscribe)?;
        let tasks = TaskTracker::new();
        let ended = self
            .answer_all::<R, F, Fut>(subscriber, concurrency, &stop, Arc::new(handler), &tasks)
            .await;
        tasks.close();
        if tokio::time::timeout(DRAIN_TIMEOUT, tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(call = R::NAME, "calls still under way at the end");
        }
        self.flush().await;
        ended
    }

    async fn answer_all<R, F, Fut>(
        &self,
        mut subscriber: Subscriber,
        concurrency: usize,
        stop: &CancellationToken,
        handler: Arc<F>,
        tasks: &TaskTracker,
    ) -> Result<(), Error>
    where
        R: Call,
        F: Fn(R, Served) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<R::Reply, Fault>> + Send + 'static,
    {
        let slots = Arc::new(Semaphore::new(concurrency));
        loop {
            let slot = tokio::select! {
                () = stop.cancelled() => break,
                slot = slots.clone().acquire_owned() => slot.map_err(|_| Error::Ended)?,
            };
            let message = tokio::select! {
                () = stop.cancelled() => break,
                message = subscriber.next() => message.ok_or(Error::Ended)?,
            };
            let (bus, handler) = (self.clone(), handler.clone());
            let span = trace::call(R::NAME, message.headers.as_ref());
            tasks.spawn(
                async move {
                    bus.answer::<R, F, Fut>(message, &*handler).await;
                    drop(slot);
                }
                .instrument(span),
            );
        }
        if let Err(error) = subscriber.unsubscribe().await {
            tracing::debug!(%error, "unsubscribe failed");
        }
        Ok(())
    }

    async fn answer<R, F, Fut>(&self, message: async_nats::Message, handler: &F)
    where
        R: Call,
        F: Fn(R, Served) -> Fut,
        Fut: Future<Output = Result<R::Reply, Fault>>,
    {
        let Some(reply_to) = message.reply else {
            return;
        };
        let served = Served {
            host: subject::host_of(&message.subject),
        };
        // The server lets a caller name any subject, and this side may publish on more than the caller may.
        if !subject::is_inbox(&reply_to, subject::calling_host(&message.subject).as_ref()) {
            tracing::warn!(call = R::NAME, subject = %message.subject, "a call wants its answer elsewhere than at its caller's");
            return;
        }
        let answer = match serde_json::from_slice::<R>(&message.payload) {
            Ok(call) => match handler(call, served).await {
                Ok(reply) => Answer::Ok(reply),
                Err(fault) => Answer::Fault(fault),
            },
            Err(error) => Answer::Fault(fault(Code::Malformed, format!("unreadable: {error}"))),
        };
        if let Err(error) = self.client.publish(reply_to, payload(&answer)).await {
            tracing::warn!(%error, call = R::NAME, "an answer could not be sent");
        }
    }
}

fn fault(code: Code, message: String) -> Fault {
    Fault {
        code,
        message,
        retryable: false,
    }
}

/// The answer as bytes; one that cannot be sent becomes a fault that says so.
fn payload<T: Serialize>(answer: &Answer<T>) -> Bytes {
    let refusal = |message: String| {
        serde_json::to_vec(&Answer::<()>::Fault(fault(Code::Internal, message))).unwrap_or_default()
    };
    let bytes = match serde_json::to_vec(answer) {
        Ok(bytes) if bytes.len() <= REPLY_MAX => bytes,
        Ok(bytes) => refusal(format!(
            "the answer has {} bytes, at most {REPLY_MAX} are sent",
            bytes.len()
        )),
        Err(error) => refusal(format!("the answer could not be written: {error}")),
    };
    bytes.into()
}
